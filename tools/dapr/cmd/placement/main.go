// Command placement is Dapr's placement service, built from the version that go.mod pins.
//
// It is put together as upstream does it, except that its health server obeys --healthz-listen-address.
package main

import (
	"context"
	"os"

	"github.com/dapr/dapr/cmd/placement/options"
	"github.com/dapr/dapr/pkg/buildinfo"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/metrics"
	"github.com/dapr/dapr/pkg/modes"
	"github.com/dapr/dapr/pkg/placement"
	"github.com/dapr/dapr/pkg/placement/monitoring"
	"github.com/dapr/dapr/pkg/security"
	"github.com/dapr/kit/concurrency"
	"github.com/dapr/kit/logger"
	"github.com/dapr/kit/signals"

	"flowloom.dev/tools/dapr/internal/health"
)

var log = logger.NewLogger("dapr.placement")

func main() {
	opts, err := options.New(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	if err := logger.ApplyOptionsToLoggers(&opts.Logger); err != nil {
		log.Fatal(err)
	}
	log.Infof("Starting Dapr Placement Service -- version %s", buildinfo.Version())
	if err := run(signals.Context(), opts); err != nil {
		log.Fatal(err)
	}
	log.Info("Placement service shut down gracefully")
}

func run(ctx context.Context, opts *options.Options) error {
	state := healthz.New()
	exporter := metrics.New(metrics.Options{
		Log:           log,
		Enabled:       opts.Metrics.Enabled(),
		Namespace:     metrics.DefaultMetricNamespace,
		Port:          opts.Metrics.Port(),
		Healthz:       state,
		ListenAddress: opts.Metrics.ListenAddress(),
	})
	if err := monitoring.InitMetrics(); err != nil {
		return err
	}
	provider, err := security.New(ctx, security.Options{
		SentryAddress:           opts.SentryAddress,
		ControlPlaneTrustDomain: opts.TrustDomain,
		ControlPlaneNamespace:   security.CurrentNamespace(),
		TrustAnchorsFile:        &opts.TrustAnchorsFile,
		AppID:                   "dapr-placement",
		MTLSEnabled:             opts.TLSEnabled,
		Mode:                    modes.DaprMode(opts.Mode),
		Healthz:                 state,
	})
	if err != nil {
		return err
	}
	return concurrency.NewRunnerManager(
		exporter.Start,
		health.Server(state, opts.HealthzListenAddress, opts.HealthzPort),
		provider.Run,
		func(ctx context.Context) error { return place(ctx, opts, provider, state) },
	).Run(ctx)
}

func place(ctx context.Context, opts *options.Options, provider security.Provider, state healthz.Healthz) error {
	handler, err := provider.Handler(ctx)
	if err != nil {
		return err
	}
	server, err := placement.New(placement.Options{
		NodeID:                    opts.RaftID,
		Port:                      opts.PlacementPort,
		ListenAddress:             opts.PlacementListenAddress,
		Security:                  handler,
		Healthz:                   state,
		KeepAliveTime:             opts.KeepAliveTime,
		KeepAliveTimeout:          opts.KeepAliveTimeout,
		ReplicationFactor:         int64(opts.ReplicationFactor),
		Peers:                     opts.RaftPeers,
		DisseminateTimeout:        opts.DisseminateTimeout,
		DisseminateCoalesceWindow: opts.DisseminateCoalesceWindow,
	})
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

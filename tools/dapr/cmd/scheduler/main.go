// Command scheduler is Dapr's scheduler service, built from the version that go.mod pins.
//
// It is put together as upstream does it for a machine of its own (no Kubernetes), except that its health
// server obeys --healthz-listen-address.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/dapr/dapr/cmd/scheduler/options"
	"github.com/dapr/dapr/pkg/buildinfo"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/metrics"
	"github.com/dapr/dapr/pkg/modes"
	"github.com/dapr/dapr/pkg/scheduler/monitoring"
	"github.com/dapr/dapr/pkg/scheduler/server"
	"github.com/dapr/dapr/pkg/security"
	"github.com/dapr/kit/concurrency"
	"github.com/dapr/kit/logger"
	"github.com/dapr/kit/signals"

	"flowloom.dev/tools/dapr/internal/health"
)

var log = logger.NewLogger("dapr.scheduler")

func main() {
	opts, err := options.New(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	if err := logger.ApplyOptionsToLoggers(&opts.Logger); err != nil {
		log.Fatal(err)
	}
	log.Infof("Starting Dapr Scheduler Service -- version %s", buildinfo.Version())
	if err := run(signals.Context(), opts); err != nil {
		log.Fatalf("Fatal error running scheduler: %v", err)
	}
	log.Info("Scheduler service shut down gracefully")
}

func run(ctx context.Context, opts *options.Options) error {
	if modes.DaprMode(opts.Mode) == modes.KubernetesMode {
		return errors.New("on Kubernetes, run the scheduler of Dapr's own control plane")
	}
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
		TrustAnchorsFile:        opts.TrustAnchorsFile,
		AppID:                   "dapr-scheduler",
		MTLSEnabled:             opts.TLSEnabled,
		Mode:                    modes.DaprMode(opts.Mode),
		Healthz:                 state,
		WriteIdentityToFile:     &opts.IdentityDirectoryWrite,
	})
	if err != nil {
		return err
	}
	return concurrency.NewRunnerManager(
		health.Server(state, opts.HealthzListenAddress, opts.HealthzPort),
		exporter.Start,
		provider.Run,
		func(ctx context.Context) error { return schedule(ctx, opts, provider, state) },
	).Run(ctx)
}

// schedule starts the server anew when it ends by itself, as it does when the cluster's members change.
func schedule(ctx context.Context, opts *options.Options, provider security.Provider, state healthz.Healthz) error {
	handler, err := provider.Handler(ctx)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		scheduler, err := server.New(ctx, serverOptions(opts, handler, state))
		if err != nil {
			return err
		}
		if err := scheduler.Run(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func serverOptions(opts *options.Options, handler security.Handler, state healthz.Healthz) server.Options {
	return server.Options{
		Port:                           opts.Port,
		ListenAddress:                  opts.ListenAddress,
		OverrideBroadcastHostPort:      opts.OverrideBroadcastHostPort,
		Mode:                           modes.DaprMode(opts.Mode),
		Security:                       handler,
		Healthz:                        state,
		KubeConfig:                     opts.KubeConfig,
		EtcdEmbed:                      opts.EtcdEmbed,
		EtcdDataDir:                    opts.EtcdDataDir,
		EtcdName:                       opts.ID,
		EtcdInitialCluster:             opts.EtcdInitialCluster,
		EtcdClientPort:                 opts.EtcdClientPort,
		EtcdClientListenAddress:        opts.EtcdClientListenAddress,
		EtcdSpaceQuota:                 opts.EtcdSpaceQuota,
		EtcdCompactionMode:             opts.EtcdCompactionMode,
		EtcdCompactionRetention:        opts.EtcdCompactionRetention,
		EtcdSnapshotCount:              opts.EtcdSnapshotCount,
		EtcdMaxSnapshots:               opts.EtcdMaxSnapshots,
		EtcdMaxWALs:                    opts.EtcdMaxWALs,
		EtcdBackendBatchLimit:          opts.EtcdBackendBatchLimit,
		EtcdBackendBatchInterval:       opts.EtcdBackendBatchInterval,
		EtcdMaxTxnOps:                  opts.EtcdMaxTxnOps,
		EtcdDefragThresholdMB:          opts.EtcdDefragThresholdMB,
		EtcdInitialElectionTickAdvance: opts.EtcdInitialElectionTickAdvance,
		EtcdMetrics:                    opts.EtcdMetrics,
		EtcdClientEndpoints:            opts.EtcdClientEndpoints,
		EtcdClientUsername:             opts.EtcdClientUsername,
		EtcdClientPassword:             opts.EtcdClientPassword,
		Workers:                        opts.Workers,
	}
}

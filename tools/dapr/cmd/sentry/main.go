// Command sentry is Dapr's certificate authority, built from the version that go.mod pins.
//
// It is put together as upstream does it for a machine of its own (no Kubernetes, no OIDC, no tokens of its
// own), except that its health and metrics servers obey their listen addresses. The issuer's files are read
// once: whoever renews them starts it again.
package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/dapr/dapr/cmd/sentry/options"
	"github.com/dapr/dapr/pkg/buildinfo"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/metrics"
	"github.com/dapr/dapr/pkg/modes"
	"github.com/dapr/dapr/pkg/sentry"
	"github.com/dapr/dapr/pkg/sentry/config"
	"github.com/dapr/dapr/pkg/sentry/monitoring"
	"github.com/dapr/kit/concurrency"
	"github.com/dapr/kit/logger"
	"github.com/dapr/kit/signals"

	"flowloom.dev/tools/dapr/internal/health"
)

var log = logger.NewLogger("dapr.sentry")

func main() {
	opts := options.New(os.Args[1:])
	if err := opts.Validate(); err != nil {
		log.Fatalf("Invalid options: %s", err)
	}
	if err := logger.ApplyOptionsToLoggers(&opts.Logger); err != nil {
		log.Fatal(err)
	}
	log.Infof("Starting Dapr Sentry certificate authority -- version %s", buildinfo.Version())
	if err := run(signals.Context(), opts); err != nil {
		log.Fatal(err)
	}
	log.Info("Sentry shut down gracefully")
}

func run(ctx context.Context, opts *options.Options) error {
	authority, err := configuration(opts)
	if err != nil {
		return err
	}
	if err := monitoring.InitMetrics(); err != nil {
		return err
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
	server, err := sentry.New(ctx, sentry.Options{Config: authority, Healthz: state})
	if err != nil {
		return err
	}
	return concurrency.NewRunnerManager(
		health.Server(state, opts.HealthzListenAddress, opts.HealthzPort),
		exporter.Start,
		server.Start,
	).Run(ctx)
}

func configuration(opts *options.Options) (config.Config, error) {
	if modes.DaprMode(opts.Mode) == modes.KubernetesMode || opts.JWT.Enabled || opts.OIDC.Enabled {
		return config.Config{}, errors.New("this build signs certificates on one machine, nothing else")
	}
	found, err := config.FromConfigName(opts.ConfigName, opts.Mode)
	if err != nil {
		return config.Config{}, err
	}
	found.Port = opts.Port
	found.ListenAddress = opts.ListenAddress
	found.TrustDomain = opts.TrustDomain
	found.Mode = modes.DaprMode(opts.Mode)
	found.RootCertPath = filepath.Join(opts.IssuerCredentialsPath, opts.X509.RootCAFilename)
	found.IssuerCertPath = filepath.Join(opts.IssuerCredentialsPath, opts.X509.IssuerCertFilename)
	found.IssuerKeyPath = filepath.Join(opts.IssuerCredentialsPath, opts.X509.IssuerKeyFilename)
	found.JWT.SigningKeyPath = filepath.Join(opts.IssuerCredentialsPath, config.DefaultJWTSigningKeyFilename)
	found.JWT.JWKSPath = filepath.Join(opts.IssuerCredentialsPath, config.DefaultJWKSFilename)
	found.JWT.TTL = opts.JWT.TTL
	return found, nil
}

// Package health answers /healthz on one address.
//
// The runtime's own health server listens on every address of the machine, whatever
// --healthz-listen-address says; until it obeys, the programs of the control plane are put together here.
package health

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/dapr/dapr/pkg/healthz"
)

const shutdownLimit = 3 * time.Second

// Server returns a runner that answers 200 while every part is well, else 503.
func Server(state healthz.Healthz, address string, port int) func(context.Context) error {
	target := state.AddTarget("healthz-server")
	return func(ctx context.Context) error {
		listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			return err
		}
		server := &http.Server{Handler: handler(state), ReadHeaderTimeout: shutdownLimit}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(listener) }()
		target.Ready()
		defer target.NotReady()
		select {
		case err := <-ended:
			if errors.Is(err, http.ErrServerClosed) {
				return nil
			}
			return err
		case <-ctx.Done():
		}
		limited, cancel := context.WithTimeout(context.Background(), shutdownLimit)
		defer cancel()
		return server.Shutdown(limited)
	}
}

func handler(state healthz.Healthz) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(answer http.ResponseWriter, _ *http.Request) {
		if !state.IsReady() {
			answer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	return mux
}

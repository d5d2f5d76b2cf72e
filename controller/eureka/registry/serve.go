package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Serve runs a registry on listener until ctx ends. It closes the listener.
func Serve(ctx context.Context, listener net.Listener, options Options) error {
	registry := New(options)
	server := &http.Server{Handler: registry, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		<-ctx.Done()
		ending, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer done()
		if server.Shutdown(ending) != nil {
			_ = server.Close() // what runs after 5 s is cut
		}
	})
	running.Go(func() { _ = registry.Run(ctx) }) // it ends with ctx and for no other reason
	err := server.Serve(listener)
	cancel()
	running.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve registry: %w", err)
	}
	return nil
}

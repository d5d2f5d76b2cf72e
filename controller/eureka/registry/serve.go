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

// graceful is how long requests that run may take when the registry ends.
const graceful = 5 * time.Second

// Serve listens on options.Listen and runs a registry there until ctx ends, which is no error.
func Serve(ctx context.Context, options Options) error {
	options = options.withDefaults()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", options.Listen)
	if err != nil {
		return fmt.Errorf("serve registry: %w", err)
	}
	return serve(ctx, listener, options)
}

// serve closes the listener.
func serve(ctx context.Context, listener net.Listener, options Options) error {
	registry := New(options)
	registry.restore(time.Now())
	server := &http.Server{Handler: registry, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The registry outlasts the last request, so that what that changed is kept.
	serving, served := context.WithCancel(context.WithoutCancel(ctx))
	defer served()
	var running sync.WaitGroup
	running.Go(func() {
		<-ctx.Done()
		ending, done := context.WithTimeout(context.WithoutCancel(ctx), graceful)
		defer done()
		if server.Shutdown(ending) != nil {
			_ = server.Close() // what still runs is cut
		}
		served()
	})
	running.Go(func() { _ = registry.Run(serving) }) // it ends with serving and for no other reason
	err := server.Serve(listener)
	cancel()
	running.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve registry: %w", err)
	}
	return nil
}

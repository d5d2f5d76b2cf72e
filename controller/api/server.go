package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long calls that are neither streams nor done get to finish after the end of Serve's ctx.
const grace = 10 * time.Second

// Serve answers for service on listener (Listen makes one) until ctx ends. Then streams are ended at once, other calls
// get 10 s to finish, and Serve returns when the last handler has. It closes the listener.
func Serve(ctx context.Context, listener net.Listener, service Service) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	h := &handler{service: service, ending: ctx}
	server := &http.Server{
		Handler:           h.routes(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		BaseContext:       func(net.Listener) context.Context { return base },
		ConnContext:       withPeer,
	}
	stopped := make(chan struct{})
	var stopping sync.WaitGroup
	stopping.Go(func() {
		select {
		case <-ctx.Done():
		case <-stopped:
		}
		ending, done := context.WithTimeout(base, grace)
		defer done()
		if server.Shutdown(ending) != nil {
			cut()
			_ = server.Close() // what runs after the grace is cut
		}
	})
	err := server.Serve(listener)
	close(stopped)
	stopping.Wait()
	h.running.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve API: %w", err)
	}
	return nil
}

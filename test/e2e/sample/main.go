package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(log.Ltime)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends, then lets what runs finish.
func run(ctx context.Context) error {
	faults, err := faultsFromEnvironment(os.Getenv)
	if err != nil {
		return fmt.Errorf("read environment: %w", err)
	}
	hostname, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("read host name: %w", err)
	}
	service := NewService(Identity{
		Service:  cmp.Or(os.Getenv("SERVICE"), "sample"),
		Version:  cmp.Or(os.Getenv("VERSION"), "0"),
		Instance: cmp.Or(os.Getenv("INSTANCE"), hostname),
	}, faults)
	log.Printf("%s %s starts", service.identity.Service, service.identity.Version)
	if faults.CrashAtStart {
		log.Print("loading configuration")
		return errors.New("CRASH_AT_START: cannot open /etc/app/license.key")
	}

	eureka, err := eurekaFromEnvironment(os.Getenv, service.identity)
	if err != nil {
		return fmt.Errorf("read Eureka's settings: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	if eureka != nil {
		running.Go(func() { eureka.Run(ctx, service.Stopped()) })
	}
	running.Go(func() { service.crashInTime(ctx) })
	return listenAndServe(ctx, service, cmp.Or(os.Getenv("PORT"), "8080"))
}

func listenAndServe(ctx context.Context, service *Service, port string) error {
	defer close(service.stopped)
	select {
	case <-time.After(time.Duration(service.faults.Load().StartDelay)):
	case <-ctx.Done():
		return nil
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	log.Printf("listens on %s", port)
	server := &http.Server{Handler: service, ReadHeaderTimeout: 30 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Print("SIGTERM: finishing what runs")
	ending, done := context.WithTimeout(context.WithoutCancel(ctx), 40*time.Second)
	defer done()
	service.sockets.CloseAll()
	if err := server.Shutdown(ending); err != nil {
		return fmt.Errorf("finish what runs: %w", err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	service.sockets.Wait()
	log.Print("done")
	return nil
}

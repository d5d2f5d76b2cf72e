package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/notify"
)

// flushTime is how long run --once waits at its end for notifications that are not sent yet.
const flushTime = 15 * time.Second

// couriers are those of the receivers in the file of --sources.
type couriers []*notify.Courier

// couriers makes them. It starts nothing.
func (c *cli) couriers(entries []notificationEntry, a *assembly) (couriers, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("find this machine's name: %w", err)
	}
	var made couriers
	for _, entry := range entries {
		target, _ := entry.target() // it was checked
		key := "Notifications/" + entry.Name
		remembered, err := a.store.Get(key)
		if err != nil {
			return nil, err
		}
		one, err := notify.NewCourier(target, notify.Options{
			Watcher: a.controller, Remembered: remembered, Host: host, Agent: "segue/" + release(),
			Keep: func(value []byte) error { return a.store.Put(key, value) },
			Note: func(warning bool, reason, message string) {
				a.controller.NoteNotification(entry.Name, warning, reason, message)
			},
			Log: c.logger(true).WithName("notify").WithValues("receiver", entry.Name),
		})
		if err != nil {
			return nil, err
		}
		made = append(made, one)
	}
	return made, nil
}

// run lets all of them work until ctx ends, and returns when they have ended.
func (all couriers) run(ctx context.Context) error {
	var group sync.WaitGroup
	errs := make([]error, len(all))
	for i, one := range all {
		group.Go(func() { errs[i] = part("notify "+one.Name(), one.Run(ctx)) })
	}
	<-ctx.Done()
	group.Wait()
	return errors.Join(errs...)
}

// flush has them tell what now is, and gives them a little time for what is not sent yet. What is left is kept for the
// next start, and told to the person: it says nothing about what was rolled out.
func (c *cli) flush(ctx context.Context, all couriers, service api.Service) {
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	for _, query := range []api.Query{{}, {Kind: api.KindSource}} {
		list, err := service.List(ctx, query)
		if err != nil {
			fmt.Fprintf(c.err, "warning: notify: %v\n", err)
		}
		for _, status := range list.Items {
			for _, one := range all {
				one.See(status)
			}
		}
	}
	for _, one := range all {
		if err := one.Flush(ctx); err != nil {
			fmt.Fprintf(c.err, "warning: notify %s: %v; they are kept for the next start\n", one.Name(), err)
		}
	}
}

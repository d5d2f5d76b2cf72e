package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// play plays the first deployment, then the others under load. The table holds what was played, also on an error.
func play(ctx context.Context, s *stage) (table, error) {
	var result table
	view := newView(s)
	begin := time.Now()
	err := view.during(ctx, "first deployment: orders 1 and shop 1", nil, func(ctx context.Context) error { return first(ctx, s) })
	result.rows = append(result.rows, row{title: "first deployment", took: time.Since(begin)})
	if err != nil {
		return result, fmt.Errorf("first deployment: %w", err)
	}
	jobs, err := s.jobs(ctx)
	if err != nil {
		return result, err
	}
	generator, err := load.New(load.Options{Jobs: jobs, Allowed: testbed.Nets, Limit: 5 * time.Minute})
	if err != nil {
		return result, err
	}
	loading, enough := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { generator.Run(loading) })
	failed := playScenes(ctx, s, view, generator, &result)
	if !testbed.Pause(ctx, time.Second) {
		failed = errors.Join(failed, ctx.Err())
	}
	enough()
	running.Wait()
	result.rows = append(result.rows, row{title: "what still ran at the end", report: generator.Lap()})
	return result, failed
}

func playScenes(ctx context.Context, s *stage, view *view, generator *load.Generator, result *table) error {
	for _, scene := range scenes {
		begin := time.Now()
		err := view.during(ctx, scene.title, generator, func(ctx context.Context) error { return scene.play(ctx, s) })
		result.rows = append(result.rows, row{title: scene.title, report: generator.Lap(), took: time.Since(begin)})
		if err != nil {
			return fmt.Errorf("%s: %w", scene.title, err)
		}
	}
	return nil
}

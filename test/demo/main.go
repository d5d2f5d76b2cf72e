package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run sets the stage, plays every scene under load, prints the table and tidies up.
func run(ctx context.Context) (err error) {
	ctx, done := context.WithTimeout(ctx, 5*time.Minute)
	defer done()
	stage, err := newStage(ctx)
	if err != nil {
		return fmt.Errorf("set the stage: %w", err)
	}
	defer func() {
		if closed := stage.close(context.WithoutCancel(ctx)); err == nil {
			err = closed
		}
	}()
	table, err := play(ctx, stage)
	fmt.Print(table)
	if err != nil {
		return err
	}
	if lost := table.lost(); lost > 0 {
		return fmt.Errorf("%d requests failed", lost)
	}
	return nil
}

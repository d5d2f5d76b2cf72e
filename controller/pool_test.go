package controller

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/spec"
)

// TestNobodyWaitsForADriverThatWasReplaced: a driver that is no longer run never answers.
func TestNobodyWaitsForADriverThatWasReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(
			func(s string) (string, error) { return s, nil },
			func(ctx context.Context, _ spec.Name, _ string) error { <-ctx.Done(); return ctx.Err() },
			func(ctx context.Context, _ string, _ time.Time) (int, time.Time, error) {
				<-ctx.Done()
				return 0, time.Time{}, context.Cause(ctx)
			},
			logr.Discard(),
		)
		name := spec.ParseName("edge")
		replace := map[string]func(){
			"another spec": func() { p.want(name, "b") },
			"a deletion":   func() { p.drop(name) },
		}
		for why, change := range replace {
			p.want(name, "a")
			one := p.get(name)
			begin := time.Now()
			time.AfterFunc(time.Second, change)
			_, _, err := one.view.get(t.Context(), time.Time{}, time.Minute)
			if !errors.Is(err, errReplaced) || time.Since(begin) != time.Second {
				t.Errorf("%s: waited %s, %v", why, time.Since(begin), err)
			}
		}
	})
}

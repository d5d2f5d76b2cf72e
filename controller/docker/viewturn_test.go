package docker

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// What is read while the event stream goes, comes, or the view is otherwise begun anew is all that is there, or an error:
// never less.
func TestWhatIsReadWhileTheViewTurnsIsWhole(t *testing.T) {
	turns := map[string]func(*view){
		"the stream goes":            func(v *view) { v.disconnect() },
		"the stream goes and comes":  func(v *view) { v.disconnect(); v.connect(time.Now()) },
		"an event could not be read": func(v *view) { v.invalidate() },
		"a container is adopted":     func(v *view) { v.adopt(map[string]string{"by-hand": "payments"}) },
	}
	reads := map[string]func(*Runtime, time.Time) ([]reconcile.Container, time.Time, error){
		"all": func(r *Runtime, began time.Time) ([]reconcile.Container, time.Time, error) {
			return r.Containers(context.Background(), began)
		},
		"one Deployment": func(r *Runtime, began time.Time) ([]reconcile.Container, time.Time, error) {
			return r.ContainersOf(context.Background(), "orders", began)
		},
	}
	for what, turn := range turns {
		for which, read := range reads {
			t.Run(which+", "+what, func(t *testing.T) {
				engine, r := newStubEngine(t, 3)
				engine.follow(t, r)
				engine.mu.Lock()
				engine.slow, engine.asking = make(chan struct{}), make(chan struct{}, 10)
				slow, asking := engine.slow, engine.asking
				engine.mu.Unlock()
				go func() {
					<-asking // what is kept from before is chosen when the list is there
					turn(r.view)
					close(slow)
				}()
				began := time.Now()
				all, at, err := read(r, began)
				if err != nil || len(all) != 3 || at.Before(began) {
					t.Errorf("%d of 3, as of %s, %v", len(all), at, err)
				}
				for _, c := range all {
					if c.Name == "" || c.State != reconcile.ContainerRunning {
						t.Errorf("read %+v", c)
					}
				}
				if _, at, err = read(r, at.Add(-time.Hour)); err != nil || !at.After(began) {
					t.Errorf("answered as of %s from a read before the turn, %v", at, err)
				}
			})
		}
	}
}

// The same, at any moment: an engine that comes and goes never makes a service look as if nothing of it ran.
func TestReadsAreWholeWhileTheViewTurnsAgainAndAgain(t *testing.T) {
	engine, r := newStubEngine(t, 3)
	engine.follow(t, r)
	ctx, stop := context.WithCancel(context.Background())
	var turning sync.WaitGroup
	turning.Go(func() {
		for ctx.Err() == nil {
			r.view.disconnect()
			r.view.connect(time.Now())
			r.view.invalidate()
		}
	})
	for range 100 {
		if all, _, err := r.Containers(ctx, time.Now()); err != nil || len(all) != 3 {
			t.Errorf("%d of all 3, %v", len(all), err)
		}
		if all, _, err := r.ContainersOf(ctx, "orders", time.Now()); err != nil || len(all) != 3 {
			t.Errorf("%d of the Deployment's 3, %v", len(all), err)
		}
	}
	stop()
	turning.Wait()
}

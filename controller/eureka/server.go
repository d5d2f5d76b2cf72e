package eureka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// mostWrites is how many writes bring any lease to any wish: force, lighten and one that a peer's copy undid.
const mostWrites = 4

// server writes to one server. All that it writes is decided by a lease that was read a moment before, in a turn that
// nobody else has meanwhile.
type server struct {
	client *Client
	wishes *wishes
	pulse  *pulse
	turns  turns
}

// converge writes until the lease is what is wanted of it, in the application where it is. It reads first.
func (s *server) converge(ctx context.Context, app, id string, why occasion) error {
	end, err := s.turns.take(ctx, id)
	if err != nil {
		return fmt.Errorf("wait for the turn of %s: %w", id, err)
	}
	defer end()
	for range mostWrites {
		w, wanted := s.wishes.get(id)
		if !wanted {
			return nil
		}
		lease, found, err := s.client.Instance(ctx, app, id)
		if err != nil {
			return err
		}
		next, err := w.verdict(lease, found, why)
		if err != nil {
			return fmt.Errorf("eureka %s: %w", s.client.Base(), err)
		}
		if next == nothing {
			return nil
		}
		if err := s.write(ctx, next, app, w, lease); err != nil {
			return err
		}
		if why == refused || why == restarted {
			why = polled
		}
	}
	return fmt.Errorf("eureka %s: lease %s does not become what was written", s.client.Base(), id)
}

// write does one write. A lease that is gone meanwhile is seen by the next read.
func (s *server) write(ctx context.Context, next write, app string, w wish, lease Instance) error {
	id := w.order.ID
	var err error
	switch next {
	case plant:
		err = s.client.Register(ctx, w.seed())
	case darken:
		_, err = s.client.Override(ctx, app, id, reconcile.LeaseOutOfService)
	case lighten:
		_, err = s.client.ClearOverride(ctx, app, id, reconcile.LeaseUp)
	case force:
		_, err = s.client.Override(ctx, app, id, reconcile.LeaseUp)
	case enter:
		stamped, wanted := s.wishes.stamp(id, lease.LastDirty, time.Now())
		if wanted {
			err = s.client.Register(ctx, stamped.entry())
		}
	}
	return err
}

// beat renews a lease, or registers it anew where the server wants that. Seeds have no timestamp that counts.
func (s *server) beat(ctx context.Context, lease Instance) error {
	dirty := int64(0)
	if w, wanted := s.wishes.get(lease.ID); wanted && w.order.Managed {
		dirty = w.dirty
	}
	known, err := s.client.Heartbeat(ctx, lease.App, lease.ID, dirty)
	if err != nil || known {
		return err
	}
	return s.converge(ctx, lease.App, lease.ID, refused)
}

// remove deletes the lease in each of the applications.
func (s *server) remove(ctx context.Context, id string, apps ...string) error {
	end, err := s.turns.take(ctx, id)
	if err != nil {
		return fmt.Errorf("wait for the turn of %s: %w", id, err)
	}
	defer end()
	var errs []error
	for n, app := range apps {
		if app == "" || n > 0 && app == apps[0] {
			continue
		}
		_, err := s.client.Cancel(ctx, app, id)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

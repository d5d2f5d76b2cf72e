package controller

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// Steer reads sources now, suspends or resumes them.
func (c *Controller) Steer(ctx context.Context, order api.SourceOrder) (api.SourceResult, error) {
	if err := c.writable(); err != nil {
		return api.SourceResult{}, err
	}
	names, err := c.sources.named(order.Name)
	if err != nil {
		return api.SourceResult{}, err
	}
	var result api.SourceResult
	for _, name := range names {
		told, err := c.steer(ctx, name, order)
		if err != nil {
			return result, err
		}
		result.Items = append(result.Items, told)
	}
	return result, nil
}

func (c *Controller) steer(ctx context.Context, name string, order api.SourceOrder) (api.SteeredSource, error) {
	told := api.SteeredSource{Name: name}
	switch order.Verb {
	case api.Suspend:
		told.Result = api.SourceSuspended
		return told, c.suspend(name, order.By, true)
	case api.ResumeSource:
		if err := c.suspend(name, order.By, false); err != nil {
			return told, err
		}
		told.Result = api.SourceResumed
		if !c.sources.follows(name) {
			return told, nil
		}
		read, err := c.sources.now(ctx, name, false)
		told.Note = read.Note
		return told, err
	case api.RetrySource:
		if err := c.forgiveCommit(name); err != nil {
			return told, err
		}
		return c.sources.now(ctx, name, false)
	case api.Reconcile:
		return c.sources.now(ctx, name, false)
	case api.AcceptRewrite:
		return c.sources.now(ctx, name, true)
	default:
		return told, refuse(api.Invalid, fmt.Sprintf("%q is not a verb", order.Verb))
	}
}

// suspend keeps what a source says from being applied, or lets it be applied again.
func (c *Controller) suspend(name, by string, on bool) error {
	c.objects.writing.Lock()
	err := c.objects.keepSource(name, func(r *sourceRecord) {
		if r.Suspended == on {
			return
		}
		r.Suspended, r.SuspendedBy, r.SuspendedAt = on, "", time.Time{}
		if on {
			r.SuspendedBy, r.SuspendedAt = by, time.Now()
		}
	})
	c.objects.writing.Unlock()
	if err != nil {
		return err
	}
	reason, message := "Suspended", "nothing of it is applied, and its objects may be changed by hand, until segue resume"
	if !on {
		reason, message = "Resumed", "what it says is applied again"
	}
	c.journal.note(sourceKey(name), normal, reason, message, by)
	c.sources.mark(name)
	return nil
}

// forgiveCommit lets a commit be tried again that went back.
func (c *Controller) forgiveCommit(name string) error {
	c.objects.writing.Lock()
	defer c.objects.writing.Unlock()
	return c.objects.keepSource(name, func(r *sourceRecord) { r.WentBack = nil })
}

func (s *sources) follows(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byName[name] != nil
}

// now has a source read, and waits for what becomes of that.
func (s *sources) now(ctx context.Context, name string, rewritten bool) (api.SteeredSource, error) {
	waiting := make(chan api.SteeredSource, 1)
	s.mu.Lock()
	f := s.byName[name]
	if f == nil {
		s.mu.Unlock()
		return api.SteeredSource{}, refuse(api.Invalid, name+" is not followed by this segue run; start it with --git, --manifests or --sources that names it")
	}
	prompt, ok := f.source.(Prompt)
	if ok {
		f.asked = append(f.asked, waiting)
	}
	s.mu.Unlock()
	if !ok {
		return api.SteeredSource{}, refuse(api.Invalid, name+" cannot be asked to be read now")
	}
	prompt.Now(rewritten)
	select {
	case told := <-waiting:
		return told, nil
	case <-ctx.Done():
		return api.SteeredSource{}, ctx.Err()
	}
}

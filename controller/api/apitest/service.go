// Package apitest has the one fake of api.Service, for the tests of the server, the client and the command.
package apitest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// Service answers what it was told to, notes what it was asked, and tells watchers what is published. The zero
// Service knows nothing.
type Service struct {
	mu       sync.Mutex
	statuses []api.Status
	events   []api.Event
	asked    []any
	// moved is closed and replaced at each change.
	moved chan struct{}

	// These are set before the first call.
	Planned api.PlanResult
	Steered api.SourceResult
	Log     string
	// Err is the answer to every change and every log.
	Err error
	// OnChange is called after each Apply, Delete and Intend.
	OnChange func(request any)
}

var _ api.Service = (*Service)(nil)

// Publish replaces an object's status.
func (s *Service) Publish(status api.Status) {
	s.change(func() {
		s.statuses = slices.DeleteFunc(s.statuses, func(old api.Status) bool { return old.Kind == status.Kind && old.Name == status.Name })
		s.statuses = append(s.statuses, status)
		slices.SortFunc(s.statuses, func(a, b api.Status) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name.Namespace, b.Name.Namespace), cmp.Compare(a.Name.Name, b.Name.Name))
		})
	})
}

// Forget removes an object.
func (s *Service) Forget(kind string, name spec.Name) {
	s.change(func() {
		s.statuses = slices.DeleteFunc(s.statuses, func(old api.Status) bool { return old.Kind == kind && old.Name == name })
	})
}

// Happen adds an event.
func (s *Service) Happen(event api.Event) {
	s.change(func() {
		event.Seq = int64(len(s.events) + 1)
		s.events = append(s.events, event)
	})
}

// Asked are the requests so far that change something, and the log queries.
func (s *Service) Asked() []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *Service) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	if s.moved != nil {
		close(s.moved)
		s.moved = nil
	}
}

func (s *Service) note(request any) {
	s.change(func() { s.asked = append(s.asked, request) })
	if s.OnChange != nil {
		s.OnChange(request)
	}
}

// List gives the published statuses that match.
func (s *Service) List(_ context.Context, query api.Query) (api.List, error) {
	selector, err := api.ParseSelector(query.Selector)
	if err != nil {
		return api.List{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var list api.List
	for _, status := range s.statuses {
		if query.Selects(status.Kind, status.Name) && selector.Matches(status.Manifest.Labels()) {
			list.Items = append(list.Items, status)
		}
	}
	return list, nil
}

// Watch tells each status once, and again when it was published anew.
func (s *Service) Watch(ctx context.Context, query api.Query, each func(api.Status) error) error {
	told := map[string]string{}
	for {
		moved := s.next()
		list, err := s.List(ctx, query)
		if err != nil {
			return err
		}
		for _, status := range list.Items {
			key, text := status.Kind+"/"+status.Name.String(), fmt.Sprintf("%+v %+v", status, status.Deployment)
			if told[key] == text {
				continue
			}
			told[key] = text
			if err := each(status); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

func (s *Service) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.moved == nil {
		s.moved = make(chan struct{})
	}
	return s.moved
}

// Apply says "configured" of every manifest, or Err.
func (s *Service) Apply(_ context.Context, request api.ApplyRequest) (api.ApplyResult, error) {
	if s.Err != nil {
		return api.ApplyResult{}, s.Err
	}
	s.note(request)
	var result api.ApplyResult
	for _, m := range request.Manifests {
		result.Items = append(result.Items, api.Applied{Kind: m.Kind(), Name: m.Name(), Result: "configured", Generation: 2})
	}
	return result, nil
}

// Plan gives Planned, or Err.
func (s *Service) Plan(context.Context, api.ApplyRequest) (api.PlanResult, error) {
	return s.Planned, s.Err
}

// Delete says "deleted", or Err.
func (s *Service) Delete(_ context.Context, request api.DeleteRequest) (api.ApplyResult, error) {
	if s.Err != nil {
		return api.ApplyResult{}, s.Err
	}
	s.note(request)
	return api.ApplyResult{Items: []api.Applied{{Kind: request.Kind, Name: request.Name, Result: "deleted"}}}, nil
}

// Intend says what was asked, or Err.
func (s *Service) Intend(_ context.Context, intent api.Intent) (api.ApplyResult, error) {
	if s.Err != nil {
		return api.ApplyResult{}, s.Err
	}
	s.note(intent)
	return api.ApplyResult{Items: []api.Applied{{Kind: spec.KindDeployment, Name: intent.Name, Result: intent.Verb, Generation: 2}}}, nil
}

// Steer notes the order.
func (s *Service) Steer(_ context.Context, order api.SourceOrder) (api.SourceResult, error) {
	if s.Err != nil {
		return api.SourceResult{}, s.Err
	}
	s.note(order)
	return s.Steered, nil
}

// Events gives those that happened; with Follow also those that will.
func (s *Service) Events(ctx context.Context, query api.EventQuery, each func(api.Event) error) error {
	told := 0
	for {
		moved := s.next()
		s.mu.Lock()
		fresh := slices.Clone(s.events[told:])
		s.mu.Unlock()
		told += len(fresh)
		for _, event := range fresh {
			of := api.Query{Kind: query.Kind, Namespace: query.Namespace, Name: query.Name}
			if of.Selects(event.Kind, event.Name) {
				if err := each(event); err != nil {
					return err
				}
			}
		}
		if !query.Follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

// Logs copies Log, then gives Err; with Follow it waits for the end of ctx.
func (s *Service) Logs(ctx context.Context, query api.LogQuery, to io.Writer) error {
	s.note(query)
	if s.Log != "" {
		if _, err := io.WriteString(to, s.Log); err != nil {
			return err
		}
	}
	if query.Follow {
		<-ctx.Done()
	}
	return s.Err
}

// Version is that of a fake.
func (s *Service) Version(context.Context) (api.Version, error) {
	return api.Version{Version: "fake", Owner: "owner", PID: 42}, nil
}

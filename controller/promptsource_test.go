package controller_test

import (
	"strings"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// promptSource is a source that can be asked to read now: it hands over what is next.
type promptSource struct {
	*source
	next      func(rewritten bool) controller.Reading
	rewritten []bool
}

func (p *promptSource) Now(rewritten bool) {
	p.rewritten = append(p.rewritten, rewritten)
	go func() {
		reading := p.next(rewritten)
		reading.Asked = true
		p.readings <- reading
	}()
}

func (p *promptSource) From() string { return "https://git.shop/deploy.git, branch main" }

// commit is a reading of a commit.
func commit(hash, message string, manifests ...spec.Manifest) controller.Reading {
	return controller.Reading{
		Commit:    &controller.Commit{Hash: hash + "000000", Author: "Ann", Message: message, Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
		Manifests: manifests,
	}
}

func (s *stage) followRepository(policy controller.Policy) *promptSource {
	repo := &promptSource{source: newSource("git:shop")}
	s.options = func(o *controller.Options) {
		o.Sources, o.Policies = []controller.Source{repo}, map[string]controller.Policy{"git:shop": policy}
	}
	s.begin()
	return repo
}

// source is how a source is.
func (s *stage) source(name string) *api.SourceStatus {
	s.t.Helper()
	list, err := s.c.List(s.t.Context(), api.Query{Kind: api.KindSource, Name: name})
	if err != nil || len(list.Items) != 1 {
		s.t.Fatalf("list source %s: %v, %v", name, list, err)
	}
	return list.Items[0].Source
}

// expectSource wants READY, the reason and the commit that holds, and words in the message.
func (s *stage) expectSource(want string, words ...string) {
	s.t.Helper()
	status := s.source("git:shop")
	ready := status.Conditions[0]
	got := ready.Status + " " + ready.Reason
	if status.Applied != nil {
		got += " " + status.Applied.Message
	}
	if got != want {
		s.t.Errorf("source is %q, want %q: %s", got, want, ready.Message)
	}
	for _, word := range words {
		if !strings.Contains(ready.Message, word) {
			s.t.Errorf("source says %q, want %q", ready.Message, word)
		}
	}
}

func (s *stage) objectStates() string {
	s.t.Helper()
	var words []string
	for _, o := range s.source("git:shop").Objects {
		words = append(words, o.Name.Name+" "+o.State)
	}
	return strings.Join(words, ", ")
}

func (s *stage) steer(verb string) (api.SteeredSource, error) {
	result, err := s.c.Steer(s.t.Context(), api.SourceOrder{Verb: verb, Name: "shop", By: "bob"})
	if err != nil || len(result.Items) != 1 {
		return api.SteeredSource{}, err
	}
	return result.Items[0], nil
}

func shopFiles(orders, stock string) []spec.Manifest {
	return []spec.Manifest{
		from(nginx("edge"), "edge.yaml:1"), from(service("orders", orders, 1), "orders.yaml:1"), from(service("stock", stock, 1), "stock.yaml:1"),
	}
}

package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// deployment is a status of orders at a generation, as it is published.
func deployment(generation int64, phase string, change ...func(*api.Status)) api.Status {
	s := api.Status{
		Kind: spec.KindDeployment, Name: spec.ParseName("orders"), Owner: "git:shop", Generation: generation, CreatedAt: epoch, By: "Ann", Commit: "c0ffee1",
		Deployment: &api.DeploymentStatus{
			ObservedGeneration: generation, Phase: phase, Reason: "it is " + phase, Hash: "h" + string(rune('0'+generation)), Settled: phase == "Converged",
			Revision: int(generation), Image: "orders:2",
			History: []api.History{{Revision: 1, Hash: "h0", Image: "orders:1", Result: "accepted"}, {Revision: 2, Hash: "h9", Image: "orders:bad", Result: "rejected"}},
		},
	}
	for _, one := range change {
		one(&s)
	}
	return s
}

func held(s *api.Status)      { s.Deployment.Rejected = &api.Rejected{Hash: s.Deployment.Hash} }
func pinned(s *api.Status)    { s.Deployment.Pinned = "abort" }
func unsettled(s *api.Status) { s.Deployment.Settled = false }
func unseen(s *api.Status)    { s.Deployment.ObservedGeneration-- }
func deleting(s *api.Status)  { s.Deleting = true }
func recreated(s *api.Status) { s.CreatedAt = epoch.Add(time.Hour) }
func scaled(s *api.Status) {
	s.Generation, s.Deployment.ObservedGeneration = s.Generation+10, s.Deployment.ObservedGeneration+10
}
func drifted(s *api.Status) {
	s.Deployment.Conditions = []api.Condition{{Type: api.ConditionDrift, Status: "True", Message: "container orders-1: -running +removed"}}
}

// source is a status of git:shop.
func source(reason, applied, seen string) api.Status {
	s := &api.SourceStatus{CheckedAt: epoch, Conditions: []api.Condition{{Type: api.ConditionReady, Reason: reason, Message: "it is " + reason}}}
	if applied != "" {
		s.AppliedAt = epoch
		s.Applied = &api.Commit{Hash: applied, Author: "Ann", Message: "Release"}
	}
	if seen != "" {
		s.Seen = &api.Commit{Hash: seen, Author: "Bob", Message: "Break"}
	}
	return api.Status{Kind: api.KindSource, Name: spec.Name{Name: "git:shop"}, Owner: "git:shop", Source: s}
}

func unread(s api.Status) api.Status { s.Source.CheckedAt = time.Time{}; return s }

// TestEachTransitionIsToldOnce plays what is published and lists what is told.
func TestEachTransitionIsToldOnce(t *testing.T) {
	d := deployment
	for name, story := range map[string]struct {
		seen []api.Status
		want string
	}{
		"a rollout and the resyncs after it": {[]api.Status{d(1, "Progressing", unseen), d(1, "Progressing"), d(1, "Progressing"), d(1, "Converged", unsettled),
			d(1, "Converged"), d(1, "Converged"), d(2, "Progressing"), d(2, "Converged")}, "RolloutStarted Converged RolloutStarted Converged"},
		"healing is no rollout": {[]api.Status{d(1, "Progressing"), d(1, "Converged"), d(1, "Progressing"), d(1, "Converged")}, "RolloutStarted Converged"},
		"a promotion": {[]api.Status{d(1, "Progressing"), d(1, "WaitingForPromotion"), d(1, "Progressing"), d(1, "WaitingForPromotion"), d(1, "Progressing"),
			d(1, "Converged")}, "RolloutStarted WaitingForPromotion Converged"},
		"a failure, and the healing of what it went back to": {[]api.Status{d(1, "Progressing"), d(1, "Progressing", held), d(1, "RolledBack", held),
			d(1, "Progressing", held), d(1, "RolledBack", held)}, "RolloutStarted RolledBack"},
		"a failure that is tried again": {[]api.Status{d(1, "Progressing"), d(1, "RolledBack", held), d(1, "Progressing"), d(1, "RolledBack", held)},
			"RolloutStarted RolledBack RolloutStarted RolledBack"},
		"an abort":           {[]api.Status{d(1, "Progressing"), d(1, "RolledBack", pinned), d(1, "Progressing", pinned), d(1, "RolledBack", pinned)}, "RolloutStarted RolledBack"},
		"no way back":        {[]api.Status{d(1, "Progressing"), d(1, "Failed", held), d(1, "Failed", held)}, "RolloutStarted Failed"},
		"a change of scale":  {[]api.Status{d(1, "Progressing"), d(1, "Converged"), d(1, "Progressing", scaled), d(1, "Converged", scaled)}, "RolloutStarted Converged RolloutStarted Converged"},
		"a pause":            {[]api.Status{d(1, "Progressing"), d(1, "Paused"), d(1, "Progressing"), d(1, "Converged")}, "RolloutStarted Converged"},
		"an engine away":     {[]api.Status{d(1, "Progressing"), d(1, "Converged"), d(1, "Blocked"), d(1, "Progressing"), d(1, "Converged")}, "RolloutStarted Converged Blocked Converged"},
		"drift":              {[]api.Status{d(1, "Progressing"), d(1, "Converged"), d(1, "Progressing", drifted), d(1, "Progressing", drifted), d(1, "Converged")}, "RolloutStarted Converged DriftFound DriftHealed"},
		"an end":             {[]api.Status{d(1, "Progressing"), d(1, "Converged"), d(2, "Deleting", deleting), d(2, "Gone", deleting)}, "RolloutStarted Converged Deleted"},
		"an end and a start": {[]api.Status{d(1, "Converged"), d(2, "Gone", deleting), d(1, "Progressing", recreated), d(1, "Converged", recreated)}, "Converged Deleted RolloutStarted Converged"},
		"a commit": {[]api.Status{source(api.ReasonProgressing, "a", "a"), source(api.ReasonApplied, "a", "a"), source(api.ReasonProgressing, "a", "a"),
			source(api.ReasonApplied, "a", "a"), source(api.ReasonProgressing, "b", "b"), source(api.ReasonApplied, "b", "b")},
			"CommitApplied CommitConverged CommitApplied CommitConverged"},
		"a commit that changes nothing": {[]api.Status{source(api.ReasonApplied, "a", "a"), source(api.ReasonApplied, "b", "b")}, "CommitConverged CommitConverged"},
		"a refused commit": {[]api.Status{source(api.ReasonApplied, "a", "a"), source(api.ReasonRefused, "a", "b"), source(api.ReasonRefused, "a", "b"),
			source(api.ReasonRefused, "a", "c"), source(api.ReasonApplied, "d", "d")}, "CommitConverged SourceRefused SourceRefused CommitConverged"},
		"a failed commit, also over a restart": {[]api.Status{source(api.ReasonProgressing, "a", "a"), source(api.ReasonFailed, "a", "a"), unread(source(api.ReasonProgressing, "a", "a")),
			source(api.ReasonProgressing, "a", "a"), source(api.ReasonFailed, "a", "a")}, "CommitApplied CommitFailed"},
		"a commit that went back": {[]api.Status{source(api.ReasonApplied, "a", "a"), source(api.ReasonProgressing, "b", "b"), source(api.ReasonFailed, "b", "b"),
			source(api.ReasonWentBack, "a", "b"), source(api.ReasonWentBack, "a", "b")}, "CommitConverged CommitApplied CommitFailed CommitWentBack"},
		"a server away":                  {[]api.Status{source(api.ReasonApplied, "a", "a"), source(api.ReasonUnreadable, "a", "a"), source(api.ReasonMissing, "a", "a"), source(api.ReasonApplied, "a", "a")}, "CommitConverged SourceUnreadable CommitConverged"},
		"a directory with a bad file":    {[]api.Status{source(api.ReasonApplied, "", ""), source(api.ReasonProgressing, "", ""), source(api.ReasonRefused, "", ""), source(api.ReasonApplied, "", "")}, "SourceRefused CommitConverged"},
		"a suspended source":             {[]api.Status{source(api.ReasonApplied, "a", "a"), source(api.ReasonSuspended, "a", "b"), source(api.ReasonApplied, "a", "a")}, "CommitConverged"},
		"what is of no object's concern": {[]api.Status{{Kind: spec.KindDeployment, Deployment: &api.DeploymentStatus{Orphan: true, Phase: "Converged", Settled: true}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tell(t, &memory{Told: map[string]told{}}, story.seen, Events...); got != story.want {
				t.Errorf("told %s\nwant %s", got, story.want)
			}
		})
	}
}

// tell lists the events of what is seen. Between any two sights segue may have been restarted: what is told then is the same.
func tell(t *testing.T, m *memory, seen []api.Status, on ...Event) string {
	t.Helper()
	var words []string
	for _, s := range seen {
		events, _, _ := m.see(sightOf(s), func(e Event) bool { return slices.Contains(on, e) })
		for _, e := range events {
			words = append(words, string(e))
		}
	}
	return strings.Join(words, " ")
}

// TestANewReceiverIsNotToldOfWhatWas: what was there before it is known, what changes then is told.
func TestANewReceiverIsNotToldOfWhatWas(t *testing.T) {
	m := &memory{Since: epoch.Add(time.Minute), Told: map[string]told{}}
	seen := []api.Status{
		deployment(1, "Progressing"), deployment(1, "Converged"), source(api.ReasonProgressing, "a", "a"), source(api.ReasonApplied, "a", "a"),
		deployment(2, "Progressing"), deployment(2, "Converged"),
	}
	if got := tell(t, m, seen, Events...); got != "RolloutStarted Converged" {
		t.Errorf("told %s", got)
	}
	young := deployment(1, "Converged", recreated)
	young.Name.Name = "stock"
	if got := tell(t, m, []api.Status{young}, Events...); got != "Converged" {
		t.Errorf("told of what came later: %q", got)
	}
}

// TestWhoDoesNotHearOfTroubleIsNotToldOfItsEnd has a receiver of some events only.
func TestWhoDoesNotHearOfTroubleIsNotToldOfItsEnd(t *testing.T) {
	m := &memory{Told: map[string]told{}}
	seen := []api.Status{deployment(1, "Converged"), deployment(1, "Blocked"), deployment(1, "Converged")}
	events := 0
	for _, s := range seen {
		found, _, _ := m.see(sightOf(s), func(e Event) bool { return e == Converged })
		events += len(found)
	}
	if events != 1 {
		t.Errorf("%d events, want 1", events)
	}
}

func TestWhatANoticeSays(t *testing.T) {
	n := sightOf(deployment(2, "Progressing")).notice
	if n.Object != "deployment/orders" || n.FromImage != "orders:1" || n.Image != "orders:2" || n.Commit != "c0ffee1" || n.Author != "Ann" || n.Source != "git:shop" || n.Revision != 2 {
		t.Errorf("a deployment's: %+v", n)
	}
	n = sightOf(source(api.ReasonRefused, "aaaa", "bbbbbbbbbb")).notice
	if n.Object != "git:shop" || n.Commit != "bbbbbbbbbb" || n.Author != "Bob" || n.Cause != `commit bbbbbbb "Break"` || n.Reason != "it is Refused" {
		t.Errorf("a source's: %+v", n)
	}
	byHand := deployment(2, "Progressing", func(s *api.Status) { s.Owner, s.Commit, s.By = api.OwnerApply, "", "root" })
	if n = sightOf(byHand).notice; n.Source != "" || n.Author != "" || n.By != "root" || n.Owner != api.OwnerApply {
		t.Errorf("what was applied by hand: %+v", n)
	}
}

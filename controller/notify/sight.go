package notify

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// sight is what one status says.
type sight struct {
	// notice is what is to be told of it, but for the event and what goes with that.
	notice Notice
	// attempt names what the event is about: the object's text and revision, or the commit.
	attempt string
	// event is what it has come to; "" while nothing can be said.
	event Event
	// retried: nothing is held against the attempt, so one that failed before is tried again.
	retried bool
	// drift says what was changed by hand; "" when nothing was. calm: it would be known if something were.
	drift string
	calm  bool
	// created is when the object was first kept, or the commit was taken; zero where that is not known.
	created time.Time
}

// key names the object in what is remembered.
func (s sight) key() string { return s.notice.Kind + "/" + s.notice.Namespace + "/" + s.notice.Name }

// sightOf reads a status.
func sightOf(status api.Status) sight {
	s := sight{created: status.CreatedAt, notice: Notice{
		Kind: status.Kind, Namespace: status.Name.Namespace, Name: status.Name.Name,
		Object: strings.ToLower(status.Kind) + "/" + status.Name.String(),
		Owner:  status.Owner, Commit: status.Commit, By: status.By, Cause: status.Cause,
	}}
	if status.Owner != api.OwnerApply {
		s.notice.Source = status.Owner
	}
	if status.Commit != "" {
		s.notice.Author = status.By
	}
	switch {
	case status.Deployment != nil && !status.Deployment.Orphan:
		s.deployment(status)
	case status.Nginx != nil:
		s.server(status, status.Nginx.Conditions, api.ConditionNginxSynced)
	case status.Eureka != nil:
		s.server(status, status.Eureka.Conditions, api.ConditionEurekaSynced)
	case status.Source != nil:
		s.source(status.Source)
	}
	return s
}

// phases are the events of a Deployment's phases.
var phases = map[string]Event{
	"Progressing": RolloutStarted, "Paused": RolloutStarted, "WaitingForPromotion": WaitingForPromotion, "Converged": Converged,
	"RolledBack": RolledBack, "Failed": Failed, "Blocked": Blocked,
}

func (s *sight) deployment(status api.Status) {
	d := status.Deployment
	n := &s.notice
	n.Phase, n.Reason, n.Revision, n.Image = d.Phase, d.Reason, d.Revision, d.Image
	before := 0
	for _, h := range d.History {
		if h.Hash != d.Hash && h.Result == "accepted" && h.Revision >= before {
			n.FromImage, before = h.Image, h.Revision
		}
		if h.Hash == d.Hash && n.Cause == "" {
			n.Cause = h.Cause
		}
	}
	s.attempt = fmt.Sprintf("%d.%d.%s", status.CreatedAt.Unix(), status.Generation, d.Hash)
	s.retried = d.Rejected == nil && d.Pinned == ""
	s.drift = driftIn(d.Conditions)
	switch {
	case d.Phase == "Gone":
		s.event = Deleted
	case status.Deleting || d.ObservedGeneration != status.Generation:
		// It has yet to be looked at, or is on its way to being gone.
	case d.Phase == "Converged" && !d.Settled:
	default:
		s.event = phases[d.Phase]
	}
	s.calm = s.event == Converged
}

// server is an Nginx or Eureka object: only what was changed by hand, and its end, is told of it.
func (s *sight) server(status api.Status, conditions []api.Condition, synced string) {
	s.drift = driftIn(conditions)
	for _, c := range conditions {
		if c.Type == synced {
			s.notice.Phase, s.notice.Reason = c.Reason, c.Message
			s.calm = c.Status == "True"
		}
	}
	if status.Deleting {
		s.calm = false
	}
}

func driftIn(conditions []api.Condition) string {
	for _, c := range conditions {
		if c.Type == api.ConditionDrift && c.Status == "True" {
			return cmp.Or(c.Message, "something was changed by hand")
		}
	}
	return ""
}

// source reads how a source is. Its events are about the commit that holds, or about the one that was refused.
func (s *sight) source(status *api.SourceStatus) {
	n := &s.notice
	n.Object, n.Source, s.created = n.Name, n.Name, status.AppliedAt
	about := status.Applied
	for _, c := range status.Conditions {
		if c.Type != api.ConditionReady {
			continue
		}
		n.Phase, n.Reason = c.Reason, c.Message
		switch c.Reason {
		case api.ReasonApplied:
			s.event = CommitConverged
		case api.ReasonFailed:
			s.event = CommitFailed
		case api.ReasonRefused:
			s.event, about = SourceRefused, status.Seen
		case api.ReasonWentBack:
			s.event, about = CommitWentBack, status.Seen
		case api.ReasonUnreadable, api.ReasonRewritten, api.ReasonMissing, api.ReasonEmpty, api.ReasonNotKept:
			s.event = SourceUnreadable
		case api.ReasonProgressing:
			if !status.CheckedAt.IsZero() {
				s.event = CommitApplied
			}
		}
	}
	if about != nil {
		s.attempt, n.Commit, n.Author, n.By = about.Hash, about.Hash, about.Author, about.Author
		n.Cause = fmt.Sprintf("commit %s %q", about.Short(), about.Message)
	} else if s.event == CommitApplied {
		s.event = "" // a directory's objects tell for themselves
	}
}

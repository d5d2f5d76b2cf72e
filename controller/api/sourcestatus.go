package api

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// KindSource is the Kind of a source's Status and of the events about it. List and Watch give sources only where they
// are asked for by it; their Name has no namespace.
const KindSource = "Source"

// The reasons of a source's condition Ready, beside Applied.
const (
	// ReasonUnreadable: it cannot be reached or read.
	ReasonUnreadable = "Unreadable"
	// ReasonRewritten: its branch was rewritten, so that what was applied last is no part of it any more.
	ReasonRewritten = "BranchRewritten"
	// ReasonMissing: the branch or the path is not there.
	ReasonMissing = "Missing"
	// ReasonEmpty: no manifest is left in it.
	ReasonEmpty = "Empty"
	// ReasonUnverified: its last commit is not signed by somebody who may; the one before holds.
	ReasonUnverified = "Unverified"
	// ReasonRefused: the last commit is bad; the one before holds. For a directory: some of its files are.
	ReasonRefused = "Refused"
	// ReasonWentBack: a rollout of an atomic source's commit failed, and all that it changed went back.
	ReasonWentBack = "WentBack"
	// ReasonNotKept: what it says could not be written into the state directory. Also a Deployment's, of Progressing.
	ReasonNotKept = "NotKept"
	// ReasonSuspended: a person has suspended it.
	ReasonSuspended = "Suspended"
	// ReasonFailed: the rollout of some of its objects failed.
	ReasonFailed = "Failed"
	// ReasonProgressing: some of its objects are on their way.
	ReasonProgressing = "Progressing"
	// ReasonApplied: all of it is.
	ReasonApplied = "Applied"
)

// SourceStatus is how a source is.
type SourceStatus struct {
	// From says where it is, as "https://git.shop/deploy.git, branch main, path prod".
	From string `json:"from"`
	// Suspended: what it says is not applied, and its objects may be changed by hand. SuspendedBy says who did that.
	Suspended   bool      `json:"suspended,omitempty"`
	SuspendedBy string    `json:"suspendedBy,omitempty"`
	SuspendedAt time.Time `json:"suspendedAt,omitzero"`
	// Atomic, Prune and Drift are its policy; Drift is Heal or Report.
	Atomic bool   `json:"atomic,omitempty"`
	Prune  bool   `json:"prune,omitempty"`
	Drift  string `json:"drift"`
	// Applied is the commit that holds; nil before the first, and for a directory. AppliedAt is when it was taken.
	Applied   *Commit   `json:"applied,omitempty"`
	AppliedAt time.Time `json:"appliedAt,omitzero"`
	// Seen is the commit that was read last.
	Seen *Commit `json:"seen,omitempty"`
	// CheckedAt is when the source last answered, in this life of the controller.
	CheckedAt  time.Time      `json:"checkedAt,omitzero"`
	Objects    []SourceObject `json:"objects"`
	Conditions []Condition    `json:"conditions"`
}

// The states of a SourceObject.
const (
	ObjectApplied     = "Applied"
	ObjectProgressing = "Progressing"
	ObjectWaiting     = "Waiting"
	ObjectFailed      = "Failed"
	ObjectPinned      = "Pinned"
	ObjectDrifted     = "Drifted"
	ObjectDeleting    = "Deleting"
)

// SourceObject is how far one object of a source is.
type SourceObject struct {
	Kind   string    `json:"kind"`
	Name   spec.Name `json:"name"`
	State  string    `json:"state"`
	Reason string    `json:"reason,omitempty"`
	// Commit is the one that last changed it.
	Commit string `json:"commit,omitempty"`
}

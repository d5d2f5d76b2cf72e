package controller

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// sourceRecord is what is remembered of a source. Like an object it is never changed, only replaced.
type sourceRecord struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	// Applied is the commit that holds, At when it was taken.
	Applied *Commit   `json:"applied,omitempty"`
	At      time.Time `json:"at,omitzero"`
	// Seen is the commit that was read last; Refused says what is wrong with it, "" when nothing is.
	Seen    *Commit `json:"seen,omitempty"`
	Refused string  `json:"refused,omitempty"`

	Suspended   bool      `json:"suspended,omitempty"`
	SuspendedBy string    `json:"suspendedBy,omitempty"`
	SuspendedAt time.Time `json:"suspendedAt,omitzero"`

	// Before is what each object was before the commits of an atomic source that have yet to prove themselves, by store
	// key; null where there was none.
	Before map[string]*object `json:"before,omitempty"`
	// Proven is the commit that held before those.
	Proven *Commit `json:"proven,omitempty"`
	// WentBack is the commit that failed and was sent back; nil when what holds is what the source says.
	WentBack *wentBack `json:"wentBack,omitempty"`
}

// wentBack is a commit of an atomic source of which a rollout failed.
type wentBack struct {
	Commit Commit `json:"commit"`
	Reason string `json:"reason"`
	// Texts are the sums of the failed objects' texts, by store key: a commit that does not change any of them would fail
	// alike.
	Texts map[string]string `json:"texts"`
}

func (r *sourceRecord) clone() *sourceRecord {
	if r == nil {
		return &sourceRecord{}
	}
	c := *r
	c.Before = maps.Clone(r.Before)
	return &c
}

// storeKey is where the store keeps it: a source's name may hold what no key may.
func (r *sourceRecord) storeKey() string {
	sum := sha256.Sum256([]byte(r.Name))
	return api.KindSource + "/" + hex.EncodeToString(sum[:10])
}

// textSum is a short name of what an object says.
func (o *object) textSum() string {
	sum := sha256.Sum256(o.text())
	return hex.EncodeToString(sum[:10])
}

// source is what is remembered of a source; nil when nothing is.
func (o *objects) source(name string) *sourceRecord {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.sources[name]
}

// sourceNames are those that something is remembered of.
func (o *objects) sourceNames() []string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return sortedKeys(o.sources)
}

// suspended: a person has suspended the source of that name.
func (o *objects) suspended(owner string) bool {
	r := o.source(owner)
	return r != nil && r.Suspended
}

// keepSource changes what is remembered of a source. The caller holds writing. What did not change is not written.
func (o *objects) keepSource(name string, change func(*sourceRecord)) error {
	before := o.source(name)
	after := before.clone()
	after.Name = name
	change(after)
	value, err := json.Marshal(after)
	if err != nil {
		return fmt.Errorf("write the record of %s as JSON: %w", name, err)
	}
	if before != nil {
		if old, err := json.Marshal(before); err == nil && string(old) == string(value) {
			return nil
		}
	}
	if o.unwritten != nil {
		if err := o.unwritten.put(o.store); err != nil {
			return err
		}
		o.unwritten = nil
	}
	if err := o.store.Put(after.storeKey(), value); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sources[name] = after
	return nil
}

// mayTake is nil when owner may write an object, else the refusal. While its source is suspended, anybody may.
func (o *objects) mayTake(before *object, owner string, k key) error {
	if owner == api.OwnerApply && o.suspended(before.Owner) {
		return nil
	}
	err := before.mayBeTakenBy(owner, k)
	if err != nil && owner == api.OwnerApply {
		where := before.where()
		if r := o.source(before.Owner); r != nil && r.Applied != nil && r.From != "" {
			where += " of " + r.From + ", and push"
		}
		return refuse(api.Owned, fmt.Sprintf("%s is owned by %s; change it in %s; or do `segue suspend %s` first, and it may be changed by hand until `segue resume`", k, before.Owner, where, before.Owner))
	}
	return err
}

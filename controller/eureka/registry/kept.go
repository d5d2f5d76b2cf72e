package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/atomicfile"
	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

// keepBeats is how often heartbeats alone are reason enough to write the file. Leases live several times as long.
const keepBeats = 10 * time.Second

// kept is what the file of leases holds.
type kept struct {
	// Boot names the run of the machine's kernel: when that is another one, nothing runs any more that ran then.
	Boot   string
	Leases []keptLease
}

// keptLease is a lease with its override; "" where there is none.
type keptLease struct {
	Instance                       eureka.Instance
	Override                       reconcile.LeaseStatus `json:",omitempty"`
	Renewed, Registered, ServiceUp time.Time
}

// bootID is the kernel's name for its present run, the same in every container; "" where it has none.
func bootID() string {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// keep writes the file after every change, and once in a while for the heartbeats, until ctx ends; then once more.
func (r *Registry) keep(ctx context.Context) {
	beats := time.NewTicker(keepBeats)
	defer beats.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-r.touched:
		case <-beats.C:
		}
		if err := r.write(); err != nil {
			r.options.Log.Error(err, "leases are not kept")
		}
	}
}

func (r *Registry) write() error {
	text, err := json.Marshal(r.kept())
	if err != nil {
		return fmt.Errorf("write leases: %w", err)
	}
	if err := atomicfile.Write(r.options.Keep, text, 0o600); err != nil {
		return fmt.Errorf("write leases: %w", err)
	}
	return nil
}

func (r *Registry) kept() kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := kept{Boot: bootID(), Leases: []keptLease{}}
	for _, at := range r.sorted() {
		l := r.leases[at]
		k.Leases = append(k.Leases, keptLease{l.instance, r.overrides[at], l.renewed, l.registered, l.serviceUp})
	}
	return k
}

// restore takes over what another run has kept, so that a client that reads at once finds what it found before, and an
// override still stands. A lease lives on for its whole duration: nobody could renew it while there was no server. What had
// ended by now is left out. A file that cannot be read is told and passed over: clients register again by themselves.
func (r *Registry) restore(now time.Time) {
	if r.options.Keep == "" {
		return
	}
	text, err := os.ReadFile(r.options.Keep)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	switch {
	case err != nil:
		r.options.Log.Error(fmt.Errorf("read leases: %w", err), "begins empty", "file", r.options.Keep)
		return
	case k.Boot != bootID():
		r.options.Log.Info("begins empty: the machine was started since", "file", r.options.Keep)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range k.Leases {
		l := &lease{instance: one.Instance, renewed: one.Renewed, registered: one.Registered, serviceUp: one.ServiceUp}
		if l.expired(now) {
			continue
		}
		l.renewed = slices.MaxFunc([]time.Time{l.renewed, now}, time.Time.Compare)
		at := key{l.instance.App, cmp.Or(l.instance.ID, l.instance.HostName)}
		r.leases[at] = l
		if one.Override != reconcile.LeaseNone {
			r.overrides[at] = one.Override
		}
	}
	r.options.Log.Info("leases restored", "leases", len(r.leases), "file", r.options.Keep)
}

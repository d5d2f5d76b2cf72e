package controller

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

const recordKind = "Record"

// objects keeps the desired state and what is remembered, in memory and in the store.
type objects struct {
	store Store
	// open decrypts a sealed file.
	open func([]byte) ([]byte, error)

	// writing is held over a read, a change of what was read, and its commit. It guards unwritten, what a commit that is
	// decided has yet to write.
	writing   sync.Mutex
	unwritten writes
	mu        sync.RWMutex
	byKey     map[key]*object
	records   map[spec.Name]*record
	sources   map[string]*sourceRecord
	// related is nil when an object has changed since it was worked out.
	related *relations
}

// loadObjects reads everything from all, which is what the store holds. A commit that was cut short is finished in
// memory, and with finish in the store too.
func loadObjects(store Store, all map[string][]byte, finish bool) (*objects, error) {
	o := &objects{store: store, open: noIdentity, byKey: map[key]*object{}, records: map[spec.Name]*record{}, sources: map[string]*sourceRecord{}}
	if pending := all[pendingKey]; pending != nil {
		cutShort, err := readWrites(pending)
		if err != nil {
			return nil, err
		}
		cutShort.into(all)
		if finish && cutShort.put(store) != nil {
			// A full disk is no reason not to look after what runs: it is written with what is kept next.
			o.unwritten = cutShort
		}
	}
	for storeKey, value := range all {
		kind, name, _ := strings.Cut(storeKey, "/")
		var err error
		switch kind {
		case spec.KindDeployment, spec.KindNginx, spec.KindEureka:
			one := &object{}
			err = json.Unmarshal(value, one)
			o.byKey[key{kind: kind, name: spec.ParseName(name)}] = one
		case recordKind:
			one := &record{}
			err = json.Unmarshal(value, one)
			o.records[spec.ParseName(name)] = one
		case api.KindSource:
			one := &sourceRecord{}
			err = json.Unmarshal(value, one)
			o.sources[one.Name] = one
		}
		if err != nil {
			return nil, fmt.Errorf("read %s from the store: %w", storeKey, err)
		}
	}
	return o, nil
}

// get is the object; nil when there is none.
func (o *objects) get(k key) *object {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.byKey[k]
}

// record is what is remembered of a Deployment; nil when nothing is.
func (o *objects) record(name spec.Name) *record {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.records[name]
}

// relations are what follows from the objects as they are now.
func (o *objects) relations() *relations {
	o.mu.RLock()
	related := o.related
	o.mu.RUnlock()
	if related != nil {
		return related
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.related == nil {
		o.related = relate(o.byKey)
	}
	return o.related
}

// keys are all objects, sorted.
func (o *objects) keys() []key { return o.relations().keys }

// manifests are those of all objects that are not being deleted.
func (o *objects) manifests() []spec.Manifest {
	var list []spec.Manifest
	for _, k := range o.keys() {
		if one := o.get(k); one != nil && !one.Deleting {
			list = append(list, one.Manifest)
		}
	}
	return list
}

// leaving are the Deployments that depend on one and are deleted together with it: they need it until they have drained.
func (o *objects) leaving(k key) []spec.Name {
	if one := o.get(k); one == nil || !one.Deleting {
		return nil
	}
	var names []spec.Name
	for _, name := range o.relations().users[k] {
		if user := o.get(deploymentKey(name)); user != nil && user.Deleting {
			names = append(names, name)
		}
	}
	return names
}

// commit keeps all of the changes, or none. The caller holds writing.
func (o *objects) commit(changes []change) error { return o.commitWith(changes, nil) }

// commitWith keeps all of the changes and what is to be remembered of a source, unless that is nil, or none of it. The
// caller holds writing. What a commit before could not write is written first.
func (o *objects) commitWith(changes []change, source *sourceRecord) error {
	all := maps.Clone(o.unwritten)
	if all == nil {
		all = writes{}
	}
	for _, c := range changes {
		if err := all.collect(c, o.store); err != nil {
			return err
		}
	}
	if source != nil {
		value, err := json.Marshal(source)
		if err != nil {
			return fmt.Errorf("write the record of %s as JSON: %w", source.Name, err)
		}
		all[source.storeKey()] = value
	}
	if err := o.store.Put(pendingKey, all.json()); err != nil {
		return err
	}
	// From here on the commit is decided: should a write fail, the next commit or the next start finishes it.
	o.mu.Lock()
	for _, c := range changes {
		o.take(c)
	}
	if source != nil {
		o.sources[source.Name] = source
	}
	o.mu.Unlock()
	o.unwritten = all
	if all.put(o.store) == nil {
		o.unwritten = nil
	}
	return nil
}

func (o *objects) take(c change) {
	o.related = nil
	if c.after == nil {
		delete(o.byKey, c.key)
		if c.key.kind == spec.KindDeployment {
			delete(o.records, c.key.name)
		}
		return
	}
	o.byKey[c.key] = c.after
	if c.record != nil {
		o.records[c.key.name] = c.record
	}
}

// keepRecord changes what is remembered of a Deployment. change gets a copy and answers whether it changed it; what
// did not change is not written.
func (o *objects) keepRecord(name spec.Name, change func(*record) bool) error {
	o.writing.Lock()
	defer o.writing.Unlock()
	if o.get(deploymentKey(name)) == nil {
		return nil
	}
	changed := o.record(name).clone()
	if !change(changed) {
		return nil
	}
	value, err := json.Marshal(changed)
	if err != nil {
		return fmt.Errorf("write the record of %s as JSON: %w", name, err)
	}
	if o.unwritten != nil {
		if err := o.unwritten.put(o.store); err != nil {
			return err
		}
		o.unwritten = nil
	}
	if err := o.store.Put(recordKind+"/"+name.String(), value); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.records[name] = changed
	return nil
}

// blobPaths is a Store whose blobs are files.
type blobPaths interface{ BlobPath(sum string) string }

// eureka is a Eureka object with defaults, and with the paths of the kept bytes in place of the files that it names:
// those may be on another machine, or changed since.
func (o *objects) eureka(one *object) spec.Eureka {
	e := one.Manifest.Eureka.Defaulted()
	paths, ok := o.store.(blobPaths)
	if !ok {
		return e
	}
	for _, file := range []*string{&e.Spec.PasswordFile, &e.Spec.CAFile} {
		if sum := one.Files[*file]; sum != "" {
			*file = paths.BlobPath(sum)
		}
	}
	return e
}

package controller

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/segue-dev/segue/spec"
)

// pendingKey holds the writes of a commit of several keys until all of them are done.
const pendingKey = "Pending/commit"

// writes is what a commit puts into the store, by key; null deletes.
type writes map[string]json.RawMessage

// readWrites reads those of a commit that was cut short.
func readWrites(pending []byte) (writes, error) {
	var w writes
	if err := json.Unmarshal(pending, &w); err != nil {
		return nil, fmt.Errorf("read %s from the store: %w", pendingKey, err)
	}
	return w, nil
}

// into does them in all, which is what the store holds.
func (w writes) into(all map[string][]byte) {
	for storeKey, value := range w {
		if isNull(value) {
			delete(all, storeKey)
		} else {
			all[storeKey] = value
		}
	}
}

func isNull(value json.RawMessage) bool { return value == nil || bytes.Equal(value, []byte("null")) }

// json is what readWrites reads. A map of JSON is JSON.
func (w writes) json() []byte {
	value, err := json.Marshal(w)
	if err != nil {
		panic(fmt.Sprintf("write JSON as JSON: %v", err))
	}
	return value
}

// collect adds the writes that c asks for, and puts its blobs into the store.
func (w writes) collect(c change, store Store) error {
	recordKey := recordKind + "/" + c.key.name.String()
	if c.after == nil {
		w[c.key.storeKey()] = json.RawMessage("null")
		if c.key.kind == spec.KindDeployment {
			w[recordKey] = json.RawMessage("null")
		}
		return nil
	}
	for _, content := range c.files {
		if _, err := store.PutBlob(content); err != nil {
			return err
		}
	}
	value, err := json.Marshal(c.after)
	if err != nil {
		return fmt.Errorf("write %s as JSON: %w", c.key, err)
	}
	w[c.key.storeKey()] = value
	if c.record == nil {
		return nil
	}
	if value, err = json.Marshal(c.record); err != nil {
		return fmt.Errorf("write the record of %s as JSON: %w", c.key, err)
	}
	w[recordKey] = value
	return nil
}

// put does them all and forgets that they were pending.
func (w writes) put(store Store) error {
	for _, storeKey := range slices.Sorted(maps.Keys(w)) {
		var err error
		if value := w[storeKey]; isNull(value) {
			err = store.Delete(storeKey)
		} else {
			err = store.Put(storeKey, value)
		}
		if err != nil {
			return err
		}
	}
	return store.Delete(pendingKey)
}

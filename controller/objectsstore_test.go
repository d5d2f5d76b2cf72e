package controller

import (
	"encoding/json"
	"errors"
	"maps"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// brittleStore fails the writes of some keys.
type brittleStore struct {
	values map[string][]byte
	broken map[string]bool
}

var errDiskFull = errors.New("no space left on device")

func (s *brittleStore) All() (map[string][]byte, error) { return maps.Clone(s.values), nil }

func (s *brittleStore) Put(key string, value []byte) error {
	if s.broken[key] {
		return errDiskFull
	}
	s.values[key] = value
	return nil
}

func (s *brittleStore) Delete(key string) error {
	if s.broken[key] {
		return errDiskFull
	}
	delete(s.values, key)
	return nil
}

func (s *brittleStore) PutBlob([]byte) (string, error) { return "", nil }

func (s *brittleStore) Blob(string) ([]byte, error) { return nil, errDiskFull }

func edgeAndStock() []change {
	edge := key{kind: spec.KindNginx, name: spec.ParseName("edge")}
	stock := key{kind: spec.KindNginx, name: spec.ParseName("stock")}
	return []change{
		{key: edge, after: &object{Manifest: spec.Manifest{Nginx: &spec.Nginx{}}, Generation: 1}},
		{key: stock, after: &object{Manifest: spec.Manifest{Nginx: &spec.Nginx{}}, Generation: 1}},
	}
}

func load(t *testing.T, s *brittleStore) *objects {
	t.Helper()
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	o, err := loadObjects(s, all, true)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCommitThatCouldNotBeginChangesNothing(t *testing.T) {
	s := &brittleStore{values: map[string][]byte{}, broken: map[string]bool{pendingKey: true}}
	o := load(t, s)
	if err := o.commit(edgeAndStock()); !errors.Is(err, errDiskFull) || len(o.keys()) != 0 || len(s.values) != 0 {
		t.Errorf("%v, kept %v, stored %d", err, o.keys(), len(s.values))
	}
}

func TestCommitThatWasCutShortIsFinishedAtTheNextStart(t *testing.T) {
	s := &brittleStore{values: map[string][]byte{}, broken: map[string]bool{"Nginx/stock": true}}
	o := load(t, s)
	if err := o.commit(edgeAndStock()); err != nil || len(o.keys()) != 2 {
		t.Fatalf("%v, kept %v", err, o.keys())
	}
	s.broken = nil
	again := load(t, s)
	if len(again.keys()) != 2 || s.values["Nginx/stock"] == nil || s.values[pendingKey] != nil {
		t.Errorf("kept %v, stored %v", again.keys(), s.values)
	}
}

func TestCommitThatWasCutShortIsFinishedByTheNext(t *testing.T) {
	s := &brittleStore{values: map[string][]byte{}, broken: map[string]bool{"Nginx/stock": true}}
	o := load(t, s)
	if err := o.commit(edgeAndStock()); err != nil {
		t.Fatal(err)
	}
	s.broken = nil
	if err := o.commit(edgeAndStock()[:1]); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(s.values["Nginx/stock"]) || s.values[pendingKey] != nil {
		t.Errorf("stored %v", s.values)
	}
}

func TestCommitThatWasCutShortWaitsForRoomAfterAStart(t *testing.T) {
	s := &brittleStore{values: map[string][]byte{}, broken: map[string]bool{"Nginx/stock": true}}
	if err := load(t, s).commit(edgeAndStock()); err != nil {
		t.Fatal(err)
	}
	again := load(t, s)
	if len(again.keys()) != 2 || s.values[pendingKey] == nil {
		t.Fatalf("kept %v, stored %v", again.keys(), s.values)
	}
	s.broken = nil
	if err := again.commit(nil); err != nil || !json.Valid(s.values["Nginx/stock"]) || s.values[pendingKey] != nil {
		t.Errorf("%v, stored %v", err, s.values)
	}
}

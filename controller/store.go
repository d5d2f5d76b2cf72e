package controller

// Store keeps the little that must survive a restart. controller/store is the real one.
//
// Put returns when the value is on disk. A key is KIND/NAME; values are JSON. It is written only when something
// changed: the caller compares.
type Store interface {
	// All gives every value by key.
	All() (map[string][]byte, error)
	Put(key string, value []byte) error
	Delete(key string) error
	// PutBlob keeps bytes (the files that manifests name) by their SHA-256 in hex, and gives that; Blob reads them.
	PutBlob(content []byte) (string, error)
	Blob(sum string) ([]byte, error)
}

// Package store keeps the little that must survive a restart: a directory of small JSON files, each written whole,
// synced, and renamed into place, and blobs by their SHA-256. One process holds the directory at a time.
//
// A file that cannot be read or is not JSON is an error that names it; it never counts as empty.
package store

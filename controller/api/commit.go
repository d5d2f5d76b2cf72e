package api

import "time"

// Commit is a commit of a source that has any.
type Commit struct {
	Hash   string `json:"hash"`
	Author string `json:"author"`
	// Time is when it was committed.
	Time time.Time `json:"time"`
	// Message is its first line.
	Message string `json:"message"`
}

// Short is the first seven letters of the hash.
func (c Commit) Short() string { return c.Hash[:min(len(c.Hash), 7)] }

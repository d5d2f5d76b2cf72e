package main

// Identity is who answers; it is in every answer's headers and in the body of most.
type Identity struct {
	Service  string `json:"service"`
	Version  string `json:"version"`
	Instance string `json:"instance"`
}

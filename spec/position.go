package spec

// Position is a place in a file, counted from 1.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Package importer writes the manifest of what runs today: from containers as the engine sees them, or from a compose
// file. The manifest adopts what runs.
//
// It never guesses: what a manifest has no word for, and what a person has to decide, stands in a comment above the
// object. Settings that a container has from its image are left out, since the image brings them again.
package importer

// Package source has the places where manifests come from. A Directory is a directory on this machine, watched.
package source

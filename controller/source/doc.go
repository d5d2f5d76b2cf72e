// Package source has the places where manifests come from. A Directory is a directory on this machine, watched.
//
// A source only reads. What it could not read it says apart from what is gone: a file that fails is Failed, a
// directory that is missing or cannot be listed is an Err, and neither is ever an empty list. A directory with a
// kustomization.yaml is what that renders, as a whole, and the directories that it builds on are watched, too. Files whose
// changes the kernel does not report, as those outside the directory that a manifest names, are seen by a slow poll.
package source

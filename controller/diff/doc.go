// Package diff says how two manifests differ: in lines, for people who read diffs, and in a few words. It masks secrets
// first, and shows the names of environment variables, never their values, in words.
package diff

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/segue-dev/segue/controller/source/git"
	"github.com/segue-dev/segue/spec"
)

// sourcesFile is what --sources names.
type sourcesFile struct {
	APIVersion string        `json:"apiVersion"`
	Kind       string        `json:"kind"`
	Sources    []sourceEntry `json:"sources"`
	// AgeIdentities are files, as --age-identity names them.
	AgeIdentities []string `json:"ageIdentities,omitempty"`
	// Notifications are receivers of what becomes of objects and sources.
	Notifications []notificationEntry `json:"notifications,omitempty"`
}

// sourceEntry is one source: exactly one of Git and Directory is set.
type sourceEntry struct {
	Name      string    `json:"name,omitempty"`
	Git       *gitEntry `json:"git,omitempty"`
	Directory string    `json:"directory,omitempty"`
	// Atomic: when a rollout of a commit fails, all that the commit changed goes back.
	Atomic bool `json:"atomic,omitempty"`
	// Prune and PruneAll are as the flags of run.
	Prune    bool `json:"prune,omitempty"`
	PruneAll bool `json:"pruneAll,omitempty"`
	// Drift is heal or report.
	Drift string `json:"drift,omitempty"`
	// WebhookSecretFile holds what the hooks of this source prove to know.
	WebhookSecretFile string `json:"webhookSecretFile,omitempty"`
}

// gitEntry is where a repository is and how to get at it.
type gitEntry struct {
	URL            string `json:"url"`
	Branch         string `json:"branch,omitempty"`
	Path           string `json:"path,omitempty"`
	Interval       string `json:"interval,omitempty"`
	Username       string `json:"username,omitempty"`
	TokenFile      string `json:"tokenFile,omitempty"`
	SSHKeyFile     string `json:"sshKeyFile,omitempty"`
	KnownHostsFile string `json:"knownHostsFile,omitempty"`
	CAFile         string `json:"caFile,omitempty"`
	// Verify is a file of those who may sign commits.
	Verify string `json:"verify,omitempty"`
}

// Kind and words of the file.
const (
	kindSources = "Sources"
	driftHeal   = "heal"
	driftReport = "report"
)

// readSources reads the file; the error is spec.Problems, or that it cannot be read. Paths in it are relative to it.
func readSources(path string) (*sourcesFile, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("no file %s", path)
	}
	if err != nil {
		return nil, err
	}
	var file sourcesFile
	at, err := spec.Decode(path, data, &file)
	if err != nil {
		return nil, err
	}
	var problems spec.Problems
	place := func(field, format string, args ...any) {
		problems = append(problems, spec.ProblemAt(path, at, field, fmt.Sprintf(format, args...)))
	}
	if file.APIVersion != spec.APIVersion {
		place("apiVersion", "%q; want %s", file.APIVersion, spec.APIVersion)
	}
	if file.Kind != kindSources {
		place("kind", "%q; want %s", file.Kind, kindSources)
	}
	names := map[string]bool{}
	for i := range file.Sources {
		one := &file.Sources[i]
		field := fmt.Sprintf("sources[%d]", i)
		one.below(filepath.Dir(path))
		one.check(func(below, format string, args ...any) { place(field+below, format, args...) })
		if name := one.name(); names[name] {
			place(field+".name", "%s is there twice; give one of them another name", name)
		} else {
			names[name] = true
		}
	}
	problems = append(problems, file.checkNotifications(path, at, data)...)
	if len(problems) > 0 {
		return nil, spec.Join(problems)
	}
	for i, identity := range file.AgeIdentities {
		if !filepath.IsAbs(identity) {
			file.AgeIdentities[i] = filepath.Join(filepath.Dir(path), identity)
		}
	}
	return &file, nil
}

// below makes relative paths relative to dir.
func (s *sourceEntry) below(dir string) {
	paths := []*string{&s.Directory, &s.WebhookSecretFile}
	if s.Git != nil {
		paths = append(paths, &s.Git.TokenFile, &s.Git.SSHKeyFile, &s.Git.KnownHostsFile, &s.Git.CAFile, &s.Git.Verify)
	}
	for _, path := range paths {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
}

func (s *sourceEntry) check(place func(below, format string, args ...any)) {
	switch {
	case s.Git == nil && s.Directory == "":
		place("", "want git or directory")
	case s.Git != nil && s.Directory != "":
		place(".directory", "beside git; make two sources of it")
	case s.Git != nil:
		if _, err := s.Git.interval(); err != nil {
			place(".git.interval", "%v", err)
		} else if _, err := git.New(s.gitOptions("")); err != nil {
			place(".git.url", "%v", err)
		}
		if s.Git.Verify != "" {
			if _, _, err := git.ReadSigners(s.Git.Verify); err != nil {
				place(".git.verify", "%v", err)
			}
		}
	case s.Atomic:
		place(".atomic", "a directory has no commits that could go back; it is for git")
	case s.Name != "":
		place(".name", "a directory goes by its path; leave it out")
	}
	if s.Drift != "" && s.Drift != driftHeal && s.Drift != driftReport {
		place(".drift", "%q; want heal or report", s.Drift)
	}
	if s.PruneAll && !s.Prune {
		place(".pruneAll", "allows prune to delete more than half at once: say both")
	}
}

func (g *gitEntry) interval() (time.Duration, error) {
	if g.Interval == "" {
		return 0, nil
	}
	interval, err := time.ParseDuration(g.Interval)
	if err != nil || interval <= 0 {
		return 0, fmt.Errorf("%q; want a duration, as 30s or 5m", g.Interval)
	}
	return interval, nil
}

// gitOptions are those of the repository, whose directory is below the state directory.
func (s *sourceEntry) gitOptions(stateDir string) git.Options {
	g := s.Git
	interval, _ := g.interval() // it was checked
	return git.Options{
		Name: s.Name, URL: g.URL, Branch: g.Branch, Path: g.Path, Interval: interval, Username: g.Username, TokenFile: g.TokenFile,
		SSHKeyFile: g.SSHKeyFile, KnownHostsFile: g.KnownHostsFile, CAFile: g.CAFile, VerifyFile: g.Verify,
		Dir: filepath.Join(stateDir, "git", s.Name),
	}
}

// name is the source's, "" where it cannot be told.
func (s *sourceEntry) name() string {
	if s.Git == nil {
		return "dir:" + s.Directory
	}
	made, err := git.New(s.gitOptions(""))
	if err != nil {
		return ""
	}
	return made.Name()
}

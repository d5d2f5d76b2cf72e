package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/source"
	"github.com/segue-dev/segue/controller/source/git"
	"github.com/segue-dev/segue/controller/source/webhook"
	"github.com/segue-dev/segue/spec"
)

// sourceFlags say where manifests come from.
type sourceFlags struct {
	manifests       []string
	file            string
	git             gitEntry
	interval        time.Duration
	atomic          bool
	prune, pruneAll bool
	drift           string
	// ageIdentities are those that the file of sources names.
	ageIdentities []string
	// notifications are the receivers that it names.
	notifications []notificationEntry

	webhookListen, webhookSecretFile string
}

func (f *sourceFlags) register(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.manifests, "manifests", nil, "directory of manifests to follow; may be repeated")
	flags.StringVar(&f.file, "sources", "", "file that names sources: directories and repositories")
	flags.StringVar(&f.git.URL, "git", "", "repository of manifests to follow: https://, ssh://, USER@HOST:PATH, file:// or a path")
	flags.StringVar(&f.git.Branch, "branch", "main", "with --git: the branch")
	flags.StringVar(&f.git.Path, "path", "", "with --git: the directory in it (default its root)")
	flags.DurationVar(&f.interval, "git-interval", time.Minute, "with --git: how often it is looked at, give or take a tenth")
	flags.StringVar(&f.git.TokenFile, "git-token-file", "", "with --git over https: file with the token or password")
	flags.StringVar(&f.git.Username, "git-username", "", "with --git over https: the name that goes with the token, where it matters")
	flags.StringVar(&f.git.SSHKeyFile, "git-ssh-key", "", "with --git over ssh: file with the private key (default: the agent)")
	flags.StringVar(&f.git.KnownHostsFile, "git-known-hosts", "", "with --git over ssh: file of known hosts (default ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts)")
	flags.StringVar(&f.git.CAFile, "git-ca-file", "", "with --git over https: further certificates to trust")
	flags.StringVar(&f.git.Verify, "verify", "", "with --git: file of those who may sign commits (ssh-keygen's allowed signers, armored OpenPGP keys); others' commits are not taken")
	flags.BoolVar(&f.atomic, "atomic", false, "with --git: when a rollout fails, all that its commit changed goes back")
	flags.BoolVar(&f.prune, "prune", false, "delete what a source no longer holds (never more than half at once, never when a file is bad)")
	flags.BoolVar(&f.pruneAll, "prune-all", false, "let --prune delete more than half at once")
	flags.StringVar(&f.drift, "drift", driftHeal, "what to do with what was changed by hand: heal, or only report")
	flags.StringVar(&f.webhookListen, "webhook-listen", "", "address for forges' webhooks, as :9180; POST /hooks/SOURCE reads a source at once")
	flags.StringVar(&f.webhookSecretFile, "webhook-secret-file", "", "file with the secret of the webhooks of --git")
}

// entries are all sources that were asked for.
func (f *sourceFlags) entries() ([]sourceEntry, error) {
	if f.pruneAll && !f.prune {
		return nil, usage("error: --prune-all allows --prune to delete more than half at once: say both")
	}
	if f.drift != driftHeal && f.drift != driftReport {
		return nil, usage("error: --drift %s: say heal or report", f.drift)
	}
	var entries []sourceEntry
	for _, dir := range f.manifests {
		path, err := filepath.Abs(dir)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", dir, err)
		}
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			return nil, usage("error: --manifests %s: it is no directory that can be read; make it, or name another", dir)
		}
		entries = append(entries, sourceEntry{Directory: path, Prune: f.prune, PruneAll: f.pruneAll, Drift: f.drift})
	}
	if f.git.URL != "" {
		f.git.Interval = f.interval.String()
		one := sourceEntry{Git: &f.git, Atomic: f.atomic, Prune: f.prune, PruneAll: f.pruneAll, Drift: f.drift, WebhookSecretFile: f.webhookSecretFile}
		var wrong []string
		one.check(func(_, format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) })
		if len(wrong) > 0 {
			return nil, usage("error: --git: %s", strings.Join(wrong, "; "))
		}
		entries = append(entries, one)
	}
	if f.file != "" {
		more, err := readSources(f.file)
		var problems spec.Problems
		if errors.As(err, &problems) {
			return nil, usage("%v", err)
		}
		if err != nil {
			return nil, usage("error: --sources: %v", err)
		}
		for i := range more.Sources {
			if more.Sources[i].Drift == "" {
				more.Sources[i].Drift = f.drift
			}
		}
		entries = append(entries, more.Sources...)
		f.ageIdentities, f.notifications = more.AgeIdentities, more.Notifications
	}
	if f.webhookListen == "" && f.webhookSecretFile != "" {
		return nil, usage("error: --webhook-secret-file needs --webhook-listen")
	}
	return entries, nil
}

// followed are the sources to follow, with their policies and their hooks.
type followed struct {
	sources  []controller.Source
	policies map[string]controller.Policy
	hooks    map[string]webhook.Hook
	// reportDrift holds for what no source has.
	reportDrift bool
}

// sources makes the sources. It starts nothing.
func (c *cli) sources(entries []sourceEntry, stateDir string) (*followed, error) {
	log := c.logger(true).WithName("source")
	made := &followed{policies: map[string]controller.Policy{}, hooks: map[string]webhook.Hook{}}
	for _, entry := range entries {
		var one controller.Source
		short := ""
		if entry.Git == nil {
			one = source.NewDirectory(entry.Directory, log)
		} else {
			name := strings.TrimPrefix(entry.name(), "git:")
			entry.Name, short = name, name
			options := entry.gitOptions(stateDir)
			options.Log = log
			repository, err := git.New(options)
			if err != nil {
				return nil, err
			}
			one = repository
		}
		if _, double := made.policies[one.Name()]; double {
			return nil, usage("error: the source %s is there twice; give one of them a name of its own in the file of --sources", one.Name())
		}
		made.sources = append(made.sources, one)
		made.policies[one.Name()] = controller.Policy{Prune: entry.Prune, PruneAll: entry.PruneAll, Atomic: entry.Atomic, ReportDrift: entry.Drift == driftReport}
		if entry.WebhookSecretFile == "" || short == "" {
			continue
		}
		secret, err := os.ReadFile(entry.WebhookSecretFile)
		if err != nil {
			return nil, usage("error: read webhook secret of %s: %v", one.Name(), err)
		}
		if secret = bytes.TrimSpace(secret); len(secret) == 0 {
			return nil, usage("error: %s is empty: a webhook needs a secret", entry.WebhookSecretFile)
		}
		made.hooks[short] = webhook.Hook{Secret: secret, Now: func() { one.(controller.Prompt).Now(false) }}
	}
	return made, nil
}

package git

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/go-logr/logr"
)

// Options say where manifests are and how to get at them. URL is required.
type Options struct {
	// Name tells sources apart; the source is called git:NAME. Default: the last part of the URL.
	Name string
	// URL is https://…, http://…, ssh://…, USER@HOST:PATH, file://… or a path.
	URL string
	// Branch is main by default; a name that begins with refs/ is taken as it is.
	Branch string
	// Path is a directory in the repository; its root by default.
	Path string
	// Interval lies between two looks, give or take a tenth. Default 1 minute.
	Interval time.Duration
	// TokenFile holds the password or token for https, read at each look; Username goes with it (any will do where the
	// token says who it is).
	TokenFile, Username string
	// SSHKeyFile is a private key without passphrase; the agent at SSH_AUTH_SOCK where it is not given. KnownHostsFile is
	// ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts by default.
	SSHKeyFile, KnownHostsFile string
	// CAFile holds further certificates that an https server may be signed by.
	CAFile string
	// VerifyFile holds who may sign commits, as package signers reads it, anew at each look; any commit will do where it
	// is not given.
	VerifyFile string
	// Dir is a directory of the source's own, where commits are laid down for a moment.
	Dir string
	Log logr.Logger
}

const defaultInterval = time.Minute

// nameGrammar is what Name may be: it is typed on command lines and part of a directory's name.
var nameGrammar = regexp.MustCompile(`^[a-z0-9]([-a-z0-9._]*[a-z0-9])?$`)

// scpGrammar is USER@HOST:PATH, as ssh has it.
var scpGrammar = regexp.MustCompile(`^(?:[^/@:]+@)?[^/:]+:[^/].*$|^[^/@:]+@[^/:]+:.+$`)

// fill checks the options and fills in defaults.
func (o *Options) fill() error {
	if o.URL == "" {
		return errors.New("a repository needs a URL")
	}
	if o.Name == "" {
		o.Name = nameOf(o.URL)
	}
	if !nameGrammar.MatchString(o.Name) {
		return fmt.Errorf("source %q: want lower-case letters, digits, '-', '.' and '_' for a name", o.Name)
	}
	if o.Branch == "" {
		o.Branch = "main"
	}
	if o.Interval <= 0 {
		o.Interval = defaultInterval
	}
	clean := path.Clean("/" + filepath.ToSlash(o.Path))
	if strings.HasPrefix(path.Clean(o.Path), "..") {
		return fmt.Errorf("source %s: path %s leads out of the repository", o.Name, o.Path)
	}
	o.Path = strings.TrimPrefix(clean, "/")
	return o.checkURL()
}

// checkURL refuses what would show or send a secret where it does not belong.
func (o *Options) checkURL() error {
	if o.local() != "" || scpGrammar.MatchString(o.URL) && !strings.Contains(o.URL, "://") {
		return nil
	}
	u, err := url.Parse(o.URL)
	if err != nil {
		return fmt.Errorf("source %s: its URL cannot be read", o.Name) // not shown: it may hold a password
	}
	if _, secret := u.User.Password(); secret {
		return fmt.Errorf("source %s: a password in the URL would be shown in status and events; put it into a file and name that as token file", o.Name)
	}
	switch u.Scheme {
	case "https", "ssh":
	case "http":
		if o.TokenFile != "" && !loopback(u.Hostname()) {
			return fmt.Errorf("source %s: a token must not travel over http; use https", o.Name)
		}
	default:
		return fmt.Errorf("source %s: %s:// is not supported; there are https, ssh, file and paths", o.Name, u.Scheme)
	}
	return nil
}

func loopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

// local is the path of a repository on this machine; "" for one elsewhere.
func (o *Options) local() string {
	if at, ok := strings.CutPrefix(o.URL, "file://"); ok {
		return at
	}
	if strings.Contains(o.URL, "://") || scpGrammar.MatchString(o.URL) && !strings.HasPrefix(o.URL, ".") {
		return ""
	}
	return o.URL
}

// nameOf is the last part of a URL, as git clone names a directory.
func nameOf(u string) string {
	u = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(u, "/"), "/.git"), ".git")
	if i := strings.LastIndexAny(u, "/:"); i >= 0 {
		u = u[i+1:]
	}
	return strings.ToLower(u)
}

package signers

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// namespace is what git has signatures made for.
const namespace = "git"

// allowed is one line of an allowed signers file.
type allowed struct {
	principals string
	key        ssh.PublicKey
	// namespaces are patterns; none means that every namespace is allowed.
	namespaces []string
	// after and before bound when the key may sign; zero for no bound.
	after, before time.Time
}

// parseAllowed reads "PRINCIPALS [OPTIONS] KEYTYPE KEY [COMMENT]".
func parseAllowed(line string) (allowed, error) {
	var one allowed
	var rest string
	var found bool
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		one.principals, rest, found = strings.Cut(quoted, `"`)
	} else if i := strings.IndexAny(line, " \t"); i > 0 {
		one.principals, rest, found = line[:i], line[i:], true
	}
	if !found || one.principals == "" {
		return one, errors.New("want PRINCIPALS [OPTIONS] KEYTYPE KEY, as ssh-keygen(1) has it below ALLOWED SIGNERS")
	}
	key, _, options, more, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil || len(more) > 0 {
		return one, errors.New("no key can be read here; want PRINCIPALS [OPTIONS] KEYTYPE KEY, as ssh-keygen(1) has it below ALLOWED SIGNERS")
	}
	if _, isCertificate := key.(*ssh.Certificate); isCertificate {
		return one, errors.New("a certificate in place of a key; list the key that signs itself")
	}
	if key.Type() == "ssh-dss" {
		return one, errors.New("DSA keys are too weak; have a new one made with ssh-keygen -t ed25519")
	}
	one.key = key
	for _, option := range options {
		if err := one.take(option); err != nil {
			return one, err
		}
	}
	return one, nil
}

// take takes one option. What it does not know it refuses: it may be there to narrow what the key is good for.
func (a *allowed) take(option string) (err error) {
	name, value, _ := strings.Cut(option, "=")
	value = strings.Trim(value, `"`)
	switch strings.ToLower(name) {
	case "namespaces":
		a.namespaces = strings.Split(value, ",")
	case "valid-after":
		a.after, err = parseTime(value)
	case "valid-before":
		a.before, err = parseTime(value)
	case "cert-authority":
		err = errors.New("cert-authority is not supported; list the keys that sign themselves")
	default:
		err = fmt.Errorf("the option %s is not known; there are namespaces, valid-after and valid-before", name)
	}
	return err
}

// parseTime reads YYYYMMDD or YYYYMMDDHHMM[SS], in the machine's time zone unless Z follows.
func parseTime(text string) (time.Time, error) {
	digits, zone := text, time.Local
	if utc, ok := strings.CutSuffix(strings.ToUpper(text), "Z"); ok {
		digits, zone = utc, time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(digits) == len(layout) {
			if at, err := time.ParseInLocation(layout, digits, zone); err == nil {
				return at, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; want YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC", text)
}

// mayHaveSigned is nil when the key was good for git at that time.
func (a *allowed) mayHaveSigned(at time.Time) error {
	switch {
	case len(a.namespaces) > 0 && !matches(a.namespaces, namespace):
		return fmt.Errorf("is not allowed for the namespace %s (namespaces=%q)", namespace, strings.Join(a.namespaces, ","))
	case !a.after.IsZero() && at.Before(a.after):
		return fmt.Errorf("is valid after %s, and the commit is of %s", a.after.Format(time.RFC3339), at.Format(time.RFC3339))
	case !a.before.IsZero() && at.After(a.before):
		return fmt.Errorf("is valid before %s, and the commit is of %s", a.before.Format(time.RFC3339), at.Format(time.RFC3339))
	default:
		return nil
	}
}

// matches says whether a list of patterns has the word: * and ? stand for letters, and what a pattern behind ! has is
// out, wherever that stands.
func matches(patterns []string, word string) bool {
	found := false
	for _, pattern := range patterns {
		pattern, not := strings.CutPrefix(pattern, "!")
		expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		if ok, err := regexp.MatchString("^(?:"+expression+")$", word); err == nil && ok {
			if not {
				return false
			}
			found = true
		}
	}
	return found
}

package nginx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// confDir is a server's confDir as this machine sees it.
type confDir string

// claim makes the layout and takes ownership; another owner's directory is refused.
func (c confDir) claim(owner string) error {
	// nginx's workers must be able to look up the flags, so 0755 down to them.
	for _, dir := range []string{string(c), c.path("releases"), c.path("flags"), c.path("check")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make confDir: %w", err)
		}
	}
	held, err := os.ReadFile(c.path("OWNER"))
	if err == nil && strings.TrimSpace(string(held)) != owner {
		return fmt.Errorf("confDir %s belongs to another owner, %q", string(c), strings.TrimSpace(string(held)))
	}
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read owner of confDir: %w", err)
	}
	return renameio.WriteFile(c.path("OWNER"), []byte(owner+"\n"), 0o644)
}

func (c confDir) path(parts ...string) string {
	return filepath.Join(append([]string{string(c)}, parts...)...)
}

// current is the generation that the symlink names, "" when there is none.
func (c confDir) current() (string, error) {
	to, err := os.Readlink(c.path("current"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read current generation: %w", err)
	}
	return filepath.Base(to), nil
}

// swap makes the generation current, by rename.
func (c confDir) swap(generation string) error {
	if err := renameio.Symlink(filepath.Join("releases", generation), c.path("current")); err != nil {
		return fmt.Errorf("swap to generation %s: %w", generation, err)
	}
	return nil
}

// write puts a release's files on disk. A file that the release from which this one was made has with the same text
// is linked, so that what a change costs follows the change.
func (c confDir) write(r release, files map[string]string, from release) error {
	dir := c.path("releases", r.Generation)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write generation %s: %w", r.Generation, err)
	}
	for _, name := range sortedKeys(files) {
		to := filepath.Join(dir, name)
		deployment, inc := strings.CutSuffix(name, ".inc")
		if inc && from.Generation != "" && from.Sections[deployment].Inc == files[name] {
			err := os.Link(c.path("releases", from.Generation, name), to)
			if err == nil || errors.Is(err, fs.ErrExist) {
				continue
			}
		}
		if err := renameio.WriteFile(to, []byte(files[name]), 0o644); err != nil {
			return fmt.Errorf("write generation %s: %w", r.Generation, err)
		}
	}
	return nil
}

// keepReleases is how long a release that no living worker knows stays on disk, to be read by a person.
const keepReleases = 24 * time.Hour

// mostReleases bounds how many of those there are.
const mostReleases = 100

// prune removes old releases that are not in keep, oldest first.
func (c confDir) prune(keep map[string]bool, now time.Time) error {
	entries, err := os.ReadDir(c.path("releases"))
	if err != nil {
		return fmt.Errorf("list releases: %w", err)
	}
	written := map[string]time.Time{}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !keep[e.Name()] {
			written[e.Name()] = info.ModTime()
		}
	}
	names := sortedKeys(written)
	slices.SortStableFunc(names, func(a, b string) int { return written[a].Compare(written[b]) })
	for i, name := range names {
		if len(names)-i <= mostReleases && now.Sub(written[name]) < keepReleases {
			break
		}
		if err := os.RemoveAll(c.path("releases", name)); err != nil {
			return fmt.Errorf("remove release: %w", err)
		}
		if err := os.Remove(c.path("check", name+".conf")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove check: %w", err)
		}
	}
	return nil
}

// setLame raises the lame flag. Where nginx sees this machine's /proc the flag is a link to a file of this very
// process, so that it dies with it; nginx's -f follows links.
func (c confDir) setLame(sharesProc bool) error {
	if sharesProc {
		return renameio.Symlink(fmt.Sprintf("/proc/%d/comm", os.Getpid()), c.path("flags", "lame"))
	}
	return renameio.WriteFile(c.path("flags", "lame"), nil, 0o644)
}

func (c confDir) clearLame() error {
	if err := os.Remove(c.path("flags", "lame")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear lame flag: %w", err)
	}
	return nil
}

// unset removes current: nothing was there before.
func (c confDir) unset() error {
	if err := os.Remove(c.path("current")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove current generation: %w", err)
	}
	return nil
}

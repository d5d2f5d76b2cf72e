package nginx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// write puts a release's files on disk. A release directory that is there already has the same nginx texts, so only
// release.json may differ (flag mode's instances); it is replaced by rename.
func (c confDir) write(generation string, files map[string]string) error {
	dir := c.path("releases", generation)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write generation %s: %w", generation, err)
	}
	for _, name := range sortedKeys(files) {
		if err := renameio.WriteFile(filepath.Join(dir, name), []byte(files[name]), 0o644); err != nil {
			return fmt.Errorf("write generation %s: %w", generation, err)
		}
	}
	return nil
}

// keepReleases is how long a release that nothing names stays on disk: it says which instances this server has sent to,
// so that their connections are counted.
const keepReleases = 24 * time.Hour

// prune removes old releases that are not in keep.
func (c confDir) prune(keep map[string]bool, now time.Time) error {
	entries, err := os.ReadDir(c.path("releases"))
	if err != nil {
		return fmt.Errorf("list releases: %w", err)
	}
	for i, e := range entries {
		info, err := e.Info()
		if err != nil || keep[e.Name()] {
			continue
		}
		if now.Sub(info.ModTime()) > keepReleases || len(entries)-i > 500 && now.Sub(info.ModTime()) > time.Hour {
			if err := os.RemoveAll(c.path("releases", e.Name())); err != nil {
				return fmt.Errorf("remove release: %w", err)
			}
		}
	}
	return nil
}

// releases lists the generations on disk.
func (c confDir) releases() ([]string, error) {
	entries, err := os.ReadDir(c.path("releases"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
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

// pool is which pool a Deployment's flag selects, and when that was last changed.
func (c confDir) pool(deployment string) (pool int, since time.Time, err error) {
	_, err = os.Stat(c.path("flags", deployment+".green"))
	switch {
	case err == nil:
		pool = 1
	case !errors.Is(err, fs.ErrNotExist):
		return 0, time.Time{}, fmt.Errorf("read flag of %s: %w", deployment, err)
	}
	if info, err := os.Stat(c.path("flags", deployment+".since")); err == nil {
		since = info.ModTime()
	}
	return pool, since, nil
}

// setPool makes the flag select a pool, by rename.
func (c confDir) setPool(deployment string, pool int) error {
	if err := renameio.WriteFile(c.path("flags", deployment+".since"), nil, 0o644); err != nil {
		return fmt.Errorf("write flag of %s: %w", deployment, err)
	}
	flag := c.path("flags", deployment+".green")
	if pool == 1 {
		if err := renameio.WriteFile(flag, nil, 0o644); err != nil {
			return fmt.Errorf("write flag of %s: %w", deployment, err)
		}
		return nil
	}
	if err := os.Remove(flag); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove flag of %s: %w", deployment, err)
	}
	return nil
}

// rewrite replaces release.json of a generation: who is at the addresses of a flag mode's pools.
func (c confDir) rewrite(r release) error {
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("write release: %w", err)
	}
	if err := renameio.WriteFile(c.path("releases", r.Generation, releaseFile), raw, 0o644); err != nil {
		return fmt.Errorf("write release: %w", err)
	}
	return nil
}

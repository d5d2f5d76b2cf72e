package nginx

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// confDir is a server's confDir where files are written.
type confDir struct {
	machine machine
	// at is its path there; "" when that is not known.
	at string
}

// claim makes the layout and takes ownership; another owner's directory is refused.
func (c confDir) claim(ctx context.Context, owner string) error {
	// nginx's workers must be able to look up the flags, so 0755 down to them.
	if err := c.machine.makeDirs(ctx, c.at, c.path("releases"), c.path("flags"), c.path("check")); err != nil {
		return fmt.Errorf("make confDir: %w", err)
	}
	held, err := c.machine.readFile(ctx, c.path("OWNER"))
	if err == nil && strings.TrimSpace(string(held)) != owner {
		return fmt.Errorf("confDir %s belongs to another owner, %q", c.at, strings.TrimSpace(string(held)))
	}
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read owner of confDir: %w", err)
	}
	return c.machine.writeFile(ctx, c.path("OWNER"), []byte(owner+"\n"))
}

func (c confDir) path(parts ...string) string {
	return filepath.Join(append([]string{c.at}, parts...)...)
}

// current is the generation that the symlink names, "" when there is none.
func (c confDir) current(ctx context.Context) (string, error) {
	to, err := c.machine.readlink(ctx, c.path("current"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read current generation: %w", err)
	}
	return filepath.Base(to), nil
}

// swap makes the generation current, by rename.
func (c confDir) swap(ctx context.Context, generation string) error {
	if err := c.machine.symlink(ctx, filepath.Join("releases", generation), c.path("current")); err != nil {
		return fmt.Errorf("swap to generation %s: %w", generation, err)
	}
	return nil
}

// write puts a release's files on disk. Those that the release from which this one was made has with the same text
// are named to the machine.
func (c confDir) write(ctx context.Context, r release, files map[string]string, from release) error {
	same := map[string]string{}
	for name := range files {
		deployment, inc := strings.CutSuffix(name, ".inc")
		if inc && from.Generation != "" && from.Sections[deployment].Inc == files[name] {
			same[name] = c.path("releases", from.Generation, name)
		}
	}
	if err := c.machine.writeFiles(ctx, c.path("releases", r.Generation), files, same); err != nil {
		return fmt.Errorf("write generation %s: %w", r.Generation, err)
	}
	return nil
}

// keepReleases is how long a release that no living worker knows stays on disk, to be read by a person.
const keepReleases = 24 * time.Hour

// mostReleases bounds how many of those there are.
const mostReleases = 100

// prune removes old releases that are not in keep, oldest first.
func (c confDir) prune(ctx context.Context, keep map[string]bool, now time.Time) error {
	written, err := c.machine.written(ctx, c.path("releases"))
	if err != nil {
		return fmt.Errorf("list releases: %w", err)
	}
	maps.DeleteFunc(written, func(name string, _ time.Time) bool { return keep[name] })
	names := sortedKeys(written)
	slices.SortStableFunc(names, func(a, b string) int { return written[a].Compare(written[b]) })
	for i, name := range names {
		if len(names)-i <= mostReleases && now.Sub(written[name]) < keepReleases {
			break
		}
		if err := c.machine.remove(ctx, c.path("releases", name)); err != nil {
			return fmt.Errorf("remove release: %w", err)
		}
		if err := c.machine.remove(ctx, c.path("check", name+".conf")); err != nil {
			return fmt.Errorf("remove check: %w", err)
		}
	}
	return nil
}

// setLame raises the lame flag. Where nginx sees this machine's /proc the flag is a link to a file of this very
// process, so that it dies with it; nginx's -f follows links.
func (c confDir) setLame(ctx context.Context, sharesProc bool) error {
	if sharesProc {
		return c.machine.symlink(ctx, fmt.Sprintf("/proc/%d/comm", os.Getpid()), c.path("flags", "lame"))
	}
	return c.machine.writeFile(ctx, c.path("flags", "lame"), nil)
}

func (c confDir) clearLame(ctx context.Context) error {
	if err := c.machine.remove(ctx, c.path("flags", "lame")); err != nil {
		return fmt.Errorf("clear lame flag: %w", err)
	}
	return nil
}

// unset removes current: nothing was there before.
func (c confDir) unset(ctx context.Context) error {
	if err := c.machine.remove(ctx, c.path("current")); err != nil {
		return fmt.Errorf("remove current generation: %w", err)
	}
	return nil
}

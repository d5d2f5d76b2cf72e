package nginx

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// reading is the processes of another machine whose title is nginx's, as they were.
type reading struct {
	boot string
	all  map[int]read
}

type read struct {
	process
	state  byte
	parent int
	title  string
}

// processes reads what has nginx's title. A worker keeps that title to its end, so one that is not listed is gone; where
// /proc hides other users' processes nothing is known.
func (r *remote) processes(ctx context.Context) (processes, error) {
	told, err := r.ask(ctx, `[ -r /proc/1/stat ] || { echo "/proc does not show the processes of other users (hidepid): say sudo: true" >&2; exit 1; }
cat /proc/sys/kernel/random/boot_id || exit
for f in $(grep -sl '^nginx: ' /proc/[0-9]*/cmdline); do
  d=${f%/cmdline}
  { IFS= read -r stat <"$d/stat"; } 2>/dev/null || continue
  title=
  { IFS= read -r title <"$d/cmdline"; } 2>/dev/null
  printf '%s\n%s\n' "$stat" "$title"
done
exit 0`, nil)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(told), "\n"), "\n")
	list := reading{boot: lines[0], all: map[int]read{}}
	for i := 1; i+1 < len(lines); i += 2 {
		p, state, parent, err := parseStat([]byte(lines[i]))
		if err != nil {
			return nil, err
		}
		list.all[p.PID] = read{process: p, state: state, parent: parent, title: titleOf([]byte(lines[i+1]))}
	}
	return list, nil
}

func (r reading) stat(pid int) (process, byte, int, error) {
	p, found := r.all[pid]
	if !found {
		return process{}, 0, 0, fmt.Errorf("process %d: %w", pid, fs.ErrNotExist)
	}
	return p.process, p.state, p.parent, nil
}

func (r reading) title(pid int) (string, error) {
	p, found := r.all[pid]
	if !found {
		return "", fmt.Errorf("process %d: %w", pid, fs.ErrNotExist)
	}
	return p.title, nil
}

func (r reading) childrenOf(parent int) ([]process, error) {
	var children []process
	for _, pid := range slices.Sorted(maps.Keys(r.all)) {
		if p := r.all[pid]; p.parent == parent && p.state != 'Z' {
			children = append(children, p.process)
		}
	}
	return children, nil
}

func (r reading) bootID() (string, error) { return r.boot, nil }

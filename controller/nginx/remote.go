package nginx

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/segue-dev/segue/controller/nginx/ssh"
)

// remoteTimeout bounds what is read or written there; running nginx has the caller's deadline.
const remoteTimeout = 4 * time.Second

// NewRemote is the nginx of another machine that reads confDir there. name is how the manifest calls it.
func NewRemote(name, confDir string, on *ssh.Host) *Host {
	return newHost(name, &remote{host: on}, confDir, nil)
}

// remote is a machine that is reached over ssh. It needs a POSIX shell, and coreutils, grep and tar or busybox.
type remote struct {
	host *ssh.Host

	mu    sync.Mutex
	known []netip.Addr
	// knownAt is when the addresses were read.
	knownAt time.Time
}

// ask runs a script that is to succeed.
func (r *remote) ask(ctx context.Context, script ssh.Script, input []byte, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, remoteTimeout)
	defer cancel()
	result, err := r.host.Run(ctx, script, input, args...)
	if err != nil {
		return nil, err
	}
	if result.Code != 0 {
		return nil, complaintOf(result)
	}
	return result.Output, nil
}

// complaintOf is what went wrong there. Every tool says strerror(ENOENT) in the C locale where a file is absent.
func complaintOf(r ssh.Result) error {
	lines := strings.Split(strings.TrimSpace(string(r.Diagnostics)), "\n")
	if last := len(lines) - 1; last > 0 && strings.HasPrefix(lines[last], "tar: Exiting with failure status") {
		lines = lines[:last] // what failed is in the line before
	}
	said := strings.TrimSpace(lines[len(lines)-1])
	if strings.HasSuffix(said, "No such file or directory") {
		return fmt.Errorf("%s: %w", strings.TrimSuffix(said, ": No such file or directory"), fs.ErrNotExist)
	}
	if said == "" {
		said = "exit code " + strconv.Itoa(r.Code)
	}
	return errors.New(said)
}

func (r *remote) readFile(ctx context.Context, file string) ([]byte, error) {
	return r.ask(ctx, `exec cat -- "$1"`, nil, file)
}

// readDir separates files by the record separator, which no name and no JSON text holds.
func (r *remote) readDir(ctx context.Context, dir string) (map[string][]byte, error) {
	told, err := r.ask(ctx, `[ -d "$1" ] || exec ls -d -- "$1"
cd -- "$1" || exit
for f in *; do
  [ -f "$f" ] || continue
  printf '\036%s\n' "$f"
  cat -- "$f" || exit
done`, nil, dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for i, record := range bytes.Split(told, []byte{'\x1e'}) {
		name, content, _ := bytes.Cut(record, []byte("\n"))
		if i > 0 {
			files[string(name)] = content
		}
	}
	return files, nil
}

// clockLayout is date's '+%Y/%m/%d %H:%M:%S', as nginx writes it.
const clockLayout = "2006/01/02 15:04:05"

func (r *remote) tail(ctx context.Context, file string, most int64) ([]byte, time.Time, error) {
	told, err := r.ask(ctx, `[ -f "$1" ] || { echo "$1 is no regular file" >&2; exit 1; }
date '+%Y/%m/%d %H:%M:%S' && exec tail -c "$2" -- "$1"`, nil, file, strconv.FormatInt(most, 10))
	if err != nil {
		return nil, time.Time{}, err
	}
	clock, end, _ := bytes.Cut(told, []byte("\n"))
	now, err := time.ParseInLocation(clockLayout, string(clock), time.Local)
	return end, now, err
}

func (r *remote) readlink(ctx context.Context, link string) (string, error) {
	told, err := r.ask(ctx, `[ -L "$1" ] || { ls -d -- "$1" >/dev/null || exit; echo "$1 is no link" >&2; exit 1; }
exec readlink -- "$1"`, nil, link)
	return strings.TrimSuffix(string(told), "\n"), err
}

func (r *remote) written(ctx context.Context, dir string) (map[string]time.Time, error) {
	told, err := r.ask(ctx, `cd -- "$1" || exit
for f in *; do
  [ -e "$f" ] || continue
  stat -c '%Y %n' -- "$f" || exit
done`, nil, dir)
	if err != nil {
		return nil, err
	}
	times := map[string]time.Time{}
	for line := range strings.Lines(string(told)) {
		seconds, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, err := strconv.ParseInt(seconds, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("list %s: %q", dir, line)
		}
		times[name] = time.Unix(at, 0)
	}
	return times, nil
}

func (r *remote) makeDirs(ctx context.Context, dirs ...string) error {
	_, err := r.ask(ctx, `exec mkdir -p -- "$@"`, nil, dirs...)
	return err
}

// writeFile counts what arrived: a connection that breaks ends the input as a short file would.
func (r *remote) writeFile(ctx context.Context, file string, content []byte) error {
	_, err := r.ask(ctx, `t="${1%/*}/.segue.$$"
cat >"$t" && [ "$(wc -c <"$t")" -eq "$2" ] && chmod 0644 "$t" && { sync "$t" 2>/dev/null || sync; } && mv -f -- "$t" "$1" && exit 0
rm -f -- "$t"
exit 1`, content, file, strconv.Itoa(len(content)))
	return err
}

func (r *remote) symlink(ctx context.Context, target, link string) error {
	_, err := r.ask(ctx, `t="${2%/*}/.segue.$$"
ln -s -- "$1" "$t" && mv -fT -- "$t" "$2" && { sync "${2%/*}" 2>/dev/null || sync; } && exit 0
rm -f -- "$t"
exit 1`, nil, target, link)
	return err
}

// writeFiles sends one archive: a file by itself would cost a round trip.
func (r *remote) writeFiles(ctx context.Context, dir string, files, _ map[string]string) error {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, name := range sortedKeys(files) {
		head := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name])), ModTime: time.Now(), Format: tar.FormatUSTAR}
		if err := w.WriteHeader(head); err != nil {
			return err
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, err := r.ask(ctx, `mkdir -p -- "$1" && tar -xf - -C "$1" && { sync "$1" 2>/dev/null || sync; }`, archive.Bytes(), dir)
	return err
}

func (r *remote) remove(ctx context.Context, file string) error {
	_, err := r.ask(ctx, `exec rm -rf -- "$1"`, nil, file)
	return err
}

func (r *remote) run(ctx context.Context, argv ...string) (int, []byte, []byte, error) {
	result, err := r.host.Run(ctx, `command -v -- "$1" >/dev/null || { echo "$1: not found" >&2; exit 60; }
exec "$@"`, nil, argv...)
	if err == nil && result.Code == 60 {
		err = complaintOf(result)
	}
	if err != nil {
		return 0, nil, nil, fmt.Errorf("run %s: %w", path.Base(argv[0]), err)
	}
	return result.Code, result.Output, result.Diagnostics, nil
}

func (r *remote) hangUp(ctx context.Context, pid int) error {
	_, err := r.ask(ctx, `kill -HUP "$1"`, nil, strconv.Itoa(pid))
	return err
}

func (r *remote) addresses(ctx context.Context) ([]netip.Addr, error) {
	r.mu.Lock()
	known, at := r.known, r.knownAt
	r.mu.Unlock()
	if known != nil && time.Since(at) < time.Minute {
		return known, nil
	}
	told, err := r.ask(ctx, `cat /proc/net/fib_trie || exit
echo :
[ ! -e /proc/net/if_inet6 ] || cat /proc/net/if_inet6`, nil)
	if err != nil {
		return nil, err
	}
	known = parseAddresses(string(told))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.knownAt = known, time.Now()
	return known, nil
}

// parseAddresses reads /proc/net/fib_trie, where "|-- ADDRESS" comes before its "/32 host LOCAL", and
// /proc/net/if_inet6, whose lines begin with 32 hexadecimal digits.
func parseAddresses(text string) []netip.Addr {
	var list []netip.Addr
	seen := map[netip.Addr]bool{}
	var last netip.Addr
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if address, found := strings.CutPrefix(line, "|-- "); found {
			last, _ = netip.ParseAddr(address) // invalid for anything else
		}
		here := netip.Addr{}
		switch digits, _, _ := strings.Cut(line, " "); {
		case line == "/32 host LOCAL":
			here = last
		case len(digits) == 32:
			var groups []string
			for i := 0; i < 32; i += 4 {
				groups = append(groups, digits[i:i+4])
			}
			here, _ = netip.ParseAddr(strings.Join(groups, ":")) // invalid for anything else
		}
		if here.IsValid() && !seen[here] {
			seen[here] = true
			list = append(list, here.Unmap())
		}
	}
	return list
}

func (r *remote) free(ctx context.Context, port int) (bool, error) {
	told, err := r.ask(ctx, `cat /proc/net/tcp || exit
[ ! -e /proc/net/tcp6 ] || cat /proc/net/tcp6`, nil)
	if err != nil {
		return false, fmt.Errorf("list ports: %w", err)
	}
	// "0: 0100007F:1F90 00000000:0000 0A …": local address, peer, state; 0A is LISTEN.
	at := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(string(told)) {
		if f := strings.Fields(line); len(f) > 3 && strings.HasSuffix(f[1], at) && f[3] == "0A" {
			return false, nil
		}
	}
	return true, nil
}

func (r *remote) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := r.host.Dial(ctx, network, address)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil, errRefused
	}
	return conn, err
}

func (r *remote) sharesProc() bool { return false }

func (r *remote) close() { r.host.Close() }

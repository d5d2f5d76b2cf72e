package nginx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Host is an nginx that is a process of a machine: of this one, or of one that is reached over ssh.
type Host struct {
	name    string
	on      machine
	command []string
	confDir string

	mu       sync.Mutex
	pidFile  string
	errorLog string
}

// NewHost is the nginx of this machine that reads confDir. command is the binary and the arguments that choose its
// configuration, as in nginx -p PREFIX -c FILE; empty: nginx as found in PATH.
func NewHost(confDir string, command ...string) *Host {
	return newHost("host", local{}, confDir, command)
}

func newHost(name string, on machine, confDir string, command []string) *Host {
	if len(command) == 0 {
		command = []string{"nginx"}
	}
	return &Host{name: name, on: on, command: command, confDir: filepath.Clean(confDir)}
}

// Name is "host", or that of the other machine.
func (h *Host) Name() string { return h.name }

// SharesProc is true for this machine.
func (h *Host) SharesProc() bool { return h.on.sharesProc() }

func (h *Host) machine() machine { return h.on }

// Look reads the pid file and checks that a master has that id.
func (h *Host) Look(ctx context.Context) (Sighting, error) {
	seen := Sighting{Stands: true, ConfDir: h.confDir, Dial: netip.AddrFrom4([4]byte{127, 0, 0, 1}), Listen: "127.0.0.1"}
	var err error
	if seen.Addresses, err = h.on.addresses(ctx); err != nil {
		return Sighting{}, err
	}
	file, _, err := h.files(ctx)
	if err != nil {
		return Sighting{}, err
	}
	raw, err := h.on.readFile(ctx, file)
	// After the pid file: a master that has just been restarted is in both.
	all, failed := h.on.processes(ctx)
	if failed != nil {
		return Sighting{}, failed
	}
	seen.Processes = all
	if errors.Is(err, fs.ErrNotExist) {
		seen.Reason = "no pid file " + file
		return seen, nil
	}
	if err != nil {
		return Sighting{}, fmt.Errorf("read pid file: %w", err)
	}
	pid, _ := strconv.Atoi(string(bytes.TrimSpace(raw))) // 0 where it says nothing
	if pid <= 0 {
		seen.Reason = "no process id in " + file
		return seen, nil
	}
	if seen.Running, err = isMaster(seen.Processes, pid); err != nil {
		return Sighting{}, fmt.Errorf("read title of process %d: %w", pid, err)
	}
	if seen.Running {
		seen.Master = pid
	} else {
		seen.Reason = "no nginx master"
	}
	return seen, nil
}

// files finds the pid file and the error log: from the configuration when it can be read, else as compiled in. It
// asks nginx once; a changed pid directive takes a restart of nginx and of segue.
func (h *Host) files(ctx context.Context) (pidFile, errorLog string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pidFile != "" {
		return h.pidFile, h.errorLog, nil
	}
	_, _, compiled, err := h.Nginx(ctx, "-V")
	if err != nil {
		return "", "", err
	}
	prefix := h.argument("-p", configured(compiled, "--prefix="))
	conf := absolute(prefix, h.argument("-c", configured(compiled, "--conf-path=")))
	pid, log := configured(compiled, "--pid-path="), configured(compiled, "--error-log-path=")
	text, err := h.on.readFile(ctx, conf)
	if err != nil {
		return "", "", fmt.Errorf("read nginx's configuration: %w", err)
	}
	for _, d := range parseConfig(conf, text) {
		if len(d.block) == 0 && len(d.args) > 0 {
			switch d.name {
			case "pid":
				pid = d.args[0]
			case "error_log":
				log = d.args[0]
			}
		}
	}
	h.pidFile, h.errorLog = absolute(prefix, pid), absolute(prefix, log)
	return h.pidFile, h.errorLog, nil
}

// argument is the value of one of the command's own options.
func (h *Host) argument(option, otherwise string) string {
	for i, a := range h.command[:len(h.command)-1] {
		if a == option {
			return h.command[i+1]
		}
	}
	return otherwise
}

func configured(compiled []byte, key string) string {
	for _, field := range strings.Fields(string(compiled)) {
		if value, found := strings.CutPrefix(field, key); found {
			return value
		}
	}
	return ""
}

func absolute(prefix, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(prefix, path)
}

// Nginx runs the machine's binary.
func (h *Host) Nginx(ctx context.Context, args ...string) (int, []byte, []byte, error) {
	own := h.command
	for _, a := range args {
		if a == "-c" {
			// nginx takes the last -c, but says so nowhere: leave ours out.
			own = without(own, "-c")
		}
	}
	return h.on.run(ctx, append(own[:len(own):len(own)], args...)...)
}

func without(command []string, option string) []string {
	var kept []string
	for i := 0; i < len(command); i++ {
		if command[i] == option {
			i++
			continue
		}
		kept = append(kept, command[i])
	}
	return kept
}

// Reload sends SIGHUP to the master that was seen.
func (h *Host) Reload(ctx context.Context, seen Sighting) error {
	all, err := h.on.processes(ctx)
	if err != nil {
		return fmt.Errorf("reload nginx: %w", err)
	}
	if yes, err := isMaster(all, seen.Master); err != nil || !yes {
		return fmt.Errorf("reload nginx: process %d is no nginx master", seen.Master)
	}
	if err := h.on.hangUp(ctx, seen.Master); err != nil {
		return fmt.Errorf("reload nginx: %w", err)
	}
	return nil
}

// ReadFile reads a file of the machine.
func (h *Host) ReadFile(ctx context.Context, path string) ([]byte, error) {
	return h.on.readFile(ctx, path)
}

// Emergency reads the end of the error log.
func (h *Host) Emergency(ctx context.Context, since time.Time) string {
	_, file, err := h.files(ctx)
	if err != nil {
		return ""
	}
	end, now, err := h.on.tail(ctx, file, 64<<10)
	if err != nil {
		return ""
	}
	return lastEmergency(end, since.Add(time.Until(now)))
}

// lastEmergency is the last [emerg] line not older than since. nginx writes local time without a zone:
// "2026/11/24 02:39:17 [emerg] 12#12: bind() to 0.0.0.0:80 failed (98: Address already in use)".
func lastEmergency(log []byte, since time.Time) string {
	lines := strings.Split(string(log), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		at := strings.Index(lines[i], "[emerg]")
		// It follows the line that names the port.
		if at < 20 || strings.HasSuffix(strings.TrimSpace(lines[i]), "still could not bind()") {
			continue
		}
		when, err := time.ParseInLocation("2006/01/02 15:04:05", strings.TrimSpace(lines[i][at-20:at]), time.Local)
		if err == nil && when.Before(since.Truncate(time.Second)) {
			return ""
		}
		return processGrammar.ReplaceAllString(strings.TrimSpace(lines[i][at:]), "")
	}
	return ""
}

// processGrammar is how a line of nginx's log begins after its time: "[emerg] 12#12: ".
var processGrammar = regexp.MustCompile(`^\[emerg\] \d+#\d+: (\*\d+ )?`)

// lastComplaint is what nginx said was wrong: its first [emerg] line, else its last line.
func lastComplaint(output []byte) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	for _, line := range lines {
		if at := strings.Index(line, "[emerg]"); at >= 0 {
			return strings.TrimSpace(line[at:])
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}

package nginx

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// process is one process, told from a later one with the same id by its start time.
type process struct {
	PID int `json:"pid"`
	// Start is field 22 of /proc/PID/stat: clock ticks since boot.
	Start uint64 `json:"start"`
}

// worker is a worker process of an nginx master.
type worker struct {
	process
	// leaving: it is shutting down and takes no new connection.
	leaving bool
}

// processes are those of one machine: of this one as they are, of another as they were when they were read.
type processes interface {
	// stat is one process with its state and its parent. gone(err): there is no such process.
	stat(pid int) (p process, state byte, parent int, err error)
	// title is a process's command line with spaces.
	title(pid int) (string, error)
	childrenOf(parent int) ([]process, error)
	// bootID tells one boot of the machine from another: start times count from boot.
	bootID() (string, error)
}

// alive says whether the very process still runs. A zombie does not: it holds no connection.
func alive(all processes, p process) bool {
	now, state, _, err := all.stat(p.PID)
	if err == nil {
		return now == p && state != 'Z' && state != 'X'
	}
	return !gone(err)
}

// gone tells "there is no such process" from "could not look".
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// parseStat reads /proc/PID/stat (proc(5)): the name in parentheses may hold anything, so fields count from the last ")".
func parseStat(raw []byte) (p process, state byte, parent int, err error) {
	id, _, _ := bytes.Cut(raw, []byte(" "))
	pid, err := strconv.Atoi(string(id))
	if err != nil {
		return process{}, 0, 0, fmt.Errorf("read stat of a process: %w", err)
	}
	fields := bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
	if len(fields) < 20 {
		return process{}, 0, 0, fmt.Errorf("read stat of process %d: %d fields", pid, len(fields))
	}
	parent, err = strconv.Atoi(string(fields[1]))
	if err != nil {
		return process{}, 0, 0, fmt.Errorf("read stat of process %d: %w", pid, err)
	}
	start, err := strconv.ParseUint(string(fields[19]), 10, 64)
	if err != nil {
		return process{}, 0, 0, fmt.Errorf("read stat of process %d: %w", pid, err)
	}
	return process{PID: pid, Start: start}, fields[0][0], parent, nil
}

// proc is this machine's /proc.
type proc struct{}

func (proc) stat(pid int) (process, byte, int, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return process{}, 0, 0, err
	}
	return parseStat(raw)
}

// childrenOf looks at all processes: /proc/PID/task/*/children may leave some out while others exit (proc(5)), and a
// worker that is not seen is an instance that is stopped too early.
func (all proc) childrenOf(parent int) ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var children []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		p, state, of, err := all.stat(pid)
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if of == parent && state != 'Z' {
			children = append(children, p)
		}
	}
	return children, nil
}

func (proc) title(pid int) (string, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	return titleOf(raw), err
}

func titleOf(cmdline []byte) string {
	return strings.TrimSpace(string(bytes.ReplaceAll(cmdline, []byte{0}, []byte{' '})))
}

func (proc) bootID() (string, error) {
	raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("read boot id: %w", err)
	}
	return string(bytes.TrimSpace(raw)), nil
}

// workersOf lists the workers of a master. The titles are nginx's own (ngx_process_cycle.c).
func workersOf(all processes, master int) ([]worker, error) {
	children, err := all.childrenOf(master)
	if err != nil {
		return nil, err
	}
	var workers []worker
	for _, c := range children {
		t, err := all.title(c.PID)
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read title of process %d: %w", c.PID, err)
		}
		// A child that was just forked still carries the master's title; it knows what the newest workers know.
		if strings.Contains(t, "nginx: worker process") || strings.Contains(t, "nginx: master process") {
			workers = append(workers, worker{process: c, leaving: strings.Contains(t, "is shutting down")})
		}
	}
	return workers, nil
}

// isMaster says whether the process is an nginx master.
func isMaster(all processes, pid int) (bool, error) {
	t, err := all.title(pid)
	if gone(err) {
		return false, nil
	}
	return strings.Contains(t, "nginx: master process"), err
}

// masterBelow finds the nginx master at or below a process; 0 when there is none.
func masterBelow(all processes, pid int) (int, error) {
	for level := []int{pid}; len(level) > 0; {
		var next []int
		for _, p := range level {
			yes, err := isMaster(all, p)
			if err != nil {
				return 0, fmt.Errorf("read title of process %d: %w", p, err)
			}
			if yes {
				return p, nil
			}
			children, err := all.childrenOf(p)
			if err != nil {
				return 0, err
			}
			for _, c := range children {
				next = append(next, c.PID)
			}
		}
		level = next
	}
	return 0, nil
}

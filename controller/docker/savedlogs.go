package docker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/google/renameio/v2"

	"github.com/segue-dev/segue/reconcile"
)

const (
	// savedLogs is how many logs are kept of one Deployment's failed instances.
	savedLogs = 5
	// savedLogBytes bounds one: what logConfig lets an instance write at most.
	savedLogBytes = 30 << 20
)

// savedLog is where an instance's log is saved.
func (r *Runtime) savedLog(instance string) string {
	return filepath.Join(r.options.StateDir, "logs", instance+".log")
}

// SaveLog copies the whole log of an instance to the state directory and says where. Of one Deployment the last
// savedLogs are kept.
func (r *Runtime) SaveLog(ctx context.Context, instance string) (path string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := r.find(ctx, instance)
	if err != nil {
		return "", fmt.Errorf("save log: %w", err)
	}
	return r.saveLog(ctx, instance, c)
}

func (r *Runtime) saveLog(ctx context.Context, instance string, c container.InspectResponse) (string, error) {
	path := r.savedLog(instance)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("save log: %w", err)
	}
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600))
	if err != nil {
		return "", fmt.Errorf("save log: %w", err)
	}
	defer func() { _ = file.Cleanup() }()
	if err := r.copyLog(ctx, c, reconcile.LogOptions{Tail: -1}, &bounded{file: file, left: savedLogBytes}); err != nil {
		return "", fmt.Errorf("save log: %w", err)
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return "", fmt.Errorf("save log: %w", err)
	}
	return path, forgetOldLogs(filepath.Dir(path), instance)
}

// forgetOldLogs removes all but the last logs of the instance's Deployment.
func forgetOldLogs(dir, instance string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list saved logs: %w", err)
	}
	type saved struct {
		path string
		at   time.Time
	}
	var all []saved
	for _, entry := range entries {
		name, isLog := strings.CutSuffix(entry.Name(), ".log")
		info, err := entry.Info()
		if isLog && err == nil && deploymentPart(name) == deploymentPart(instance) {
			all = append(all, saved{filepath.Join(dir, entry.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b saved) int { return b.at.Compare(a.at) })
	for _, old := range all[min(savedLogs, len(all)):] {
		if err := os.Remove(old.path); err != nil {
			return fmt.Errorf("forget saved log: %w", err)
		}
	}
	return nil
}

// deploymentPart is DEPLOYMENT of DEPLOYMENT-REVISION-N.
func deploymentPart(instance string) string {
	for range 2 {
		if i := strings.LastIndexByte(instance, '-'); i > 0 {
			instance = instance[:i]
		}
	}
	return instance
}

// bounded writes up to left bytes and drops the rest.
type bounded struct {
	file *renameio.PendingFile
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	n, err := b.file.Write(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil {
		return n, err
	}
	return len(p), nil
}

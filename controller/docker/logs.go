package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/segue-dev/segue/reconcile"
)

// Logs implements controller.Runtime: stdout and stderr in the order in which the engine has them. Of a removed
// instance it copies the saved log, where there is one.
func (r *Runtime) Logs(ctx context.Context, instance string, options reconcile.LogOptions, to io.Writer) error {
	c, err := r.find(ctx, instance)
	if errors.Is(err, errMissing) {
		if saved, openErr := os.Open(r.savedLog(instance)); openErr == nil {
			defer func() { _ = saved.Close() }() // only read
			_, err = io.Copy(to, saved)
		}
	}
	if err != nil {
		return fmt.Errorf("logs of %s: %w", instance, err)
	}
	if c.ContainerJSONBase == nil {
		return nil
	}
	return r.copyLog(ctx, c, options, to)
}

func (r *Runtime) copyLog(ctx context.Context, c container.InspectResponse, options reconcile.LogOptions, to io.Writer) error {
	asked := container.LogsOptions{ShowStdout: true, ShowStderr: true, Follow: options.Follow, Timestamps: options.Timestamps}
	if options.Tail >= 0 {
		asked.Tail = strconv.Itoa(options.Tail)
	}
	if !options.Since.IsZero() {
		asked.Since = options.Since.Format(time.RFC3339Nano)
	}
	stream, err := r.cli.ContainerLogs(ctx, c.ID, asked)
	if err != nil {
		return fmt.Errorf("logs of %s: %w", strings.TrimPrefix(c.Name, "/"), err)
	}
	defer stream.Close()
	if c.Config.Tty {
		_, err = io.Copy(to, stream)
	} else {
		_, err = stdcopy.StdCopy(to, to, stream)
	}
	if err != nil {
		return fmt.Errorf("logs of %s: %w", strings.TrimPrefix(c.Name, "/"), err)
	}
	return nil
}

// tailBytes bounds what Tail reads.
const tailBytes = 1 << 20

// Tail implements controller.Runtime.
func (r *Runtime) Tail(ctx context.Context, instance string, lines int) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	kept := &head{limit: tailBytes}
	if err := r.Logs(ctx, instance, reconcile.LogOptions{Tail: lines}, kept); err != nil {
		return nil, err
	}
	text := string(bytes.TrimRight(kept.Bytes(), "\n"))
	if text == "" {
		return nil, nil
	}
	all := strings.Split(text, "\n")
	return all[max(0, len(all)-lines):], nil
}

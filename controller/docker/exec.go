package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// execTimeout ends a command that makes no end.
const execTimeout = 10 * time.Minute

// execOutput is how much of a command's output is kept.
const execOutput = 64 << 10

// Exec implements controller.Runtime. The output is stdout and stderr together, at most 64 KiB; what comes after is
// read and dropped.
func (r *Runtime) Exec(ctx context.Context, name string, command []string) (code int, output []byte, err error) {
	c, err := r.find(ctx, name)
	if err != nil {
		return 0, nil, fmt.Errorf("exec: %w", err)
	}
	return r.exec(ctx, c.ID, command)
}

// execApartOutput bounds the output of a command that is wanted whole: a configuration with thousands of servers.
const execApartOutput = 64 << 20

// ExecApart is Exec with stdout, which is whole or an error, and the first 64 KiB of stderr apart: the engine does not
// keep the order of what is written to both.
func (r *Runtime) ExecApart(ctx context.Context, name string, command []string) (code int, output, diagnostics []byte, err error) {
	c, err := r.find(ctx, name)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("exec: %w", err)
	}
	out, errs := &head{limit: execApartOutput}, &head{limit: execOutput}
	code, err = r.execTo(ctx, c.ID, command, out, errs)
	if err == nil && out.Len() == execApartOutput {
		err = fmt.Errorf("exec: %s wrote more than %d MiB", command[0], execApartOutput>>20)
	}
	return code, out.Bytes(), errs.Bytes(), err
}

func (r *Runtime) exec(ctx context.Context, id string, command []string) (code int, output []byte, err error) {
	kept := &head{limit: execOutput}
	code, err = r.execTo(ctx, id, command, kept, kept)
	return code, kept.Bytes(), err
}

func (r *Runtime) execTo(ctx context.Context, id string, command []string, output, diagnostics io.Writer) (code int, err error) {
	ctx, cancel := context.WithTimeout(ctx, execTimeout)
	defer cancel()
	created, err := r.cli.ContainerExecCreate(ctx, id, container.ExecOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return 0, fmt.Errorf("exec: %w", err)
	}
	attached, err := r.cli.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{})
	if err != nil {
		return 0, fmt.Errorf("exec: %w", err)
	}
	defer attached.Close()
	// The stream is a hijacked connection: it knows no context.
	stop := context.AfterFunc(ctx, func() { attached.Close() })
	defer stop()
	if _, err := stdcopy.StdCopy(output, diagnostics, attached.Reader); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return 0, fmt.Errorf("exec: %w", err)
	}
	return r.exitCode(ctx, created.ID)
}

// exitCode reads the code; the stream may end a moment before the engine knows it.
func (r *Runtime) exitCode(ctx context.Context, exec string) (int, error) {
	for {
		state, err := r.cli.ContainerExecInspect(ctx, exec)
		if err != nil {
			return 0, fmt.Errorf("exec: %w", err)
		}
		if !state.Running {
			return state.ExitCode, nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return 0, fmt.Errorf("exec: %w", errors.Join(errors.New("the exit code did not come"), ctx.Err()))
		}
	}
}

// head keeps the first limit bytes that are written to it.
type head struct {
	bytes.Buffer
	limit int
}

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), h.limit-h.Len())])
	return len(p), nil
}

// lastLine is the last line that says anything.
func lastLine(output []byte) string {
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	return string(lines[len(lines)-1])
}

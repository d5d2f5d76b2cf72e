package testbed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// Controller is `segue run` as a process, with a state directory, a directory of manifests and a socket of its own.
type Controller struct {
	// Manifests is the directory that it follows.
	Manifests string
	Socket    string
	// Client asks it.
	Client *api.Client
	// LogFile holds what it said, over all its lives.
	LogFile string

	bed   *Bed
	state string
	args  []string
	// written is the text of each manifest file; seen the generation of each object that was last seen, floor the one
	// that the last Write leads to.
	written     map[string]string
	seen, floor map[string]int64
	// whole is the revision of each Deployment that was last seen whole.
	whole map[string]int64
	// command is the running process, ended is closed when it is gone and result is set.
	command *exec.Cmd
	ended   chan struct{}
	result  error
}

// Controller prepares one; Start starts it. args are added to `segue run`.
func (b *Bed) Controller(args ...string) (*Controller, error) {
	c := &Controller{
		Manifests: b.Path("manifests"), Socket: b.Path("s"), LogFile: b.Path("segue.log"), bed: b, state: b.Path("state"), args: args,
		written: map[string]string{}, seen: map[string]int64{}, floor: map[string]int64{}, whole: map[string]int64{},
	}
	if err := os.MkdirAll(c.Manifests, 0o755); err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	c.Client = api.NewClient(c.Socket)
	return c, nil
}

// flags are those that every command needs to speak of this controller.
func (c *Controller) flags() []string {
	return []string{"--state-dir", c.state, "--socket", c.Socket, "--owner", c.bed.Name}
}

// Start starts the process and returns when it answers.
func (c *Controller) Start(ctx context.Context) error {
	log, err := os.OpenFile(c.LogFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	args := append(append([]string{"run", "--manifests", c.Manifests}, c.flags()...), c.args...)
	c.command = exec.Command(c.bed.Binary, args...)
	c.command.Stdout, c.command.Stderr = log, log
	c.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.command.Start(); err != nil {
		return fmt.Errorf("start segue: %w", err)
	}
	command, ended := c.command, make(chan struct{})
	c.ended = ended
	go func() {
		c.result = command.Wait()
		close(ended)
	}()
	return c.answers(ctx)
}

func (c *Controller) answers(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, 30*time.Second)
	defer done()
	for {
		if _, err := c.Client.Version(ctx); err == nil {
			return nil
		}
		select {
		case <-c.ended:
			return fmt.Errorf("segue ended: %w\n%s", c.result, c.LogTail(20))
		default:
		}
		if !Pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("segue does not answer at %s\n%s", c.Socket, c.LogTail(20))
		}
	}
}

// Kill ends it with SIGKILL.
func (c *Controller) Kill() error {
	if err := c.command.Process.Kill(); err != nil {
		return fmt.Errorf("kill segue: %w", err)
	}
	kills.Add(1)
	<-c.ended
	return nil
}

// Stop ends it with SIGTERM, and with SIGKILL where that does not help within 20 s, which is an error.
func (c *Controller) Stop() error {
	if c.command == nil || !c.Running() {
		return nil
	}
	if err := c.command.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop segue: %w", err)
	}
	select {
	case <-c.ended:
		return nil
	case <-time.After(20 * time.Second):
		return errors.Join(errors.New("segue did not end within 20 s of SIGTERM"), c.Kill())
	}
}

// Running says whether the process lives.
func (c *Controller) Running() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// Write replaces a manifest by rename, as editors do. A file is named after the one object in it.
func (c *Controller) Write(file, text string) error {
	if before, ok := c.written[file]; !ok || before != text {
		name := strings.TrimSuffix(file, ".yaml")
		c.floor[name] = max(c.seen[name], c.floor[name]) + 1
		c.written[file] = text
	}
	path := filepath.Join(c.Manifests, file)
	hidden := filepath.Join(c.bed.Dir, "."+file)
	if err := os.WriteFile(hidden, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return os.Rename(hidden, path)
}

// CLI runs a command of segue's and gives what it printed, both streams, and its exit code. Flags in args win over
// those that it adds.
func (c *Controller) CLI(ctx context.Context, args ...string) (string, int, error) {
	ctx, done := context.WithTimeout(ctx, 3*time.Minute)
	defer done()
	command := exec.CommandContext(ctx, c.bed.Binary, append(c.flags(), args...)...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() >= 0 {
		return out.String(), exit.ExitCode(), nil
	}
	if err != nil {
		return out.String(), -1, fmt.Errorf("segue %s: %w", strings.Join(args, " "), err)
	}
	return out.String(), 0, nil
}

// LogTail is the end of the log.
func (c *Controller) LogTail(lines int) string {
	text, err := os.ReadFile(c.LogFile)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

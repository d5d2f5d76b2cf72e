package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source"
)

// running is one invocation of run.
type running struct {
	cli             *cli
	manifests       []string
	socketGroup     string
	prune, pruneAll bool
	once            bool
	wait            waitFlags
}

func (c *cli) runCommand() *cobra.Command {
	r := &running{cli: c}
	command := &cobra.Command{
		Use:   "run",
		Short: "Run the controller",
		Long: `Run the controller: it keeps containers, nginx and Eureka equal to the manifests in --manifests and
to what was applied, until it is stopped. Stopping or killing it stops nothing that it runs; the
next start goes on where the world is.`,
		Example: `  segue run --manifests /etc/segue/manifests
  segue run --manifests shop/ --once --timeout 15m     # converge, then exit with the result`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return r.run(command.Context()) },
	}
	flags := command.Flags()
	flags.StringSliceVar(&r.manifests, "manifests", nil, "directory of manifests to follow; may be repeated")
	flags.StringVar(&r.socketGroup, "socket-group", "", "group that may use the socket; its members are as good as root")
	flags.BoolVar(&r.prune, "prune", false, "delete what a source no longer holds (never more than half at once, never when a file is bad)")
	flags.BoolVar(&r.pruneAll, "prune-all", false, "let --prune delete more than half at once")
	flags.BoolVar(&r.once, "once", false, "converge, then exit with the result")
	flags.DurationVar(&r.wait.timeout, "timeout", 0, "with --once: how long to wait (default no limit)")
	flags.StringVarP(&r.wait.output, "output", "o", "", "with --once: json: one JSON event a line on stdout, words on stderr")
	return command
}

func (r *running) run(ctx context.Context) (err error) {
	c := r.cli
	if r.pruneAll && !r.prune {
		return usage("error: --prune-all allows --prune to delete more than half at once: say both")
	}
	if err := r.wait.check(); err != nil {
		return err
	}
	sources, err := r.sources(c)
	if err != nil {
		return err
	}
	if _, err := c.ownerID(); err != nil {
		return err
	}
	unlock, err := c.lock("segue run")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	a, err := c.assemble(ctx, wishes{sources: sources, prune: r.prune, pruneAll: r.pruneAll, log: c.logger(true)})
	if err != nil {
		return err
	}
	listener, err := api.Listen(ctx, c.socket, r.socketGroup)
	if err != nil {
		return err
	}
	engine, err := a.engine.Version(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintln(c.err, r.greeting(a.owner, engine))

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var parts sync.WaitGroup
	results := make(chan error, 2)
	parts.Go(func() { results <- part("run controller", a.controller.Run(ctx)); stop() })
	parts.Go(func() { results <- part("serve API", api.Serve(ctx, listener, a.controller)); stop() })
	if r.once {
		err = r.settle(ctx, a.controller)
	} else {
		<-ctx.Done()
	}
	stop()
	parts.Wait()
	return errors.Join(err, <-results, <-results)
}

// part is the end of one of the daemon's parts; that it was told to end is no error.
func part(what string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (r *running) sources(c *cli) ([]controller.Source, error) {
	var sources []controller.Source
	for _, dir := range r.manifests {
		path, err := filepath.Abs(dir)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", dir, err)
		}
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			return nil, usage("error: --manifests %s: it is no directory that can be read; make it, or name another", dir)
		}
		sources = append(sources, source.NewDirectory(path, c.logger(true).WithName("source")))
	}
	return sources, nil
}

// greeting says in one line who runs, where, and with what.
func (r *running) greeting(owner, engine string) string {
	text := fmt.Sprintf("segue %s: owner %s, Docker Engine %s, socket %s, state %s", release(), owner, engine, r.cli.socket, r.cli.stateDir)
	for _, dir := range r.manifests {
		text += ", manifests " + dir
	}
	return text
}

// settle waits until every object has settled.
func (r *running) settle(ctx context.Context, made *controller.Controller) error {
	ctx, cancel := timed(ctx, r.wait.timeout)
	defer cancel()
	if err := made.Ready(ctx); err != nil {
		return err
	}
	list, err := made.List(ctx, api.Query{})
	if err != nil {
		return err
	}
	var goals []goal
	for _, status := range list.Items {
		if status.Deployment != nil && status.Deployment.Orphan {
			continue
		}
		goals = append(goals, goal{kind: status.Kind, name: status.Name, generation: status.Generation, gone: status.Deleting})
	}
	if len(goals) == 0 {
		return nil
	}
	return r.cli.follow(ctx, &session{Service: made, inside: true}, goals, &r.wait)
}

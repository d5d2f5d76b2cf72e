package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/webhook"
)

// running is one invocation of run.
type running struct {
	cli         *cli
	from        sourceFlags
	socketGroup string
	once        bool
	wait        waitFlags
}

func (c *cli) runCommand() *cobra.Command {
	r := &running{cli: c}
	command := &cobra.Command{
		Use:   "run",
		Short: "Run the controller",
		Long: `Run the controller: it keeps containers, nginx and Eureka equal to the manifests in --manifests, in
the repository --git, in what --sources names, and to what was applied, until it is stopped. Stopping
or killing it stops nothing that it runs; the next start goes on where the world is.`,
		Example: `  segue run --manifests /etc/segue/manifests
  segue run --git https://git.shop/deploy.git --path prod --git-token-file /etc/segue/token
  segue run --manifests shop/ --once --timeout 15m     # converge, then exit with the result`,
		Args: none,
		RunE: func(command *cobra.Command, _ []string) error { return r.run(command.Context()) },
	}
	flags := command.Flags()
	r.from.register(flags)
	flags.StringVar(&r.socketGroup, "socket-group", "", "group that may use the socket; its members are as good as root")
	flags.BoolVar(&r.once, "once", false, "converge, then exit with the result")
	flags.DurationVar(&r.wait.timeout, "timeout", 0, "with --once: how long to wait (default no limit)")
	flags.StringVarP(&r.wait.output, "output", "o", "", "with --once: json: one JSON event a line on stdout, words on stderr")
	return command
}

func (r *running) run(ctx context.Context) (err error) {
	c := r.cli
	if err = r.wait.check(); err != nil {
		return err
	}
	follows, err := r.follows()
	if err != nil {
		return err
	}
	hooks, err := r.listenForHooks(ctx, follows)
	if err != nil {
		return err
	}
	if hooks != nil {
		defer func() { _ = hooks.Close() }() // the receiver has closed it, unless it never ran
	}
	if _, err := c.ownerID(); err != nil {
		return err
	}
	unlock, err := c.lock("segue run")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	a, err := c.assemble(ctx, wishes{sources: follows, log: c.logger(true)})
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

	told, err := c.couriers(r.from.notifications, a)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	jobs := []job{
		{"run controller", a.controller.Run},
		{"serve API", func(ctx context.Context) error { return api.Serve(ctx, listener, a.controller) }},
		{"notify", told.run},
	}
	if hooks != nil {
		jobs = append(jobs, c.receiving(hooks, follows))
	}
	return r.work(ctx, jobs, func(ctx context.Context) error {
		err := r.settle(ctx, a.controller)
		c.flush(ctx, told, a.controller)
		return err
	})
}

// follows are the sources that flags and --sources name. The identities that are named there are the command's from then on.
func (r *running) follows() (*followed, error) {
	entries, err := r.from.entries()
	if err != nil {
		return nil, err
	}
	r.cli.ageIdentities = append(r.cli.ageIdentities, r.from.ageIdentities...)
	follows, err := r.cli.sources(entries, r.cli.stateDir)
	if err != nil {
		return nil, err
	}
	follows.reportDrift = r.from.drift == driftReport
	return follows, nil
}

// job is one part of the daemon: it works until ctx ends.
type job struct {
	what string
	run  func(ctx context.Context) error
}

// receiving takes forges' webhooks.
func (c *cli) receiving(hooks net.Listener, follows *followed) job {
	receiver := &webhook.Receiver{Hooks: follows.hooks, Log: c.logger(true).WithName("webhook")}
	return job{"receive webhooks", func(ctx context.Context) error { return receiver.Serve(ctx, hooks) }}
}

// work does all jobs until ctx ends or one of them has ended; with --once, until settle returns.
func (r *running) work(ctx context.Context, jobs []job, settle func(context.Context) error) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var working sync.WaitGroup
	errs := make([]error, len(jobs))
	for i, one := range jobs {
		working.Go(func() { errs[i] = part(one.what, one.run(ctx)); stop() })
	}
	if r.once {
		err = settle(ctx)
	} else {
		<-ctx.Done()
	}
	stop()
	working.Wait()
	return errors.Join(err, errors.Join(errs...))
}

// part is the end of one of the daemon's parts; that it was told to end is no error.
func part(what string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// listenForHooks listens where --webhook-listen says; nil where it says nothing.
func (r *running) listenForHooks(ctx context.Context, follows *followed) (net.Listener, error) {
	if r.from.webhookListen == "" {
		return nil, nil
	}
	if len(follows.hooks) == 0 {
		return nil, usage("error: --webhook-listen: no source has a secret: give --webhook-secret-file for --git, or webhookSecretFile for each source in the file of --sources")
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", r.from.webhookListen)
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	return listener, nil
}

// greeting says in one line who runs, where, and with what.
func (r *running) greeting(owner, engine string) string {
	text := fmt.Sprintf("segue %s: owner %s, Docker Engine %s, socket %s, state %s", release(), owner, engine, r.cli.socket, r.cli.stateDir)
	for _, dir := range r.from.manifests {
		text += ", manifests " + dir
	}
	if r.from.git.URL != "" {
		text += ", git " + r.from.git.URL
	}
	if r.from.file != "" {
		text += ", sources " + r.from.file
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

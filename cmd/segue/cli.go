package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/spec"
)

// cli is one invocation of the command.
type cli struct {
	in       io.Reader
	out, err io.Writer
	// terminal: out is one, so lines may be rewritten; color: it may be coloured.
	terminal, color bool
	// width is the terminal's; nil where there is none.
	width func() int
	// connect gives a controller to ask.
	connect func(context.Context, need) (*session, error)

	// The flags that every command has.
	socket, stateDir, owner, instanceCIDR, advertise, hostPorts string
	// ageIdentities are files, secretDir is where what they decrypt for instances lies.
	ageIdentities []string
	secretDir     string
	namespace     string
	verbosity     int
	logFormat     string

	// parsed: flags and arguments were good; an error before that is a usage error.
	parsed bool
}

// execute runs the command line and tells its error.
func (c *cli) execute(ctx context.Context, args []string) exitCode {
	out := &latch{to: c.out}
	c.out = out
	root := c.root()
	root.SetArgs(args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	command, err := root.ExecuteContextC(ctx)
	if err != nil && !c.parsed {
		if command == root && len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			err = known(root, args) // a flag of what is no command matters less
		}
		err = &ended{code: exitUsage, text: fmt.Sprintf("error: %v\nSee '%s --help'.", err, command.CommandPath())}
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("write answer: %w", out.err)
	}
	code := codeOf(err)
	if command.Name() == "diff" && code == exitFailed && !errors.Is(err, errDiffers) {
		code = exitUsage // diff's 1 means that there is a difference
	}
	if text := textOf(err, code); text != "" {
		fmt.Fprintln(c.err, text)
	}
	return code
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "segue",
		Short: "Replace running containers without a pause in service",
		Long: `segue replaces running containers without a pause in service: it keeps containers, nginx and Eureka
equal to your manifests, together and in a safe order.

Commands talk to the controller that answers at --socket (segue run). Where none does, the same
controller runs inside the command until what it was asked for has settled.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: c.prepare,
		Args:              known,
		RunE:              func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	flags := root.PersistentFlags()
	flags.StringVarP(&c.namespace, "namespace", "n", spec.DefaultNamespace, "namespace of the objects")
	flags.StringVar(&c.socket, "socket", "/run/segue/segue.sock", "unix socket of segue run")
	flags.StringVar(&c.stateDir, "state-dir", "/var/lib/segue", "directory of what must survive a restart")
	flags.StringSliceVar(&c.ageIdentities, "age-identity", nil, "file with an identity that decrypts age-encrypted files which manifests name; may be repeated")
	flags.StringVar(&c.secretDir, "secret-dir", "/run/segue/secrets", "directory on a tmpfs for decrypted files of instances")
	flags.StringVar(&c.owner, "owner", "", "owner id on containers, leases and directories (default: from /etc/machine-id and --state-dir)")
	flags.StringVar(&c.advertise, "advertise-address", "", "this machine's address for nginx servers and Eureka clients on other machines (default that of the default route)")
	flags.StringVar(&c.hostPorts, "host-ports", "30000-32767", "this machine's ports for instances that Eureka clients on other machines reach")
	flags.StringVar(&c.instanceCIDR, "instance-cidr", "10.83.0.0/16", "subnet of the Docker network segue")
	flags.CountVarP(&c.verbosity, "verbose", "v", "log more; twice: each step's details")
	flags.StringVar(&c.logFormat, "log-format", "text", "format of the log on stderr: text or json")

	_ = root.RegisterFlagCompletionFunc("namespace", c.completeNamespaces) // the flag is there
	root.AddGroup(
		&cobra.Group{ID: "change", Title: "Say what should run:"},
		&cobra.Group{ID: "rollout", Title: "Steer a rollout:"},
		&cobra.Group{ID: "source", Title: "Steer sources:"},
		&cobra.Group{ID: "look", Title: "Look:"},
		&cobra.Group{ID: "daemon", Title: "Run:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, command := range commands {
			command.GroupID = group
			root.AddCommand(command)
		}
	}
	add("change", c.applyCommand(), c.planCommand(), c.diffCommand(), c.deleteCommand(), c.scaleCommand(), c.setCommand())
	add("rollout", c.rolloutCommand(), c.restartCommand(), c.promoteCommand(), c.abortCommand(), c.retryCommand(), c.waitCommand())
	add("source", c.reconcileCommand(), c.suspendCommand(), c.resumeCommand())
	add("look", c.getCommand(), c.describeCommand(), c.logsCommand(), c.eventsCommand(), c.importCommand())
	add("daemon", c.runCommand(), c.eurekaCommand(), c.forwardCommand())
	root.AddCommand(c.schemaCommand(), c.versionCommand())
	return root
}

// prepare runs when flags and arguments are good.
func (c *cli) prepare(*cobra.Command, []string) error {
	if c.logFormat != "text" && c.logFormat != "json" {
		return fmt.Errorf("read --log-format %q: say text or json", c.logFormat)
	}
	c.parsed = true
	return nil
}

// paint colours text where that may be seen. code is an SGR parameter (ECMA-48, 8.3.117): 31 red, 32 green, 1 bold.
func (c *cli) paint(code, text string) string {
	if !c.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

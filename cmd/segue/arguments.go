package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// atLeast wants so many arguments.
func atLeast(n int) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if len(args) < n {
			return fmt.Errorf("something is missing: say %s", strings.TrimSuffix(command.UseLine(), " [flags]"))
		}
		return nil
	}
}

// exactlyOne wants one argument.
func exactlyOne(command *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("%q is too much: say %s", args[1], strings.TrimSuffix(command.UseLine(), " [flags]"))
	}
	return atLeast(1)(command, args)
}

// none wants no argument. What stands where others want a file is sent behind -f.
func none(command *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case command.Flags().Lookup("filename") != nil:
		return fmt.Errorf("files go behind -f: %s -f %s", command.CommandPath(), args[0])
	default:
		return fmt.Errorf("%s takes no arguments, so not %q", command.CommandPath(), args[0])
	}
}

// elsewhere says of what kubectl or compose can do, and segue does by another name or leaves to others, how it is done.
var elsewhere = map[string]string{
	"attach":       "an instance is a container: docker attach INSTANCE",
	"autoscale":    "segue scale NAME --replicas N",
	"cp":           "an instance is a container: docker cp INSTANCE:PATH PATH",
	"create":       "segue apply -f FILE creates and changes",
	"deploy":       "segue apply -f FILE",
	"down":         "segue delete -f FILE",
	"edit":         "change the file, then segue apply -f FILE",
	"exec":         "an instance is a container: docker exec -it INSTANCE COMMAND",
	"explain":      "segue schema prints every field, with what it means",
	"expose":       "a Deployment's routes say how it is reached; segue apply -f FILE",
	"patch":        "change the file, then segue apply -f FILE",
	"port-forward": "instances can be dialled from this host: segue get instances -o wide shows their addresses",
	"ps":           "segue get instances",
	"replace":      "segue apply -f FILE creates and changes",
	"rm":           "segue delete deployment NAME",
	"rollback":     "segue rollout undo NAME",
	"status":       "segue rollout status NAME",
	"stop":         "segue scale NAME --replicas 0, or segue delete deployment NAME",
	"top":          "an instance is a container: docker stats INSTANCE",
	"up":           "segue apply -f FILE",
}

// known refuses what is no command of command's, with what was meant or how it is done.
func known(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	command.SuggestionsMinimumDistance = 2 // as cobra's own default, which SuggestionsFor leaves out
	hint := ""
	if !command.HasParent() {
		hint = elsewhere[args[0]]
	}
	if near := command.SuggestionsFor(args[0]); hint == "" && len(near) > 0 {
		hint = fmt.Sprintf("did you mean %s?", strings.Join(near, " or "))
	}
	if hint != "" {
		hint = "; " + hint
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], command.CommandPath(), hint)
}

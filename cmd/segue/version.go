package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

// version is set by a release: go build -ldflags "-X main.version=v0.1.0".
var version string

// release is the version, else what the build knows of its source.
func release() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "", ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			revision = setting.Value[:min(len(setting.Value), 12)]
		case "vcs.modified":
			if setting.Value == "true" {
				modified = "+changes"
			}
		}
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	if revision == "" {
		return "devel"
	}
	return "devel-" + revision + modified
}

func (c *cli) versionCommand() *cobra.Command {
	clientOnly, output := false, ""
	command := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of this command and of the controller",
		Args:  none,
		RunE: func(command *cobra.Command, _ []string) error {
			answer := struct {
				Client     string       `json:"client"`
				Controller *api.Version `json:"controller,omitempty"`
			}{Client: release()}
			why := ""
			if !clientOnly {
				ctx, cancel := context.WithTimeout(command.Context(), answerTime)
				defer cancel()
				client := api.NewClient(c.socket)
				defer client.Close()
				running, err := client.Version(ctx)
				switch {
				case err == nil:
					answer.Controller = &running
				case errors.Is(err, api.ErrNotRunning):
					why = err.Error()
				default:
					return err
				}
			}
			if output != "" {
				if output != "json" && output != "yaml" {
					return usage("error: -o %s: there are json and yaml", output)
				}
				return dump(c.out, output, []any{answer}, true)
			}
			fmt.Fprintf(c.out, "Client:     %s\n", answer.Client)
			if answer.Controller != nil {
				fmt.Fprintf(c.out, "Controller: %s (owner %s, pid %d)\n", answer.Controller.Version, answer.Controller.Owner, answer.Controller.PID)
			} else if why != "" {
				fmt.Fprintf(c.out, "Controller: none (%s)\n", why)
			}
			return nil
		},
	}
	command.Flags().BoolVar(&clientOnly, "client", false, "of this command only")
	command.Flags().StringVarP(&output, "output", "o", "", "json or yaml")
	return command
}

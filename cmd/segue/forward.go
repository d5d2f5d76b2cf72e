package main

import (
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/nginx/forward"
)

func (c *cli) forwardCommand() *cobra.Command {
	var listen, targets string
	command := &cobra.Command{
		Use:   "forward",
		Short: "Hand connections to nginx, for http://NAME on the Docker networks",
		Long: `Hand connections to the listeners of nginx that a file names, byte by byte. segue run starts one by
itself, as a container of that name, for each Deployment with an internal route.`,
		Args: none,
		RunE: func(command *cobra.Command, _ []string) error {
			if targets == "" {
				return usage("error: say which file names the servers: --targets")
			}
			var config net.ListenConfig
			listener, err := config.Listen(command.Context(), "tcp", listen)
			if err != nil {
				return fmt.Errorf("listen: %w", err)
			}
			fmt.Fprintf(c.out, "segue %s: connections to %s go to the servers in %s\n", release(), listen, targets)
			return forward.New(targets).Serve(command.Context(), listener)
		},
	}
	flags := command.Flags()
	flags.StringVar(&listen, "listen", ":80", "address to listen at")
	flags.StringVar(&targets, "targets", "", "file with HOST:PORT of a server on each line; read for each connection")
	return command
}

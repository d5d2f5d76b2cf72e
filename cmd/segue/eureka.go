package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/eureka/registry"
)

func (c *cli) eurekaCommand() *cobra.Command {
	var options registry.Options
	command := &cobra.Command{
		Use:   "eureka",
		Short: "Run a Eureka server alone, for tests and small installations",
		Long: `Run a Eureka server alone. It speaks the protocol of Spring's server (JSON; XML for reads) and has no
peers. What is registered is in memory: clients register again after its restart, as they do with
Spring's, unless --keep names a file. segue run starts one by itself, as a container, for a Eureka
object without servers; that one keeps its leases.`,
		Args: none,
		RunE: func(command *cobra.Command, _ []string) error {
			fmt.Fprintf(c.out, "segue %s: a Eureka server at %s, base path /eureka\n", release(), options.Listen)
			options.Log = c.logger(true).WithName("eureka")
			return registry.Serve(command.Context(), options)
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.Listen, "listen", ":8761", "address to listen at")
	flags.DurationVar(&options.ResponseCache, "response-cache", 0, "how often readers' cache takes over changes (default 30s; below 0: no cache)")
	flags.DurationVar(&options.EvictionInterval, "eviction-interval", 0, "how often expired leases are taken away (default 1m)")
	flags.BoolVar(&options.SelfPreservation, "self-preservation", false, "expire nothing while fewer than 85% of the expected heartbeats arrive")
	flags.StringVar(&options.Keep, "keep", "", "file in which leases and overrides outlast a restart (default: none)")
	return command
}

package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// completionTime is how long a shell is kept waiting for names.
const completionTime = time.Second

// completeTargets offers types, then names, for TYPE NAME and TYPE/NAME. Names come from a running controller only: a
// shell must not wait for a look at the world.
func (c *cli) completeTargets(types []resource) cobra.CompletionFunc {
	return func(command *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if kind, _, found := strings.Cut(word, "/"); found {
			return prefixed(kind+"/", c.names(command.Context(), types, kind)), cobra.ShellCompDirectiveNoFileComp
		}
		if len(args) > 0 {
			return c.names(command.Context(), types, args[0]), cobra.ShellCompDirectiveNoFileComp
		}
		var words []string
		for _, r := range types {
			words = append(words, r.plural)
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeDeployments offers names, and deployment/NAME after a slash.
func (c *cli) completeDeployments(command *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	names := c.names(command.Context(), resources, deployments.singular)
	if strings.Contains(word, "/") {
		names = prefixed(deployments.singular+"/", names)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func prefixed(prefix string, words []string) []string {
	for i := range words {
		words[i] = prefix + words[i]
	}
	return words
}

func (c *cli) names(ctx context.Context, types []resource, word string) []string {
	i := slices.IndexFunc(types, func(r resource) bool { return r.is(word) })
	if i < 0 || types[i].kind == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	client := api.NewClient(c.socket)
	defer client.Close()
	query := api.Query{Kind: types[i].kind, Namespace: c.namespace}
	if types[i].same(sources) {
		query.Namespace = ""
	}
	list, err := client.List(ctx, query)
	if err != nil {
		return nil
	}
	var names []string
	for _, status := range list.Items {
		names = append(names, namesIn(types[i], status)...)
	}
	return names
}

func namesIn(r resource, s api.Status) []string {
	if !r.same(instances) || s.Deployment == nil {
		return []string{s.Name.Name}
	}
	var names []string
	for _, i := range s.Deployment.Instances {
		names = append(names, i.Name)
	}
	return names
}

// completeNamespaces offers the namespaces that have objects.
func (c *cli) completeNamespaces(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(command.Context(), completionTime)
	defer cancel()
	client := api.NewClient(c.socket)
	defer client.Close()
	names := []string{spec.DefaultNamespace}
	list, err := client.List(ctx, api.Query{})
	if err != nil {
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	for _, status := range list.Items {
		names = append(names, status.Name.Namespace)
	}
	slices.Sort(names)
	return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
}

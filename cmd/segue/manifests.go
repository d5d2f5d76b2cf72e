package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/spec"
)

// manifestFlags choose manifests, as kubectl's -f does.
type manifestFlags struct {
	files []string
}

func (m *manifestFlags) register(command *cobra.Command) {
	command.Flags().StringSliceVarP(&m.files, "filename", "f", nil, "file, directory (with all below it), or - for stdin; may be repeated")
}

// read reads and checks the manifests and puts those without a namespace into that of -n. With an error nothing is
// good for anything but telling what is wrong with it.
func (c *cli) read(command *cobra.Command, files []string) ([]spec.Manifest, error) {
	if len(files) == 0 {
		return nil, usage("error: say what: -f FILE, -f DIRECTORY or -f -")
	}
	manifests, err := spec.ReadPaths(files, c.in)
	if err != nil {
		return manifests, err
	}
	if len(manifests) == 0 {
		return nil, usage("error: there are no manifests in %v", files)
	}
	if !command.Flags().Changed("namespace") {
		return manifests, nil
	}
	for _, m := range manifests {
		metadata := writtenMetadata(m)
		if metadata.Namespace == "" {
			metadata.Namespace = c.namespace
		}
		if metadata.Namespace != c.namespace {
			return nil, usage("error: %s: %s/%s is in namespace %s and -n says %s; leave one of them out", m.Origin, lower(m.Kind()), metadata.Name, metadata.Namespace, c.namespace)
		}
	}
	return manifests, nil
}

// writtenMetadata is the manifest's own.
func writtenMetadata(m spec.Manifest) *spec.Metadata {
	switch {
	case m.Deployment != nil:
		return &m.Deployment.Metadata
	case m.Nginx != nil:
		return &m.Nginx.Metadata
	default:
		return &m.Eureka.Metadata
	}
}

// deploymentsIn are the names of the Deployments among manifests.
func deploymentsIn(manifests []spec.Manifest) []spec.Name {
	var names []spec.Name
	for _, m := range manifests {
		if m.Deployment != nil && !slices.Contains(names, m.Name()) {
			names = append(names, m.Name())
		}
	}
	return names
}

package main

import (
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/source/kustomize"
	"github.com/segue-dev/segue/spec"
)

// manifestFlags choose manifests, as kubectl's -f and -k do.
type manifestFlags struct {
	files     []string
	kustomize string
}

func (m *manifestFlags) register(command *cobra.Command) {
	command.Flags().StringSliceVarP(&m.files, "filename", "f", nil, "file, directory (with all below it), or - for stdin; may be repeated")
	command.Flags().StringVarP(&m.kustomize, "kustomize", "k", "", "directory with a kustomization.yaml: what that renders")
}

// given: manifests were named.
func (m *manifestFlags) given() bool { return len(m.files) > 0 || m.kustomize != "" }

// read reads what was named.
func (m *manifestFlags) read(stdin io.Reader) ([]spec.Manifest, error) {
	switch {
	case !m.given():
		return nil, usage("error: say what: -f FILE, -f DIRECTORY, -f - or -k DIRECTORY")
	case m.kustomize != "" && len(m.files) > 0:
		return nil, usage("error: say -f or -k, not both")
	case m.kustomize != "":
		made := kustomize.Render(m.kustomize, "")
		if made.Err == nil && len(made.Manifests) == 0 {
			return nil, usage("error: the kustomization in %s renders no manifests", m.kustomize)
		}
		return made.Manifests, made.Err
	}
	for _, path := range m.files {
		if kustomize.Is(path) {
			return nil, usage("error: %s holds a kustomization.yaml: say -k %s, or name the files", path, path)
		}
	}
	manifests, err := spec.ReadPaths(m.files, stdin)
	if err == nil && len(manifests) == 0 {
		return nil, usage("error: there are no manifests in %v", m.files)
	}
	return manifests, err
}

// read reads and checks the manifests and puts those without a namespace into that of -n. With an error nothing is
// good for anything but telling what is wrong with it.
func (c *cli) read(command *cobra.Command, from *manifestFlags) ([]spec.Manifest, error) {
	manifests, err := from.read(c.in)
	if err != nil {
		return manifests, err
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

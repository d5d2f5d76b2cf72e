package controller

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// launchOf is everything that the runtime needs to start an instance of a revision. files are the revision's.
func launchOf(deployment spec.Name, revision reconcile.Revision, instance, slot string, address netip.Addr, files contents) (reconcile.Launch, error) {
	written := revision.Deployment
	meant := written.Defaulted()
	launch := reconcile.Launch{
		Deployment: deployment, Instance: instance, Revision: revision.Hash, N: numberOf(instance), Slot: slot,
		Image: revision.Image, Template: meant.Spec.Template, Address: address,
		Ports: slices.Clone(meant.Spec.Template.Ports),
	}
	place, inSlot := spec.Slot{}, false
	if bg := meant.Spec.Strategy.BlueGreen; bg != nil {
		place, inSlot = bg.Slots[slot]
	}
	var err error
	if launch.Env, err = envOf(meant.Spec.Template, place, files.bytes); err != nil {
		return launch, err
	}
	if inSlot && place.HostPort != 0 {
		publish(launch.Ports, meant.Spec, place)
	}
	if launch.Files, err = filesOf(meant.Spec.Template, files); err != nil {
		return launch, err
	}
	if meant.Spec.Strategy.Type == spec.Recreate && len(launch.Template.Aliases) == 0 && !meant.Spec.Named() {
		launch.Template.Aliases = []string{written.Metadata.ObjectName().String()}
	}
	return launch, nil
}

// envOf is the environment: the files of envFrom in order, over them the template's, over that the slot's.
func envOf(t spec.Template, place spec.Slot, files map[string][]byte) (map[string]string, error) {
	env := map[string]string{}
	for _, from := range t.EnvFrom {
		values, err := spec.ParseEnvFile(files[from.File])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", from.File, err)
		}
		maps.Copy(env, values)
	}
	maps.Copy(env, t.Env)
	maps.Copy(env, place.Env)
	return env, nil
}

// publish gives the slot's host port to the port that traffic goes to, else to the first.
func publish(ports []spec.Port, s spec.DeploymentSpec, place spec.Slot) {
	if len(ports) == 0 {
		return
	}
	chosen := 0
	if traffic, ok := trafficPort(s); ok {
		chosen = max(slices.IndexFunc(ports, func(p spec.Port) bool { return p.ContainerPort == traffic }), 0)
	}
	ports[chosen].HostPort = place.HostPort
	if place.HostIP != "" {
		ports[chosen].HostIP = place.HostIP
	}
}

func filesOf(t spec.Template, files contents) (map[string]reconcile.LaunchFile, error) {
	if len(t.Files) == 0 {
		return nil, nil
	}
	all := make(map[string]reconcile.LaunchFile, len(t.Files))
	for target, file := range t.Files {
		content := files.bytes[file.Source]
		if file.Content != nil {
			content = []byte(*file.Content)
		}
		mode := uint64(0o444)
		if file.Mode != "" {
			var err error
			if mode, err = strconv.ParseUint(file.Mode, 8, 32); err != nil {
				return nil, fmt.Errorf("read the mode of %s: %w", target, err)
			}
		}
		all[target] = reconcile.LaunchFile{Content: content, Mode: uint32(mode), Sealed: files.sealed[file.Source]}
	}
	return all, nil
}

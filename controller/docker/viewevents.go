package docker

import (
	"context"
	"strings"

	"github.com/docker/docker/api/types/container"
)

// concerns says whether a container that an event names is one of the view's, and whose. Containers that segue runs
// for itself and those that were asked about by name concern every Deployment: "".
func (v *view) concerns(id, name string, labels map[string]string) (deployment string, relevant bool) {
	if id == "" {
		return "", false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if labels[labelOwner] == v.owner {
		return labels[labelDeployment], true
	}
	if known, ok := v.entries[id]; ok {
		return known.container.Deployment.String(), true
	}
	if deployment, ok := v.adopted[strings.TrimSuffix(name, retiredSuffix)]; ok && name != "" {
		return deployment, true
	}
	return "", v.watched[id] || v.watched[name]
}

// watch makes the events of a container that a manifest names concern every Deployment. c is empty when there is none.
func (v *view) watch(name string, c container.InspectResponse) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.watched[name] = true
	if c.ContainerJSONBase != nil {
		v.watched[c.ID] = true
	}
}

// refresh inspects some containers by id. The view is as old as it was, but knows these afresh.
func (v *view) refresh(ctx context.Context, named map[string]string) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if err := v.lock(ctx); err != nil {
		return err
	}
	defer v.unlock()
	ids := make([]string, 0, len(named))
	for id := range named {
		ids = append(ids, id)
	}
	found, err := v.inspectAll(ctx, ids)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sorted = nil
	for _, id := range ids {
		delete(v.entries, id)
		s, ok := found[id]
		if !ok {
			continue
		}
		if e, ok := v.entryOf(s, v.adopted[strings.TrimPrefix(s.Name, "/")]); ok {
			v.entries[id] = e
		}
	}
	return nil
}

package docker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
)

// Examine reads a container and its image as the engine has them; the image is nil where it is gone.
func (r *Runtime) Examine(ctx context.Context, name string) (container.InspectResponse, *image.InspectResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	c, err := r.cli.ContainerInspect(ctx, name)
	if errdefs.IsNotFound(err) {
		return c, nil, fmt.Errorf("there is no container %s", name)
	}
	if err != nil {
		return c, nil, fmt.Errorf("inspect container %s: %w", name, err)
	}
	i, err := r.cli.ImageInspect(ctx, c.Image)
	if errdefs.IsNotFound(err) {
		return c, nil, nil
	}
	if err != nil {
		return c, nil, fmt.Errorf("inspect image of container %s: %w", name, err)
	}
	return c, &i, nil
}

// Labelled are the names of the running containers with all of these labels, sorted.
func (r *Runtime) Labelled(ctx context.Context, labels map[string]string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	wanted := filters.NewArgs()
	for key, value := range labels {
		wanted.Add("label", key+"="+value)
	}
	list, err := r.cli.ContainerList(ctx, container.ListOptions{Filters: wanted})
	if err != nil {
		return nil, fmt.Errorf("list containers: %w", err)
	}
	var names []string
	for _, c := range list {
		if len(c.Names) == 0 {
			return nil, errors.New("list containers: one without a name")
		}
		names = append(names, strings.TrimPrefix(c.Names[0], "/"))
	}
	slices.Sort(names)
	return names, nil
}

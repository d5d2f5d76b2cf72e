package drivertest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// Run tells of changes until ctx ends.
func (w *World) Run(ctx context.Context, changed func(deployment string)) error {
	w.Lock()
	w.changed = changed
	w.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

// Containers reads the world now.
func (w *World) Containers(_ context.Context, began time.Time) ([]reconcile.Container, time.Time, error) {
	w.Lock()
	defer w.Unlock()
	w.reads++
	if w.EngineDown {
		return nil, time.Time{}, errEngineDown
	}
	list := make([]reconcile.Container, 0, len(w.containers))
	for _, c := range w.containers {
		if one, wanted := w.shown(c); wanted {
			list = append(list, one)
		}
	}
	return list, time.Now(), nil
}

// ContainersOf reads one Deployment's part of the world now.
func (w *World) ContainersOf(_ context.Context, deployment string, _ time.Time) ([]reconcile.Container, time.Time, error) {
	w.Lock()
	defer w.Unlock()
	if w.EngineDown {
		return nil, time.Time{}, errEngineDown
	}
	var list []reconcile.Container
	for _, c := range w.members[spec.ParseName(deployment)] {
		if one, wanted := w.shown(c); wanted && one.Deployment.String() == deployment {
			list = append(list, one)
		}
	}
	for name, of := range w.adopted {
		if c := w.containers[name]; c != nil && of == deployment && c.Revision == reconcile.AdoptedRevision {
			one, _ := w.shown(c)
			list = append(list, one)
		}
	}
	return list, time.Now(), nil
}

// shown is a container as segue sees it: a stranger's only when it is adopted.
func (w *World) shown(c *container) (one reconcile.Container, wanted bool) {
	one = c.Container
	if one.Revision == reconcile.AdoptedRevision {
		var deployment string
		if deployment, wanted = w.adopted[one.Name]; !wanted {
			return one, false
		}
		one.Deployment = spec.ParseName(deployment)
	}
	return one, true
}

// Adopt says which containers of strangers are shown.
func (w *World) Adopt(containers map[string]string) {
	w.Lock()
	defer w.Unlock()
	w.adopted = maps.Clone(containers)
}

// AddStranger runs a container that segue did not start.
func (w *World) AddStranger(c reconcile.Container) {
	w.Lock()
	defer w.Unlock()
	c.Revision, c.State, c.StartedAt = reconcile.AdoptedRevision, reconcile.ContainerRunning, time.Now()
	w.put(&container{Container: c})
}

// AddContainer puts a container that segue started into the world, as one that an earlier controller left.
func (w *World) AddContainer(c reconcile.Container) {
	w.Lock()
	defer w.Unlock()
	w.put(&container{Container: c, image: w.image(c.Image)})
}

// Start runs the instance at once; it answers after its image's Boot.
func (w *World) Start(_ context.Context, launch reconcile.Launch) error {
	w.Lock()
	defer w.Unlock()
	if w.EngineDown {
		return fmt.Errorf("start %s: %w", launch.Instance, errEngineDown)
	}
	if c := w.containers[launch.Instance]; c != nil && launch.Revision == reconcile.AdoptedRevision {
		w.startKept(c)
		return nil
	}
	if c := w.containers[launch.Instance]; c != nil {
		if c.State == reconcile.ContainerRunning && !c.Retired {
			return nil
		}
		return fmt.Errorf("start %s: the name is taken", launch.Instance)
	}
	for _, other := range w.containers {
		if other.Address == launch.Address && other.State == reconcile.ContainerRunning {
			w.violate("%s was given the address %s of %s", launch.Instance, launch.Address, other.Name)
		}
	}
	if launch.Image == "" {
		w.violate("%s was started without an image", launch.Instance)
	}
	for _, port := range launch.Ports {
		if w.Strangers[port.HostPort] {
			return portTaken(port.HostPort)
		}
	}
	c := &container{launch: launch, image: w.image(launch.Image)}
	c.Container = reconcile.Container{
		Name: launch.Instance, ID: "id-" + launch.Instance, Deployment: launch.Deployment, Revision: launch.Revision,
		N: launch.N, Slot: launch.Slot, Image: launch.Image, Address: launch.Address, Registered: launch.Registered, State: reconcile.ContainerRunning,
		StartedAt: time.Now(), PID: 1000 + w.starts,
	}
	w.starts++
	w.put(c)
	w.after(0, func() { w.tell(launch.Deployment.String()) })
	w.after(c.image.Boot, func() { w.prober.tell(launch.Instance) })
	if c.image.CrashAfter > 0 {
		w.after(c.image.CrashAfter, func() {
			w.Lock()
			w.exit(c, 1)
			w.Unlock()
		})
	}
	for _, r := range w.registries {
		r.appStarted(c)
	}
	return nil
}

// startKept starts a stranger's container that was stopped and kept.
func (w *World) startKept(c *container) {
	if c.State == reconcile.ContainerRunning {
		return
	}
	c.State, c.StartedAt, c.ExitedAt, c.RetiredAt, c.signalled = reconcile.ContainerRunning, time.Now(), time.Time{}, time.Time{}, false
	deployment := w.adopted[c.Name]
	w.after(0, func() { w.tell(deployment) })
	w.after(c.image.Boot, func() { w.prober.tell(c.Name) })
}

// Launch is what a container was started with.
func (w *World) Launch(instance string) (reconcile.Launch, bool) {
	w.Lock()
	defer w.Unlock()
	if c := w.containers[instance]; c != nil {
		return c.launch, true
	}
	return reconcile.Launch{}, false
}

// Retire renames, then signals; the process ends after its image's Exit.
func (w *World) Retire(_ context.Context, instance string, stop reconcile.Stop) error {
	w.Lock()
	defer w.Unlock()
	c := w.containers[instance]
	if w.EngineDown {
		return errEngineDown
	}
	if c == nil || c.State != reconcile.ContainerRunning {
		return nil
	}
	w.checkStop(c)
	if !c.Retired && !stop.Keep {
		c.Retired, c.RetiredAt = true, time.Now()
	}
	if stop.Keep {
		c.RetiredAt = time.Now()
	}
	if !c.signalled {
		c.signalled = true
		w.after(w.filled(c.image).Exit, func() {
			w.Lock()
			w.exit(c, 143)
			w.Unlock()
		})
	}
	return nil
}

func (w *World) checkStop(c *container) {
	for _, r := range w.routers {
		for _, server := range r.servers {
			if server.routes(c.Name) {
				w.violate("%s was stopped while %s routes to it", c.Name, server.name)
			}
		}
	}
}

// Remove forgets a container that does not run.
func (w *World) Remove(_ context.Context, instance string) error {
	w.Lock()
	defer w.Unlock()
	c := w.containers[instance]
	if w.EngineDown {
		return errEngineDown
	}
	if c == nil {
		return nil
	}
	if c.State == reconcile.ContainerRunning {
		return fmt.Errorf("remove %s: it runs", instance)
	}
	w.drop(instance)
	deployment := c.Deployment.String()
	w.after(0, func() { w.tell(deployment) })
	return nil
}

// Logs copies what the image writes.
func (w *World) Logs(ctx context.Context, instance string, options reconcile.LogOptions, to io.Writer) error {
	lines, err := w.Tail(ctx, instance, options.Tail)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(to, line); err != nil {
			return err
		}
	}
	return nil
}

// Tail is the end of what the image writes; all of it when lines is negative.
func (w *World) Tail(_ context.Context, instance string, lines int) ([]string, error) {
	w.Lock()
	defer w.Unlock()
	c := w.containers[instance]
	if c == nil {
		return nil, fmt.Errorf("read the log of %s: no such container", instance)
	}
	if lines < 0 || lines > len(c.image.Log) {
		lines = len(c.image.Log)
	}
	return c.image.Log[len(c.image.Log)-lines:], nil
}

// Exec succeeds in what answers.
func (w *World) Exec(_ context.Context, name string, _ []string) (int, []byte, error) {
	w.Lock()
	defer w.Unlock()
	if w.answers(w.containers[name]) {
		return 0, nil, nil
	}
	return 1, nil, nil
}

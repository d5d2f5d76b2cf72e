package docker

import (
	"strings"

	"github.com/docker/docker/api/types/container"
)

// listedAs is what of a list's entry tells that a container has changed: its name, its state and its health.
// Summary.Status reads "Up 2 minutes (healthy)", "Up 2 minutes (health: starting)", "Exited (137) 2 minutes ago".
func listedAs(s container.Summary) string {
	var name, health string
	if len(s.Names) > 0 {
		name = s.Names[0]
	}
	switch {
	case strings.HasSuffix(s.Status, "(healthy)"):
		health = container.Healthy
	case strings.HasSuffix(s.Status, "(unhealthy)"):
		health = container.Unhealthy
	case strings.HasSuffix(s.Status, "(health: starting)"):
		health = container.Starting
	}
	return name + " " + s.State + " " + health
}

// inspectedAs is the same of an inspection. The list shows the health of running containers only.
func inspectedAs(c container.InspectResponse) string {
	if c.State == nil {
		return c.Name
	}
	health := ""
	if c.State.Status == container.StateRunning && c.State.Health != nil && c.State.Health.Status != container.NoHealthcheck {
		health = c.State.Health.Status
	}
	return c.Name + " " + c.State.Status + " " + health
}

package importer

import (
	"time"

	"github.com/docker/docker/api/types/image"
)

// brought is what a container has from its image.
type brought struct {
	entrypoint, cmd, env, health []string
	workingDir, user, stopSignal string
	labels                       map[string]string
}

func broughtBy(i *image.InspectResponse) brought {
	if i == nil || i.Config == nil {
		return brought{}
	}
	b := brought{
		entrypoint: i.Config.Entrypoint, cmd: i.Config.Cmd, env: i.Config.Env,
		workingDir: i.Config.WorkingDir, user: i.Config.User, stopSignal: i.Config.StopSignal, labels: i.Config.Labels,
	}
	if i.Config.Healthcheck != nil {
		b.health = i.Config.Healthcheck.Test
	}
	return b
}

func duration(seconds int) time.Duration { return time.Duration(seconds) * time.Second }

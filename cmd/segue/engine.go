package main

import "github.com/segue-dev/segue/controller/docker"

// engineWords names the engine in the first line of run.
func engineWords(engine *docker.Runtime) string {
	if told, ok := any(engine).(interface{ Version() string }); ok {
		return "Docker " + told.Version()
	}
	return "Docker"
}

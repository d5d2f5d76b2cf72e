package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/api"
)

func TestCompletionKnowsTheRunningObjects(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "segue.sock")
	listener, err := api.Listen(t.Context(), socket, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- api.Serve(ctx, listener, shop()) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	for args, want := range map[string]string{
		"get |":                    "deployments\ninstances\nnginx\neureka\nevents\nrevisions\nsources\n:4\n",
		"get deployments |":        "orders\nweb\n:4\n",
		"describe instance/|":      "instance/orders-1b2c3-1\ninstance/orders-1b2c3-2\ninstance/orders-1b2c3-3\ninstance/orders-6f8d4-4\ninstance/web-aaaaa-1\ninstance/web-bbbbb-2\n:4\n",
		"rollout status |":         "orders\nweb\n:4\n",
		"promote deployment/|":     "deployment/orders\ndeployment/web\n:4\n",
		"get deployments -n |":     "default\nlab\n:4\n",
		"get deployments -n lab |": "probe\n:4\n",
	} {
		var out, errs bytes.Buffer
		command := &cli{out: &out, err: &errs}
		line := append([]string{"__complete", "--socket", socket}, strings.Split(strings.TrimSuffix(args, "|"), " ")...)
		if code := command.execute(t.Context(), line); code != exitDone || out.String() != want {
			t.Errorf("segue %s offers %q, want %q (%s)", args, out.String(), want, errs.String())
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var out bytes.Buffer
		if code := (&cli{out: &out, err: &out}).execute(t.Context(), []string{"completion", shell}); code != exitDone || out.Len() < 1000 {
			t.Errorf("completion %s: %d bytes, exit code %d", shell, out.Len(), code)
		}
	}
}

//go:build docker

package docker

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config"
	"github.com/docker/docker/api/types/image"

	"github.com/segue-dev/segue/reconcile"
)

func (b *bench) pulled(name, policy string) (reconcile.Wish, reconcile.PulledImage) {
	b.t.Helper()
	var wish reconcile.Wish
	var pulled reconcile.PulledImage
	b.eventually("the end of the pull", func() bool {
		wish, pulled = b.Pull(context.Background(), name, policy)
		return wish.State != reconcile.WishPending
	})
	b.t.Logf("%s: %+v %+v", name, wish, pulled)
	return wish, pulled
}

// configure writes a Docker config with the registry's credentials.
func configure(t *testing.T, host, password string) {
	t.Helper()
	dir := t.TempDir()
	auth := base64.StdEncoding.EncodeToString([]byte("ci:" + password))
	text := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, host, auth)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	setConfigDir(t, dir)
}

func TestAnImageIsPulledWithCredentialsAndResolvedToItsDigest(t *testing.T) {
	registry := newStubRegistry(t)
	configure(t, registry.host, "hunter2")
	b := runningBench(t, Options{})
	ctx := context.Background()
	name := registry.host + "/shop/orders:1.5"
	t.Cleanup(func() { b.forgetImage(name); b.forgetImage("segue/c-orders:abc") })
	registry.hold = make(chan struct{})
	wish, _ := b.Pull(ctx, name, "")
	if wish.State != reconcile.WishPending {
		t.Errorf("asked: %+v", wish)
	}
	b.eventually("progress in words", func() bool {
		_, pulled := b.Pull(ctx, name, "")
		return strings.Contains(pulled.Progress, "0 of 1 layers")
	})
	close(registry.hold)
	wish, pulled := b.pulled(name, "")
	if wish.State != reconcile.WishDone || pulled.Reference != registry.host+"/shop/orders@"+registry.digest || !pulled.HasHealthcheck || pulled.Size < 200_000 {
		t.Errorf("pulled: %+v %+v", wish, pulled)
	}
	// From now on the registry is not needed, the resolved reference finds the same image, and a prune spares it.
	registry.answer = http.StatusInternalServerError
	if wish, again := b.Pull(ctx, pulled.Reference, "IfNotPresent"); wish.State != reconcile.WishDone || again.Reference != pulled.Reference {
		t.Errorf("resolved again: %+v %+v", wish, again)
	}
	if err := b.Tag(ctx, pulled.Reference, "c-orders", "abc"); err != nil {
		t.Fatal(err)
	}
	if kept, err := b.cli.ImageInspect(ctx, "segue/c-orders:abc"); err != nil || len(kept.RepoDigests) == 0 {
		t.Errorf("kept: %v %v", kept.RepoDigests, err)
	}
}

func (b *bench) forgetImage(name string) {
	_, _ = b.cli.ImageRemove(context.Background(), name, image.RemoveOptions{Force: true})
}

func TestAHelperHasTheCredentials(t *testing.T) {
	registry := newStubRegistry(t)
	dir := t.TempDir()
	text := fmt.Sprintf(`{"credHelpers":{%q:"ctest"}}`, registry.host)
	helper := "#!/bin/sh\nread server\necho '{\"ServerURL\":\"'$server'\",\"Username\":\"ci\",\"Secret\":\"hunter2\"}'\n"
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "docker-credential-ctest"), []byte(helper), 0o700); err != nil {
		t.Fatal(err)
	}
	setConfigDir(t, dir)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	b := runningBench(t, Options{})
	name := registry.host + "/shop/orders:1.5"
	t.Cleanup(func() { b.forgetImage(name) })
	if wish, _ := b.pulled(name, ""); wish.State != reconcile.WishDone {
		t.Errorf("pulled: %+v", wish)
	}
}

func TestWhoseFaultAFailedPullIs(t *testing.T) {
	registry := newStubRegistry(t)
	configure(t, registry.host, "hunter2")
	b := runningBench(t, Options{})
	for name, own := range map[string]bool{
		registry.host + "/shop/orders:9.9": true,
		registry.host + "/shop/none:1":     true,
		"127.0.0.1:1/shop/orders:1":        false,
		"c-test/Bad Name":                  true,
	} {
		if wish, _ := b.pulled(name, ""); wish.State != reconcile.WishFailed || wish.Own != own {
			t.Errorf("%s: %+v", name, wish)
		}
	}
	if wish, _ := b.pulled("c-test/none:1", "Never"); wish.State != reconcile.WishFailed || !wish.Own {
		t.Errorf("Never: %+v", wish)
	}
	registry.answer = http.StatusBadGateway
	if wish, _ := b.pulled(registry.host+"/shop/orders:1.5", ""); wish.State != reconcile.WishFailed || wish.Own {
		t.Errorf("bad gateway: %+v", wish)
	}
}

func TestAWrongPasswordIsTheRevisionsFault(t *testing.T) {
	registry := newStubRegistry(t)
	configure(t, registry.host, "wrong")
	b := runningBench(t, Options{})
	if wish, _ := b.pulled(registry.host+"/shop/orders:1.5", ""); wish.State != reconcile.WishFailed || !wish.Own {
		t.Errorf("wrong password: %+v", wish)
	}
}

func TestAnImageBuiltHereNeedsNoRegistry(t *testing.T) {
	b := newBench(t, Options{})
	ctx := context.Background()
	if err := b.cli.ImageTag(ctx, testImage, "c-test/app:latest"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.forgetImage("c-test/app:latest") })
	for _, policy := range []string{"", "Always", "IfNotPresent", "Never"} {
		wish, pulled := b.Pull(ctx, "c-test/app", policy)
		if wish.State != reconcile.WishDone || !strings.HasPrefix(pulled.Reference, "sha256:") {
			t.Errorf("%s: %+v %+v", policy, wish, pulled)
		}
	}
}

// setConfigDir is $DOCKER_CONFIG, which the library reads but once.
func setConfigDir(t *testing.T, dir string) {
	before := config.Dir()
	config.SetDir(dir)
	t.Cleanup(func() { config.SetDir(before) })
}

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/segue-dev/segue/controller/atomicfile"
	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/controller/nginx"
	"github.com/segue-dev/segue/spec"
)

// ownNginx is the nginx container that segue runs itself where an Nginx object names no server. The engine keeps it
// running; the end of segue does not touch it.
type ownNginx struct {
	*drivers
	name spec.Name
	spec spec.NginxSpec
}

// ownRouter is the switcher of an ownNginx.
type ownRouter struct {
	*namedRouter
	own *ownNginx
}

// Discard removes the container and its files: the object is gone.
func (r *ownRouter) Discard(ctx context.Context) error {
	if err := errors.Join(r.namedRouter.Discard(ctx), r.own.engine.RemoveOwn(ctx, r.own.container())); err != nil {
		return err
	}
	if err := os.RemoveAll(r.own.dir()); err != nil {
		return fmt.Errorf("remove files of nginx: %w", err)
	}
	return nil
}

func (o *ownNginx) dir() string { return filepath.Join(o.stateDir, "nginx", o.name.String()) }

func (o *ownNginx) container() string { return "segue-nginx-" + o.name.String() }

// ensure makes the container what it should be.
func (o *ownNginx) ensure(ctx context.Context) error {
	dir := o.dir()
	conf := filepath.Join(dir, "conf")
	if err := os.MkdirAll(conf, 0o755); err != nil {
		return fmt.Errorf("make confDir: %w", err)
	}
	main, err := o.mainConfig(dir)
	if err != nil {
		return err
	}
	mounts := []docker.Mount{
		{Source: conf, Target: o.spec.ConfDir, ReadOnly: true},
		{Source: main, Target: "/etc/nginx/nginx.conf", ReadOnly: true},
	}
	certificates, err := certificateDirs(o.spec.TLS)
	if err != nil {
		return err
	}
	for _, dir := range certificates {
		mounts = append(mounts, docker.Mount{Source: dir, Target: dir, ReadOnly: true})
	}
	image := o.spec.Image
	if image == "" {
		image = nginx.DefaultImage
	}
	ports := []spec.Port{{Name: "http", ContainerPort: 80, HostPort: portOr(o.spec.HTTPPort, 80), HostIP: "0.0.0.0"}}
	if len(o.spec.TLS) > 0 {
		ports = append(ports, spec.Port{Name: "https", ContainerPort: 443, HostPort: portOr(o.spec.HTTPSPort, 443), HostIP: "0.0.0.0"})
	}
	return o.engine.EnsureOwn(ctx, docker.OwnContainer{Name: o.container(), Image: image, Mounts: mounts, Ports: ports, Role: "nginx/" + o.name.String()})
}

// mainConfig writes nginx.conf. A bind-mounted file never shows a rename, so another content is another file, and the
// engine makes the container anew for it.
func (o *ownNginx) mainConfig(dir string) (string, error) {
	text, err := nginx.OwnMainConfig(o.spec.ConfDir)
	if err != nil {
		return "", fmt.Errorf("write nginx.conf: %w", err)
	}
	sum := sha256.Sum256([]byte(text))
	path := filepath.Join(dir, "nginx-"+hex.EncodeToString(sum[:4])+".conf")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := atomicfile.Write(path, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("write nginx.conf: %w", err)
	}
	return path, nil
}

// certificateDirs are the directories of the certificates and of what their symlinks lead to, as Certbot has them. It
// is directories, so that a renewed file is seen.
func certificateDirs(pairs []spec.TLSFiles) ([]string, error) {
	var dirs []string
	for _, pair := range pairs {
		for _, file := range []string{pair.CertFile, pair.KeyFile} {
			dirs = append(dirs, filepath.Dir(file))
			real, err := filepath.EvalSymlinks(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue // the switcher says which file is missing
			}
			if err != nil {
				return nil, fmt.Errorf("find certificate: %w", err)
			}
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs), nil
}

func portOr(port *int, otherwise int) int {
	if port == nil {
		return otherwise
	}
	return *port
}

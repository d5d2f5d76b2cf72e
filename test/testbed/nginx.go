package testbed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Nginx is an nginx container as a user has it: its conf.d is his, and so is the line in it that includes segue's files.
type Nginx struct {
	// Name is the container's.
	Name string
	// IP is fixed: it outlives restarts. Address is IP and port 80.
	IP, Address string
	// ConfDir and UserDir are directories of this machine: segue's, and the user's conf.d.
	ConfDir, UserDir string

	bed   *Bed
	image string
}

// Nginx starts a server of image with user, the text of the user's own configuration at http level; it may be empty.
func (b *Bed) Nginx(ctx context.Context, name, image, user string) (*Nginx, error) {
	b.hosts++
	n := &Nginx{
		Name: b.Name + "-" + name, IP: fmt.Sprintf("10.84.0.%d", 10+b.hosts), bed: b, image: image,
		ConfDir: b.Path(name, "segue"), UserDir: b.Path(name, "conf.d"),
	}
	n.Address = n.IP + ":80"
	for _, dir := range []string{n.ConfDir, n.UserDir} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("make directory: %w", err)
		}
	}
	if err := n.Write("user.conf", user); err != nil {
		return nil, err
	}
	return n, n.Create(ctx)
}

// Create runs the container; after Remove, another of the same name.
func (n *Nginx) Create(ctx context.Context) error {
	_, err := Docker(ctx, "run", "-d", "--name", n.Name, "--label", label+"="+n.bed.Name, "--network", n.bed.Name, "--ip", n.IP,
		"-v", n.ConfDir+":/etc/nginx/segue", "-v", n.UserDir+":/etc/nginx/conf.d:ro", n.image)
	return err
}

// Remove removes the container, as compose does before it makes it anew.
func (n *Nginx) Remove(ctx context.Context) error {
	_, err := Docker(ctx, "rm", "-f", n.Name)
	return err
}

// Restart restarts the container.
func (n *Nginx) Restart(ctx context.Context) error {
	_, err := Docker(ctx, "restart", "-t", "1", n.Name)
	return err
}

// Write replaces a file of the user's conf.d. Reload makes it count.
func (n *Nginx) Write(file, text string) error {
	path := filepath.Join(n.UserDir, file)
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		return fmt.Errorf("write nginx's %s: %w", file, err)
	}
	return os.Rename(path+".new", path)
}

// Reload checks and reloads, as the user would.
func (n *Nginx) Reload(ctx context.Context) error {
	if _, err := Docker(ctx, "exec", n.Name, "nginx", "-t"); err != nil {
		return err
	}
	_, err := Docker(ctx, "exec", n.Name, "nginx", "-s", "reload")
	return err
}

// Include waits until segue has written its files, then adds the line that includes them and reloads: what a user does
// once.
func (n *Nginx) Include(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, 30*time.Second)
	defer done()
	for {
		_, err := os.Stat(filepath.Join(n.ConfDir, "current", "http.conf"))
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look for segue's files: %w", err)
		}
		if !Pause(ctx, 100*time.Millisecond) {
			return fmt.Errorf("segue wrote no %s/current/http.conf within 30 s", n.ConfDir)
		}
	}
	if err := n.Write("segue.conf", "include /etc/nginx/segue/current/http.conf;\n"); err != nil {
		return err
	}
	return n.Reload(ctx)
}

// Pause waits for d; false when ctx ended before.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

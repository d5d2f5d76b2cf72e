package testbed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// hostNet is the network of the machines; its first address is this machine's.
var hostNet = netip.MustParsePrefix("10.85.0.0/24")

// HostGateway is this machine on the network of the machines.
const HostGateway = "10.85.0.1"

// Host is a machine of its own, as namespaces: its nginx, its sshd, its accounts. It lets the user ubuntu in, who may
// use sudo, and root, both with the bed's key.
type Host struct {
	// Name is its host name, and its alias in the bed's OpenSSH configuration. Address is where its nginx answers.
	Name, IP, Address string
	// Dir has what the machine sees as /etc/nginx in nginx, and its logs in log.
	Dir string

	bed     *Bed
	command *exec.Cmd
}

// userMain is a user's nginx.conf, in which only conf.d is talked of.
const userMain = `user www-data;
worker_processes 2;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 1024; }
http {
	access_log off;
	include /etc/nginx/conf.d/*.conf;
}
`

const hostAccounts = "ubuntu:x:4285:4285::/tmp:/bin/sh\n"

// Hosts makes machines: the first with the distribution's nginx, the second with a current one. user are the files of
// each conf.d. They end with Close.
func (b *Bed) Hosts(ctx context.Context, names []string, user map[string]string) ([]*Host, error) {
	repository, err := Repository()
	if err != nil {
		return nil, err
	}
	script := filepath.Join(repository, "test/testbed/host.sh")
	if err := command(ctx, script, "prepare"); err != nil {
		return nil, err
	}
	if err := b.sshKeys(ctx, names); err != nil {
		return nil, err
	}
	for _, args := range [][]string{{"link", "add", bridge, "type", "bridge"}, {"address", "add", HostGateway + "/24", "dev", bridge}, {"link", "set", bridge, "up"}} {
		if err := command(ctx, "ip", args...); err != nil {
			return nil, err
		}
	}
	var hosts []*Host
	for i, name := range names {
		h := &Host{Name: name, IP: hostIP(i), Dir: b.Path("hosts", name), bed: b}
		h.Address = h.IP + ":80"
		hosts = append(hosts, h)
		root := ""
		if i == 1 {
			root = filepath.Join(cache(), "forky")
		}
		if err := h.start(ctx, script, root, user); err != nil {
			return hosts, err
		}
	}
	return hosts, nil
}

const bridge = "segue-hosts"

// rootAccount is the account of this machine's root in its passwd. On the machines that are made, root's shell is one that
// reads none of his files here: whatever those start would hold up each command over ssh.
var rootAccount = regexp.MustCompile(`(?m)^root:[^:]*:0:0:.*:.*:.*$`)

func hostIP(i int) string { return fmt.Sprintf("10.85.0.%d", 11+i) }

func cache() string {
	if dir := os.Getenv("SEGUE_TESTBED"); dir != "" {
		return dir
	}
	return "/var/cache/segue-testbed"
}

// sshKeys makes the bed's key, and an OpenSSH configuration in which the machines' names are aliases and their host keys
// are known.
func (b *Bed) sshKeys(ctx context.Context, names []string) error {
	if err := os.MkdirAll(b.Path("ssh"), 0o755); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	var config, known strings.Builder
	keys := append([]string{"id"}, names...)
	for i, name := range keys {
		file := b.Path("ssh", name)
		if err := command(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file); err != nil {
			return err
		}
		public, err := os.ReadFile(file + ".pub")
		if err != nil {
			return fmt.Errorf("read key: %w", err)
		}
		if i > 0 {
			fmt.Fprintf(&config, "Host %s\n  HostName %s\n  UserKnownHostsFile /etc/ssh/ssh_known_hosts\n", name, hostIP(i-1))
			fmt.Fprintf(&known, "%s %s", hostIP(i-1), public)
		}
	}
	return errors.Join(os.WriteFile(b.Path("ssh", "ssh_config"), []byte(config.String()), 0o644),
		os.WriteFile(b.Path("ssh", "ssh_known_hosts"), []byte(known.String()), 0o644))
}

// Identity is the private key that the machines let in.
func (b *Bed) Identity() string { return b.Path("ssh", "id") }

// SSHBinary writes a command that is segue on a machine whose /etc/ssh knows the bed's machines.
func (b *Bed) SSHBinary() (string, error) {
	path := b.Path("segue-ssh")
	script := fmt.Sprintf("#!/bin/sh\nexec unshare --mount --propagation private sh -ec 'mount --bind %s /etc/ssh; exec \"$@\"' - %s \"$@\"\n", b.Path("ssh"), b.Binary)
	return path, os.WriteFile(path, []byte(script), 0o755)
}

func (h *Host) start(ctx context.Context, script, root string, user map[string]string) error {
	for _, dir := range []string{"nginx/conf.d", "log", "lib", "run", "sudoers"} {
		if err := os.MkdirAll(filepath.Join(h.Dir, dir), 0o755); err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
	}
	files := map[string]string{
		"nginx/nginx.conf": userMain, "sudoers/ubuntu": "ubuntu ALL=(root) NOPASSWD: /bin/sh, /usr/bin/sh, /usr/bin/tee, /usr/sbin/nginx\n",
		"sshd_config": fmt.Sprintf("HostKey %s\nAuthorizedKeysFile %s.pub\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nUsePAM no\nPidFile none\nAllowTcpForwarding local\n",
			h.bed.Path("ssh", h.Name), h.bed.Identity()),
	}
	for name, text := range user {
		files["nginx/conf.d/"+name] = text
	}
	for name, line := range map[string]string{"passwd": hostAccounts, "shadow": "ubuntu:*:19000:0:99999:7:::\n", "group": "ubuntu:x:4285:\n", "hosts": "127.0.1.1 " + h.Name + "\n"} {
		before, err := os.ReadFile("/etc/" + name)
		if err != nil {
			return fmt.Errorf("read accounts: %w", err)
		}
		files[name] = rootAccount.ReplaceAllString(string(before), "root:x:0:0:root:/root:/bin/sh") + line
	}
	for name, text := range files {
		mode := os.FileMode(0o644)
		if name == "shadow" || strings.HasPrefix(name, "sudoers/") {
			mode = 0o440
		}
		if err := os.WriteFile(filepath.Join(h.Dir, name), []byte(text), mode); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	log, err := os.Create(filepath.Join(h.Dir, "machine.log"))
	if err != nil {
		return fmt.Errorf("make log: %w", err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	args := []string{"--net", "--mount", "--uts", "--pid", "--fork", "--kill-child=SIGKILL", "--propagation", "private", "bash", script, "inside", h.Name, h.IP, h.Dir}
	if root != "" {
		args = append(args, root)
	}
	h.command = exec.Command("unshare", args...)
	h.command.Stdout, h.command.Stderr = log, log
	h.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := h.command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", h.Name, err)
	}
	if err := h.connect(ctx); err != nil {
		return fmt.Errorf("%w: %s", err, h.Log())
	}
	return nil
}

// connect lays the cable and waits until sshd answers.
func (h *Host) connect(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, 20*time.Second)
	defer done()
	// Until unshare has made its network, that of its process is this one.
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return fmt.Errorf("find network: %w", err)
	}
	for {
		if ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", h.command.Process.Pid)); err == nil && ns != own {
			break
		}
		if !Pause(ctx, 10*time.Millisecond) {
			return fmt.Errorf("%s has no network", h.Name)
		}
	}
	pid := fmt.Sprint(h.command.Process.Pid)
	for _, args := range [][]string{{"link", "add", h.Name, "type", "veth", "peer", "name", "eth0", "netns", pid}, {"link", "set", h.Name, "master", bridge, "up"}} {
		if err := command(ctx, "ip", args...); err != nil {
			return err
		}
	}
	for {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", h.IP+":22")
		if err == nil {
			return conn.Close()
		}
		if !Pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("%s does not answer: %w", h.Name, err)
		}
	}
}

// Plug connects the machine's cable, or pulls it.
func (h *Host) Plug(ctx context.Context, in bool) error {
	return command(ctx, "ip", "link", "set", h.Name, map[bool]string{true: "up", false: "down"}[in])
}

// SSH runs a command there, as the user would.
func (h *Host) SSH(ctx context.Context, input string, args ...string) error {
	c := exec.CommandContext(ctx, "ssh", append([]string{"-F", h.bed.Path("ssh", "ssh_config"), "-i", h.bed.Identity(),
		"-o", "UserKnownHostsFile=" + h.bed.Path("ssh", "ssh_known_hosts"), "-o", "BatchMode=yes", "ubuntu@" + h.Name, "--"}, args...)...)
	c.Stdin = strings.NewReader(input)
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("ssh %s %s: %w: %s", h.Name, strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// Write replaces a file of the user's conf.d.
func (h *Host) Write(file, text string) error {
	path := filepath.Join(h.Dir, "nginx/conf.d", file)
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		return fmt.Errorf("write nginx's %s: %w", file, err)
	}
	return os.Rename(path+".new", path)
}

// Reload checks and reloads, as the user would.
func (h *Host) Reload(ctx context.Context) error {
	return errors.Join(h.SSH(ctx, "", "sudo", "nginx", "-t"), h.SSH(ctx, "", "sudo", "nginx", "-s", "reload"))
}

// Log is what the machine said.
func (h *Host) Log() string {
	var all strings.Builder
	for _, name := range []string{"machine.log", "log/error.log", "log/sshd.log"} {
		text, err := os.ReadFile(filepath.Join(h.Dir, name))
		if err != nil {
			continue // it had nothing to say
		}
		fmt.Fprintf(&all, "%s: %s\n", name, text[max(0, len(text)-2000):])
	}
	return all.String()
}

// Close ends the machine and everything in it.
func (h *Host) Close() error {
	if h.command == nil || h.command.Process == nil {
		return nil
	}
	if err := h.command.Process.Kill(); err != nil {
		return fmt.Errorf("end %s: %w", h.Name, err)
	}
	_ = h.command.Wait() // it was killed
	return nil
}

// CloseHosts takes away the network of the machines.
func CloseHosts(ctx context.Context) error { return command(ctx, "ip", "link", "delete", bridge) }

func command(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

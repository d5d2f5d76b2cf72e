package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// gitWork is a clone that a person works in, with the git of this machine.
type gitWork struct {
	dir, home string
	// environment is what git gets beside this process's own.
	environment []string
}

// newGitWork clones a repository. environment is for git, beside this process's own.
func newGitWork(ctx context.Context, repository string, environment ...string) *gitWork {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	w := &gitWork{dir: filepath.Join(dir, "work"), home: dir, environment: environment}
	w.in(ctx, dir, "git", "clone", "--quiet", repository, w.dir)
	for _, setting := range []string{"user.name Ann", "user.email ann@shop", "gpg.format ssh", "commit.gpgSign true"} {
		name, value, _ := strings.Cut(setting, " ")
		w.git(ctx, "config", name, value)
	}
	w.git(ctx, "checkout", "--quiet", "-B", "main")
	return w
}

// key makes an ssh key and gives its path and the public key.
func (w *gitWork) key(ctx context.Context, name string) (path, public string) {
	GinkgoHelper()
	path = filepath.Join(w.home, name)
	w.in(ctx, w.home, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path)
	text, err := os.ReadFile(path + ".pub")
	Expect(err).NotTo(HaveOccurred())
	return path, strings.TrimSpace(string(text))
}

// put writes a file of the work tree.
func (w *gitWork) put(name string, content string) {
	GinkgoHelper()
	path := filepath.Join(w.dir, name)
	Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
	Expect(os.WriteFile(path, []byte(content), 0o644)).To(Succeed())
}

// push commits everything, signed with a key or, by "", not at all, and pushes it.
func (w *gitWork) push(ctx context.Context, key, message string) {
	GinkgoHelper()
	sign := "--no-gpg-sign"
	if key != "" {
		sign = "--gpg-sign=" + key
	}
	w.git(ctx, "add", "--all")
	w.git(ctx, "commit", "--quiet", "--allow-empty", sign, "--message", message)
	w.git(ctx, "push", "--quiet", "--force", "origin", "main")
}

func (w *gitWork) git(ctx context.Context, args ...string) string {
	GinkgoHelper()
	return w.in(ctx, w.dir, "git", args...)
}

func (w *gitWork) in(ctx context.Context, dir, name string, args ...string) string {
	GinkgoHelper()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "HOME="+w.home, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
	command.Env = append(command.Env, w.environment...)
	out, err := command.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s %v: %s", name, args, out)
	return string(out)
}

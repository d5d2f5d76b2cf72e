package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/testbed"
)

// mounts are seen by the processes that are run within them, and by nobody else. They end with the story.
type mounts struct {
	// inside is the process that holds them.
	inside *exec.Cmd
}

// newMounts runs script, which mounts, with args as $0 and on.
func newMounts(script string, args ...string) *mounts {
	GinkgoHelper()
	m := &mounts{exec.Command("unshare", append([]string{"--mount", "--propagation", "private", "sh", "-ec", script + "\necho; exec sleep infinity"}, args...)...)}
	m.inside.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ready, err := m.inside.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(m.inside.Start()).To(Succeed())
	_, err = ready.Read(make([]byte, 1))
	Expect(err).NotTo(HaveOccurred(), "mount: %s", script)
	DeferCleanup(func() {
		_ = m.inside.Process.Kill() // it ends in no other way
		_ = m.inside.Wait()         // killed
	})
	return m
}

// within is a command that sees the mounts.
func (m *mounts) within(command ...string) []string {
	return append([]string{"nsenter", fmt.Sprintf("--mount=/proc/%d/ns/mnt", m.inside.Process.Pid)}, command...)
}

// run runs a command that sees them.
func (m *mounts) run(ctx context.Context, command ...string) {
	GinkgoHelper()
	command = m.within(command...)
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%v: %s", command, out)
}

// binary writes a command that is segue as it sees them.
func (m *mounts) binary(bed *testbed.Bed) string {
	GinkgoHelper()
	path := bed.Path("segue")
	script := "#!/bin/sh\nPATH=$PATH:/usr/sbin exec " + strings.Join(m.within(binary), " ") + ` "$@"` + "\n"
	Expect(os.WriteFile(path, []byte(script), 0o755)).To(Succeed())
	return path
}

// smallDisk makes the directory a file system of its own, of a megabyte.
func (m *mounts) smallDisk(ctx context.Context, directory, mode string) smallDisk {
	GinkgoHelper()
	m.run(ctx, "sh", "-ec", `mkdir -p "$0" && mount -t tmpfs -o size=1m,mode=$1 tmpfs "$0"`, directory, mode)
	return smallDisk{fmt.Sprintf("/proc/%d/root%s", m.inside.Process.Pid, directory)}
}

// smallDisk is one that is soon full.
type smallDisk struct {
	// path is where everybody sees it.
	path string
}

func (d smallDisk) filler() string { return d.path + "/filler" }

// fill leaves room for no more than so many pages.
func (d smallDisk) fill(pages int) {
	GinkgoHelper()
	file, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	Expect(err).NotTo(HaveOccurred())
	for err == nil {
		_, err = file.Write(make([]byte, 512))
	}
	Expect(errors.Is(err, syscall.ENOSPC)).To(BeTrue(), "%v", err)
	size, err := file.Seek(0, 2)
	Expect(err).NotTo(HaveOccurred())
	Expect(file.Truncate(size - int64(pages*os.Getpagesize()))).To(Succeed())
	Expect(file.Close()).To(Succeed())
}

// free makes room.
func (d smallDisk) free() {
	GinkgoHelper()
	Expect(os.Remove(d.filler())).To(Succeed())
}

package e2e

import (
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// hasWritten waits until the files of every nginx, which nobody may have included yet, have some text.
func (h *house) hasWritten(text string) {
	GinkgoHelper()
	for _, server := range h.nginx {
		Eventually(os.ReadFile).WithArguments(filepath.Join(server.ConfDir, "current", "http.conf")).WithTimeout(30 * time.Second).Should(ContainSubstring(text))
	}
}

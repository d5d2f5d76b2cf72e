package e2e

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/source/git/gittest"
)

// serveGit has git itself serve a repository over http on loopback, for the token t0ken, until the end of the spec.
func serveGit(repo *gittest.Bare) (url string) {
	GinkgoHelper()
	programs, err := exec.Command("git", "--exec-path").Output()
	Expect(err).NotTo(HaveOccurred())
	backend := &cgi.Handler{Path: filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"), Env: []string{
		"GIT_PROJECT_ROOT=" + filepath.Dir(repo.Dir), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "HOME=" + filepath.Dir(repo.Dir),
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if _, password, ok := request.BasicAuth(); !ok || password != "t0ken" {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, request)
	}))
	DeferCleanup(server.Close)
	return server.URL + "/" + filepath.Base(repo.Dir)
}

func writeFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }

func rename(from, to string) error { return os.Rename(from, to) }

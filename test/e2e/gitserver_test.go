package e2e

import (
	"net/http/httptest"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"

	"github.com/segue-dev/segue/controller/source/git/gittest"
)

// serveGit serves a repository over http on loopback, for the token t0ken, until the end of the spec.
func serveGit(repo *gittest.Bare) (url string) {
	server := httptest.NewServer(&gittest.HTTP{Root: filepath.Dir(repo.Dir), Token: "t0ken"})
	DeferCleanup(server.Close)
	return server.URL + "/" + filepath.Base(repo.Dir)
}

func writeFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }

func rename(from, to string) error { return os.Rename(from, to) }

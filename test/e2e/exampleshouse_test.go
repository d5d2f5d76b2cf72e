package e2e

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

// examplesDirectory is manifests/.
func examplesDirectory() string {
	return filepath.Join(filepath.Dir(filepath.Dir(binary)), "manifests")
}

// image makes the sample service into an image of a user's, with what docker commit's --change says.
func (h *house) image(ctx context.Context, name string, changes ...string) {
	GinkgoHelper()
	const container = "segue-e2e-image"
	docker(ctx, "create", "--name", container, "--label", "segue.dev/testbed="+h.bed.Name, testbed.Sample(1))
	args := []string{"commit"}
	for _, change := range changes {
		args = append(args, "--change", change)
	}
	docker(ctx, append(args, container, name)...)
	docker(ctx, "rm", container)
	DeferCleanup(func(ctx context.Context) { docker(ctx, "rmi", "-f", name) })
}

// example gives a copy of an example in which what names a user's own things names those of the bed: old, new, old, new.
func (h *house) example(file string, replace ...string) string {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(examplesDirectory(), file))
	Expect(err).NotTo(HaveOccurred())
	mine := string(text)
	for i := 0; i+1 < len(replace); i += 2 {
		Expect(mine).To(ContainSubstring(replace[i]))
		mine = strings.ReplaceAll(mine, replace[i], replace[i+1])
	}
	path := h.bed.Path(filepath.Base(file))
	Expect(os.WriteFile(path, []byte(mine), 0o644)).To(Succeed())
	return path
}

// serves waits until all of a Deployment is of the image and available.
func (h *house) serves(ctx context.Context, deployment, image string) api.DeploymentStatus {
	GinkgoHelper()
	status, err := h.segue.Await(ctx, deployment, "serving "+image, time.Minute, func(d api.DeploymentStatus) bool {
		return d.Image == image && d.Rejected == nil && d.Replicas > 0 && d.UpdatedReplicas == d.Replicas && d.AvailableReplicas == d.Replicas
	})
	Expect(err).NotTo(HaveOccurred())
	return status
}

// answersOnly waits until every new connection to address is answered by the version, and by no other any more.
func answersOnly(ctx context.Context, address, host, version string) {
	GinkgoHelper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	ask := func() (string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/whoami", nil)
		if err != nil {
			return "", err
		}
		request.Host = host
		response, err := client.Do(request)
		if err != nil {
			return "", err
		}
		return response.Status + " " + response.Header.Get("X-Version"), response.Body.Close()
	}
	Eventually(ask).WithContext(ctx).Should(Equal("200 OK " + version))
	Consistently(ask).WithContext(ctx).WithTimeout(500 * time.Millisecond).Should(Equal("200 OK " + version))
}

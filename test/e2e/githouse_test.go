package e2e

import (
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/git/gittest"
	"github.com/segue-dev/segue/test/testbed"
)

// gitHouse is a house whose segue follows the directory prod of a repository, as git:shop.
type gitHouse struct {
	*house
	repo *gittest.Bare
}

// newGitHouse builds one whose repository holds apps, and waits until they have been rolled out. Its nginx is brisk.
func newGitHouse(ctx context.Context, apps []testbed.App, flags ...string) *gitHouse {
	GinkgoHelper()
	g := &gitHouse{repo: gittest.NewBare(GinkgoT(), "shop")}
	g.push("Begin", apps...)
	g.house = newBriskHouse(ctx, "", append([]string{"--git", g.repo.Dir, "--path", "prod"}, flags...)...)
	g.await(ctx, apps[0], "known", testbed.Known)
	g.include(ctx)
	for _, app := range apps {
		g.rolled(ctx, app)
	}
	return g
}

// push commits what apps are now.
func (g *gitHouse) push(message string, apps ...testbed.App) {
	GinkgoHelper()
	for _, app := range apps {
		g.repo.Files["prod/"+app.Name+".yaml"] = app.YAML()
	}
	g.repo.Push(message)
}

// becomes waits for the reason and a part of the message of the source's condition Ready.
func (g *gitHouse) becomes(ctx context.Context, reason, message string) {
	GinkgoHelper()
	g.sourceBecomes(ctx, "git:shop", reason, message)
}

// sourceBecomes waits for the reason and a part of the message of a source's condition Ready.
func (h *house) sourceBecomes(ctx context.Context, name, reason, message string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		list, err := h.segue.Client.List(ctx, api.Query{Kind: api.KindSource, Name: name})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(list.Items).To(HaveLen(1))
		s := list.Items[0].Source
		g.Expect(s.Conditions[0].Reason).To(Equal(reason), "%+v", s)
		g.Expect(s.Conditions[0].Message).To(ContainSubstring(message))
	}).WithContext(ctx).WithTimeout(40 * time.Second).Should(Succeed())
}

// Two services of one repository, as quick to start as the others' and with a short deadline, so that a bad commit is
// seen to fail soon.
func repositoryApps() (orders, stock testbed.App) {
	spec := []string{"drainTimeoutSeconds: 2", "progressDeadlineSeconds: 6"}
	orders = testbed.App{Name: "orders", Version: 1, Replicas: 2, Spec: spec, Env: map[string]string{"START_DELAY": "200ms"}}
	stock = testbed.App{Name: "stock", Version: 1, Replicas: 1, Spec: spec}
	return orders, stock
}

// sick makes a version that never gets ready.
func sick(app testbed.App, version int) testbed.App {
	app.Version, app.Readiness = version, "/nowhere"
	return app
}

// isReady says whether an instance of that name is ready.
func isReady(d api.DeploymentStatus, name string) bool {
	return slices.Contains(readyOnes(d), name)
}

// ready is one instance that is.
func ready(d api.DeploymentStatus) string {
	GinkgoHelper()
	all := readyOnes(d)
	Expect(all).NotTo(BeEmpty(), "no instance is ready")
	return all[0]
}

// readyOnes are a Deployment's ready instances.
func readyOnes(d api.DeploymentStatus) []string {
	var all []string
	for _, i := range d.Instances {
		if i.Ready {
			all = append(all, i.Name)
		}
	}
	return all
}

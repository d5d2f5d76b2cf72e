package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/api/apitest"
	"github.com/segue-dev/segue/spec"
)

// depended is a controller that refuses to delete what a Deployment uses that is still there. What it deletes is gone at
// once.
type depended struct {
	*apitest.Service
	// users says by which one each is used.
	users map[string]string
	gone  []string
}

func (d *depended) Delete(_ context.Context, request api.DeleteRequest) (api.ApplyResult, error) {
	name := request.Name.Name
	if user := d.users[name]; user != "" && !slices.Contains(d.gone, user) {
		return api.ApplyResult{}, &api.Refusal{Kind: api.Invalid, Message: "deployment/" + name + " is used by deployment/" + user}
	}
	d.gone = append(d.gone, name)
	d.Forget(request.Kind, request.Name)
	return api.ApplyResult{Items: []api.Applied{{Kind: request.Kind, Name: request.Name, Result: "deleted"}}}, nil
}

func TestWhatOthersDependOnIsDeletedAfterThem(t *testing.T) {
	users := map[string]string{"eureka": "orders", "orders": "gateway"}
	for args, want := range map[string][]string{
		"delete deployment eureka orders gateway":              {"gateway", "orders", "eureka"},
		"delete deployment eureka orders gateway --wait=false": {"gateway", "orders", "eureka"},
		"delete deployment orders eureka":                      nil,
	} {
		fake := &depended{Service: &apitest.Service{}, users: users}
		for name := range users {
			fake.Publish(api.Status{Kind: spec.KindDeployment, Name: named(name), Deployment: &api.DeploymentStatus{}})
		}
		r := call{service: fake, args: strings.Fields(args)}.run(t.Context())
		if !slices.Equal(fake.gone, want) {
			t.Errorf("segue %s deleted %q, want %q\n%s", args, fake.gone, want, r)
		}
		if refused := r.code == exitUsage && strings.Contains(r.err, "is used by deployment/gateway"); refused != (want == nil) {
			t.Errorf("segue %s: %s", args, r)
		}
	}
}

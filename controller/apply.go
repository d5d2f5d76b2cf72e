package controller

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// Apply keeps all of the manifests or none.
func (c *Controller) Apply(ctx context.Context, request api.ApplyRequest) (api.ApplyResult, error) {
	if err := c.writable(); err != nil && !request.DryRun {
		return api.ApplyResult{}, err
	}
	if err := c.worksHere(request.Manifests); err != nil {
		return api.ApplyResult{}, err
	}
	who := author{owner: ownerOf(request.Owner), by: request.By, cause: request.Cause}
	c.objects.writing.Lock()
	changes, err := c.objects.proposals(request.Manifests, who, time.Now())
	if err == nil && !request.DryRun {
		err = c.commit(effective(changes))
	}
	c.objects.writing.Unlock()
	if err != nil {
		return api.ApplyResult{}, err
	}
	for i := range changes {
		c.noteMovedTag(ctx, &changes[i])
	}
	return applied(changes), nil
}

func ownerOf(owner string) string {
	if owner == "" {
		return api.OwnerApply
	}
	return owner
}

// worksHere refuses what needs a controller that stays: leases that segue itself keeps alive.
func (c *Controller) worksHere(manifests []spec.Manifest) error {
	if c.options.Only == nil {
		return nil
	}
	for _, m := range manifests {
		if m.Deployment != nil && m.Deployment.Spec.Eureka != nil && !m.Deployment.Spec.SelfRegisters() {
			return refuse(api.Invalid, fmt.Sprintf("%s: eureka.mode %s needs segue run: somebody has to keep the leases alive", keyOf(m), m.Deployment.Spec.Eureka.Mode))
		}
	}
	return nil
}

// noteMovedTag says of an unchanged Deployment that its tag is another image now, where the engine knows that.
func (c *Controller) noteMovedTag(ctx context.Context, one *change) {
	if one.result != resultUnchanged || one.record == nil || one.record.Wanted.Image == "" || one.note != "" {
		return
	}
	written := one.record.Wanted
	image := written.Deployment.Spec.Template.Image
	written.Image = ""
	written.Deployment.Spec.Template.ImagePullPolicy = spec.PullNever
	asked := askPull(ctx, c.options.Runtime, written)
	if asked.image.Reference != "" && asked.image.Reference != one.record.Wanted.Image {
		one.note = fmt.Sprintf("%s is another image now: segue rollout restart %s", image, one.key.name)
	}
}

// Delete marks an object for deletion.
func (c *Controller) Delete(_ context.Context, request api.DeleteRequest) (api.ApplyResult, error) {
	if err := c.writable(); err != nil {
		return api.ApplyResult{}, err
	}
	k := key{kind: request.Kind, name: request.Name}
	c.objects.writing.Lock()
	defer c.objects.writing.Unlock()
	one, err := c.deletion(k, request)
	if err != nil {
		return api.ApplyResult{}, err
	}
	if err := c.commit([]change{one}); err != nil {
		return api.ApplyResult{}, err
	}
	return applied([]change{one}), nil
}

// deletion works out the change of a Delete.
func (c *Controller) deletion(k key, request api.DeleteRequest) (change, error) {
	who := author{owner: ownerOf(request.Owner), by: request.By}
	before := c.objects.get(k)
	if before == nil && request.Orphans && k.kind == spec.KindDeployment {
		return c.adoptOrphans(k, who)
	}
	if before == nil {
		return change{}, refuse(api.NotFound, k.String()+" not found")
	}
	if err := c.objects.mayTake(before, who.owner, k); err != nil {
		return change{}, err
	}
	if users := spec.Users(k.kind, k.name, c.objects.manifests()); len(users) > 0 {
		return change{}, refuse(api.Invalid, fmt.Sprintf("%s is used by deployment/%s; delete that first, or take it out of its manifest", k, users[0]))
	}
	after := *before
	after.Deleting, after.By, after.At = true, request.By, time.Now()
	if !before.Deleting {
		after.Generation++
	}
	return change{key: k, before: before, after: &after, result: resultDeleted}, nil
}

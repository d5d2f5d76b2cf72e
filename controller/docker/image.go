package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/pkg/jsonmessage"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// defaultPolicy is Kubernetes': Always for :latest and for no tag, else IfNotPresent.
func defaultPolicy(image string) spec.PullPolicy {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil || isImageID(image) {
		return spec.PullIfNotPresent
	}
	if _, hasDigest := named.(reference.Digested); hasDigest {
		return spec.PullIfNotPresent
	}
	if tagged, ok := reference.TagNameOnly(named).(reference.Tagged); ok && tagged.Tag() == "latest" {
		return spec.PullAlways
	}
	return spec.PullIfNotPresent
}

func isImageID(image string) bool { return strings.HasPrefix(image, "sha256:") }

// presence is what the engine has of an image.
type presence struct {
	found bool
	// fromRegistry: it was pulled or pushed once. One built here has no registry to be asked.
	fromRegistry bool
	image        reconcile.PulledImage
}

func (p *pulls) present(ctx context.Context, name string) (presence, error) {
	inspected, err := p.cli.ImageInspect(ctx, name)
	if errdefs.IsNotFound(err) {
		return presence{}, nil
	}
	if err != nil {
		return presence{}, fmt.Errorf("inspect image %s: %w", name, err)
	}
	health := inspected.Config != nil && inspected.Config.Healthcheck != nil &&
		len(inspected.Config.Healthcheck.Test) > 0 && inspected.Config.Healthcheck.Test[0] != "NONE"
	return presence{
		found:        true,
		fromRegistry: len(inspected.RepoDigests) > 0,
		image: reconcile.PulledImage{
			Reference: resolved(name, inspected.ID, inspected.RepoDigests), HasHealthcheck: health, Size: inspected.Size,
		},
	}, nil
}

// resolved is the reference that will always mean this very image: a registry digest of the same repository, else the
// image id.
func resolved(name, id string, repoDigests []string) string {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil || isImageID(name) {
		return id
	}
	for _, s := range repoDigests {
		if digested, err := reference.ParseNormalizedNamed(s); err == nil && digested.Name() == named.Name() {
			return reference.FamiliarString(digested)
		}
	}
	return id
}

// download pulls from the registry.
func (p *pulls) download(ctx context.Context, key pullKey) error {
	auth, err := registryAuth(ctx, key.image)
	if err != nil {
		return fmt.Errorf("pull %s: %w", key.image, err)
	}
	stream, err := p.cli.ImagePull(ctx, key.image, image.PullOptions{RegistryAuth: auth})
	if err != nil {
		return fmt.Errorf("pull %s: %w", key.image, err)
	}
	defer stream.Close()
	err = eachMessage(stream, func(message jsonmessage.JSONMessage) {
		var current, total int64
		if message.Progress != nil {
			current, total = message.Progress.Current, message.Progress.Total
		}
		p.advance(key, message.ID, message.Status, current, total)
	})
	if err != nil {
		return fmt.Errorf("pull %s: %w", key.image, err)
	}
	return nil
}

// eachMessage reads an answer of the engine that is a stream of messages, to its end or to the first that is an error.
func eachMessage(stream io.Reader, each func(jsonmessage.JSONMessage)) error {
	decoder := json.NewDecoder(stream)
	for {
		var message jsonmessage.JSONMessage
		if err := decoder.Decode(&message); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if message.Error != nil {
			return message.Error
		}
		each(message)
	}
}

// Tag names the image of a kept revision segue/DEPLOYMENT:REVISION, so that no prune takes it.
func (r *Runtime) Tag(ctx context.Context, image, deployment, revision string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := r.cli.ImageTag(ctx, image, "segue/"+deployment+":"+revision); err != nil {
		return fmt.Errorf("tag image %s for revision %s of %s: %w", image, revision, deployment, err)
	}
	return nil
}

package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/pkg/jsonmessage"
)

// ImportBinary makes the image tag out of nothing but one static binary, at /NAME, and a /tmp. A nil entrypoint is the
// binary alone. Nothing is done when the tag is of these bytes and this entrypoint already.
func (r *Runtime) ImportBinary(ctx context.Context, tag, path string, entrypoint []string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	binary, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	name := filepath.Base(path)
	if entrypoint == nil {
		entrypoint = []string{"/" + name}
	}
	command, err := json.Marshal(entrypoint)
	if err != nil {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	sum := sha256.Sum256(append(append([]byte(name), command...), binary...))
	hash := hex.EncodeToString(sum[:])
	if before, err := r.cli.ImageInspect(ctx, tag); err == nil && before.Config != nil && before.Config.Labels[labelHash] == hash {
		return nil
	} else if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	archive, err := tarOf(name, binary)
	if err != nil {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	changes := []string{"ENTRYPOINT " + string(command), "LABEL " + labelHash + "=" + hash}
	source := image.ImportSource{Source: archive, SourceName: "-"}
	stream, err := r.cli.ImageImport(ctx, source, tag, image.ImportOptions{Changes: changes})
	if err != nil {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	defer stream.Close()
	if err := eachMessage(stream, func(jsonmessage.JSONMessage) {}); err != nil {
		return fmt.Errorf("import image %s: %w", tag, err)
	}
	return nil
}

func tarOf(name string, binary []byte) (io.Reader, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}); err != nil {
		return nil, err
	}
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o755, Size: int64(len(binary))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(binary); err != nil {
		return nil, err
	}
	return &archive, w.Close()
}

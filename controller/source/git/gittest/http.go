package gittest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing/format/pktline"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/server"
)

// HTTP serves the repositories below Root by git's smart protocol, for reading.
type HTTP struct {
	Root string
	// Token is asked for as the password of every request; none where it is "".
	Token string
}

func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, password, ok := r.BasicAuth(); h.Token != "" && (!ok || password != h.Token) {
		w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	path, isRefs := strings.CutSuffix(r.URL.Path, "/info/refs")
	path, isPack := strings.CutSuffix(path, "/git-upload-pack")
	var err error
	switch {
	case isRefs && r.URL.Query().Get("service") == "git-upload-pack":
		w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		err = advertise(r.Context(), h.Root, path, w, [][]byte{[]byte("# service=git-upload-pack"), pktline.Flush})
	case isPack:
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		err = upload(r.Context(), h.Root, path, r.Body, w)
	default:
		err = transport.ErrRepositoryNotFound
	}
	if errors.Is(err, transport.ErrRepositoryNotFound) {
		http.NotFound(w, r)
	} else if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func session(root, path string) (transport.UploadPackSession, error) {
	full := filepath.Join(root, filepath.FromSlash(path))
	endpoint, err := transport.NewEndpoint("file://" + full)
	if err != nil {
		return nil, err
	}
	return server.NewServer(server.NewFilesystemLoader(osfs.New("/"))).NewUploadPackSession(endpoint, nil)
}

func advertise(ctx context.Context, root, path string, w io.Writer, prefix [][]byte) error {
	s, err := session(root, path)
	if err != nil {
		return err
	}
	refs, err := s.AdvertisedReferencesContext(ctx)
	if err != nil {
		return fmt.Errorf("advertise: %w", err)
	}
	refs.Prefix = prefix
	return refs.Encode(w)
}

func upload(ctx context.Context, root, path string, from io.Reader, w io.Writer) error {
	s, err := session(root, path)
	if err != nil {
		return err
	}
	request := packp.NewUploadPackRequest()
	if err := request.Decode(from); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	response, err := s.UploadPack(ctx, request)
	if err != nil {
		return err
	}
	return response.Encode(w)
}

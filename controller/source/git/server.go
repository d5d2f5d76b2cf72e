package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-git/go-billy/v5/osfs"
	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/memory"
)

// history is how far back a fetch goes first to find the commit that holds.
const history = 50

// server is a repository that is reached over https or ssh.
type server struct {
	options *Options
	// hung is the last exchange, while it has not ended though its time is over.
	hung chan struct{}
}

// bounded does one exchange. The ssh library cannot be told to stop in the middle of a handshake: then the exchange is
// left to its connection's end, and there is no other before that.
func (s *server) bounded(ctx context.Context, exchange func() error) error {
	if s.hung != nil {
		select {
		case <-s.hung:
			s.hung = nil
		default:
			return errors.New("the server has not ended the exchange before this one")
		}
	}
	result, ended := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(ended)
		result <- exchange()
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		s.hung = ended
		return ctx.Err()
	}
}

func (s *server) tip(ctx context.Context) (plumbing.Hash, error) {
	auth, ca, err := s.options.credentials()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	remote := gogit.NewRemote(memory.NewStorage(), s.config())
	var refs []*plumbing.Reference
	err = s.bounded(ctx, func() (err error) {
		refs, err = remote.ListContext(ctx, &gogit.ListOptions{Auth: auth, CABundle: ca})
		return err
	})
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return plumbing.ZeroHash, s.options.missingBranch(nil)
	}
	if err != nil {
		return plumbing.ZeroHash, err
	}
	var names []string
	for _, ref := range refs {
		if ref.Name() == s.options.reference() {
			return ref.Hash(), nil
		}
		if ref.Name().IsBranch() {
			names = append(names, ref.Name().Short())
		}
	}
	return plumbing.ZeroHash, s.options.missingBranch(names)
}

func (s *server) config() *config.RemoteConfig {
	return &config.RemoteConfig{Name: "origin", URLs: []string{s.options.URL}}
}

func (s *server) get(ctx context.Context, known plumbing.Hash, use func(*tree) error) error {
	depths := []int{1, 0}
	if !known.IsZero() {
		depths = []int{history, 0}
	}
	var failed error
	for _, depth := range depths {
		enough := false
		err := s.fetch(ctx, depth, func(t *tree) error {
			// Known may lie further back than a shallow history reaches.
			if enough = depth == 0 || known.IsZero() || t.descends(known); enough {
				return use(t)
			}
			return nil
		})
		if enough || ctx.Err() != nil {
			return err
		}
		// A server that cannot give a part of its history gives all of it, or says why not.
		failed = err
	}
	return failed
}

// fetch gets the tip with a part of its history, all of it by depth 0, and removes it again after use.
func (s *server) fetch(ctx context.Context, depth int, use func(*tree) error) error {
	auth, ca, err := s.options.credentials()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	dir, err := os.MkdirTemp(s.options.Dir, "fetch-")
	if err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the next start sweeps what stays
	objects := filesystem.NewStorage(osfs.New(filepath.Join(dir, "objects")), cache.NewObjectLRU(16*cache.MiByte))
	defer func() { _ = objects.Close() }() // it was read
	name := s.options.reference()
	remote := gogit.NewRemote(objects, s.config())
	err = s.bounded(ctx, func() error {
		return remote.FetchContext(ctx, &gogit.FetchOptions{
			RefSpecs: []config.RefSpec{config.RefSpec("+" + name + ":" + name)},
			Depth:    depth, Auth: auth, Tags: gogit.NoTags, Force: true, CABundle: ca,
		})
	})
	if err != nil && !errors.Is(err, gogit.NoErrAlreadyUpToDate) {
		return fmt.Errorf("fetch: %w", err)
	}
	ref, err := objects.Reference(name)
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	return withTree(ctx, objects, ref.Hash(), use)
}

package git

import (
	"context"
	"errors"
	"fmt"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
)

// local is a repository on this machine, bare or with a work tree, which is not looked at.
type local struct {
	dir     string
	options *Options
}

func (l *local) open() (*gogit.Repository, error) {
	repository, err := gogit.PlainOpenWithOptions(l.dir, &gogit.PlainOpenOptions{EnableDotGitCommonDir: true})
	if errors.Is(err, gogit.ErrRepositoryNotExists) {
		return nil, &controller.Trouble{Reason: api.ReasonUnreadable, Message: fmt.Sprintf("there is no Git repository at %s; bring it back, or name another", l.dir)}
	}
	return repository, err
}

func (l *local) tip(context.Context) (plumbing.Hash, error) {
	repository, err := l.open()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	return l.find(repository)
}

// find is the branch's tip.
func (l *local) find(repository *gogit.Repository) (plumbing.Hash, error) {
	ref, err := repository.Reference(l.options.reference(), true)
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		var names []string
		branches, err := repository.Branches()
		if err == nil {
			err = branches.ForEach(func(ref *plumbing.Reference) error {
				names = append(names, ref.Name().Short())
				return nil
			})
		}
		if err != nil {
			return plumbing.ZeroHash, err
		}
		return plumbing.ZeroHash, l.options.missingBranch(names)
	}
	if err != nil {
		return plumbing.ZeroHash, err
	}
	return ref.Hash(), nil
}

func (l *local) get(ctx context.Context, _ plumbing.Hash, use func(*tree) error) error {
	repository, err := l.open()
	if err != nil {
		return err
	}
	tip, err := l.find(repository)
	if err != nil {
		return err
	}
	if l.options.VerifyFile != "" {
		return withTree(ctx, checked{repository.Storer}, tip, use)
	}
	return withTree(ctx, repository.Storer, tip, use)
}

func withTree(ctx context.Context, objects storer.EncodedObjectStorer, tip plumbing.Hash, use func(*tree) error) error {
	t, err := newTree(ctx, objects, tip)
	if err != nil {
		return err
	}
	return use(t)
}

package git

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
)

// reference is the branch's full name.
func (o *Options) reference() plumbing.ReferenceName {
	if strings.HasPrefix(o.Branch, "refs/") {
		return plumbing.ReferenceName(o.Branch)
	}
	return plumbing.NewBranchReferenceName(o.Branch)
}

// missingBranch: the branch is not there, these are.
func (o *Options) missingBranch(names []string) error {
	has := "it has no branch at all"
	if len(names) > 0 {
		has = "it has " + strings.Join(names[:min(len(names), 10)], ", ")
	}
	return &controller.Trouble{Reason: api.ReasonMissing, Message: fmt.Sprintf("branch %s is not in %s (%s); push it again, or name another with --branch", o.Branch, o.URL, has)}
}

// explain makes a Trouble of an error, with what to do.
func (r *Repository) explain(err error) error {
	var trouble *controller.Trouble
	if errors.As(err, &trouble) {
		return trouble
	}
	o := &r.options
	var key *knownhosts.KeyError
	remedy := "it is tried again"
	switch {
	case errors.As(err, &key) && len(key.Want) > 0:
		remedy = "the server's key is not the one that is known: somebody may stand between; ask its owner before you replace the line in the known hosts file"
	case errors.As(err, &key):
		remedy = fmt.Sprintf("%s is not among the known hosts: ssh-keyscan %s shows its keys; compare them with what its owner says, then add them", o.host(), o.host())
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		remedy = "give a token that may read it (--git-token-file), or renew it"
	case errors.Is(err, transport.ErrRepositoryNotFound):
		remedy = "check the URL, and that the token or key may read it"
	case errors.Is(err, context.DeadlineExceeded):
		remedy = "it took longer than " + lookTime.String() + "; it is tried again"
	case errors.Is(err, plumbing.ErrObjectNotFound):
		remedy = "an object of the commit is missing, as while somebody writes to the repository; it is tried again, and if that lasts, git fsck says more"
	}
	return &controller.Trouble{Reason: api.ReasonUnreadable, Message: fmt.Sprintf("read %s: %v; %s", o.URL, err, remedy)}
}

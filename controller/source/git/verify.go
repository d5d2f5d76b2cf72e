package git

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/git/signers"
)

// ReadSigners reads a file of those who may sign commits. It refuses one that anybody may write.
func ReadSigners(path string) (may *signers.Signers, sum [sha256.Size]byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, sum, err
	}
	if info.Mode().Perm()&0o002 != 0 {
		return nil, sum, fmt.Errorf("anybody may write %s, and so say who signs; chmod o-w %s", path, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, sum, err
	}
	may, err = signers.Parse(path, data)
	return may, sha256.Sum256(data), err
}

// signers are those who may sign, and the sum of the file that says so; nil where any commit will do.
func (o *Options) signers() (may *signers.Signers, sum [sha256.Size]byte, err error) {
	if o.VerifyFile == "" {
		return nil, sum, nil
	}
	may, sum, err = ReadSigners(o.VerifyFile)
	if err != nil {
		return nil, sum, &controller.Trouble{Reason: api.ReasonUnverified, Message: fmt.Sprintf("read who may sign commits: %v; nothing new is taken until that is mended", err)}
	}
	return may, sum, nil
}

// verify is nil when somebody who may has signed the commit.
func (o *Options) verify(t *tree, may *signers.Signers) error {
	if may == nil {
		return nil
	}
	payload, err := t.payload()
	if err != nil {
		return fmt.Errorf("read commit %s: %w", short(t.hash()), err)
	}
	if _, err := may.Verify(payload, t.commit.PGPSignature, t.commit.Committer.When); err != nil {
		return &controller.Trouble{Reason: api.ReasonUnverified, Message: fmt.Sprintf(
			"commit %s %q by %s <%s> is not taken: %v; push a commit on top that is signed (git commit -S) with a key that %s lists, or, once its owner has told you that it is theirs, list the key there",
			short(t.hash()), t.subject(), t.author(), printable(t.commit.Author.Email), err, o.VerifyFile)}
	}
	return nil
}

// payload is what the commit's signature is over: its bytes without the signature.
func (t *tree) payload() ([]byte, error) {
	var plain plumbing.MemoryObject
	if err := t.commit.EncodeWithoutSignature(&plain); err != nil {
		return nil, err
	}
	from, err := plain.Reader()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(from)
	return content, errors.Join(err, from.Close())
}

package git

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/segue-dev/segue/controller"
)

// tree is one commit with its files.
type tree struct {
	ctx     context.Context
	objects storer.EncodedObjectStorer
	commit  *object.Commit
}

// newTree peels a tag.
func newTree(ctx context.Context, objects storer.EncodedObjectStorer, tip plumbing.Hash) (*tree, error) {
	commit, err := object.GetCommit(objects, tip)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		if tag, tagErr := object.GetTag(objects, tip); tagErr == nil {
			commit, err = tag.Commit()
		}
	}
	if err != nil {
		return nil, err
	}
	return &tree{ctx: ctx, objects: objects, commit: commit}, nil
}

// descends: known is in the history, as far as that was fetched.
func (t *tree) descends(known plumbing.Hash) bool {
	seen := map[plumbing.Hash]bool{t.commit.Hash: true}
	next := []plumbing.Hash{t.commit.Hash}
	for len(next) > 0 {
		hash := next[0]
		next = next[1:]
		if hash == known {
			return true
		}
		commit, err := object.GetCommit(t.objects, hash)
		if err != nil {
			continue // beyond what was fetched
		}
		for _, parent := range commit.ParentHashes {
			if !seen[parent] {
				seen[parent] = true
				next = append(next, parent)
			}
		}
	}
	return false
}

func (t *tree) hash() plumbing.Hash { return t.commit.Hash }

// subject is the message's first line.
func (t *tree) subject() string {
	line, _, _ := strings.Cut(strings.TrimSpace(t.commit.Message), "\n")
	return printable(line)
}

func (t *tree) author() string {
	if name := printable(t.commit.Author.Name); name != "" {
		return name
	}
	return printable(t.commit.Author.Email)
}

func (t *tree) known() *controller.Commit {
	return &controller.Commit{Hash: t.commit.Hash.String(), Author: t.author(), Time: t.commit.Committer.When, Message: t.subject()}
}

// printable leaves out what could move a terminal's cursor, and shortens.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	if letters := []rune(text); len(letters) > 120 {
		return string(letters[:119]) + "…"
	}
	return text
}

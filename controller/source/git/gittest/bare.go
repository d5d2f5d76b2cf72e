// Package gittest has Git repositories that tests push to, and the servers that serve them. Nothing of Git needs to be
// installed.
package gittest

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// T is what is needed of a test; *testing.T and ginkgo's are one.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	TempDir() string
}

// Bare is a bare repository.
type Bare struct {
	// Dir is its path; its name ends in .git.
	Dir string
	// Files are what the next commit holds, by path; a value that begins with "-> " is a symbolic link.
	Files map[string]string
	// Author is who commits.
	Author string
	// Sign gives the signature of a commit's bytes; nil for commits without one.
	Sign func(payload []byte) string

	t    T
	repo *gogit.Repository
	at   time.Time
}

// NewBare makes an empty one, NAME.git in a directory of the test's.
func NewBare(t T, name string) *Bare {
	t.Helper()
	b := &Bare{Dir: filepath.Join(t.TempDir(), name+".git"), Files: map[string]string{}, Author: "Ann", t: t, at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	repo, err := gogit.PlainInit(b.Dir, true)
	b.must(err)
	b.repo = repo
	return b
}

func (b *Bare) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%v", err)
	}
}

// Tip is what a branch is at; zero where there is none.
func (b *Bare) Tip(branch string) plumbing.Hash {
	ref, err := b.repo.Reference(plumbing.NewBranchReferenceName(branch), true)
	if err != nil {
		return plumbing.ZeroHash
	}
	return ref.Hash()
}

// Push commits the files to main. Its parent is main's tip, where no others are given.
func (b *Bare) Push(message string, parents ...plumbing.Hash) plumbing.Hash {
	b.t.Helper()
	if tip := b.Tip("main"); len(parents) == 0 && !tip.IsZero() {
		parents = []plumbing.Hash{tip}
	}
	hash := b.Commit(message, parents...)
	b.Point("main", hash)
	return hash
}

// Commit stores a commit that no branch has yet.
func (b *Bare) Commit(message string, parents ...plumbing.Hash) plumbing.Hash {
	b.t.Helper()
	b.at = b.at.Add(time.Minute)
	who := object.Signature{Name: b.Author, Email: strings.ToLower(b.Author) + "@shop", When: b.at}
	commit := &object.Commit{Author: who, Committer: who, Message: message + "\n\nmore\n", TreeHash: b.tree(""), ParentHashes: parents}
	if b.Sign != nil {
		commit.PGPSignature = b.Sign(b.payload(commit))
	}
	return b.store(commit)
}

// payload is what a commit's signature is over.
func (b *Bare) payload(commit *object.Commit) []byte {
	b.t.Helper()
	plain := &plumbing.MemoryObject{}
	b.must(commit.EncodeWithoutSignature(plain))
	from, err := plain.Reader()
	b.must(err)
	content, err := io.ReadAll(from)
	b.must(err)
	return content
}

// Point makes a branch be at a commit.
func (b *Bare) Point(branch string, hash plumbing.Hash) {
	b.t.Helper()
	b.must(b.repo.Storer.SetReference(plumbing.NewHashReference(plumbing.NewBranchReferenceName(branch), hash)))
}

// Drop deletes a branch.
func (b *Bare) Drop(branch string) {
	b.t.Helper()
	b.must(b.repo.Storer.RemoveReference(plumbing.NewBranchReferenceName(branch)))
}

// Lose removes the tree of a commit, as a copy that is under way has it; the function that it returns brings it.
func (b *Bare) Lose(hash plumbing.Hash) (found func()) {
	b.t.Helper()
	commit, err := object.GetCommit(b.repo.Storer, hash)
	b.must(err)
	name := commit.TreeHash.String()
	path := filepath.Join(b.Dir, "objects", name[:2], name[2:])
	b.must(os.Rename(path, path+".part"))
	return func() { b.must(os.Rename(path+".part", path)) }
}

// Blob is the hash of a file's content in a commit.
func (b *Bare) Blob(hash plumbing.Hash, file string) plumbing.Hash {
	b.t.Helper()
	commit, err := object.GetCommit(b.repo.Storer, hash)
	b.must(err)
	found, err := commit.File(file)
	b.must(err)
	return found.Hash
}

type encodable interface {
	Encode(plumbing.EncodedObject) error
}

func (b *Bare) store(what encodable) plumbing.Hash {
	b.t.Helper()
	o := b.repo.Storer.NewEncodedObject()
	b.must(what.Encode(o))
	hash, err := b.repo.Storer.SetEncodedObject(o)
	b.must(err)
	return hash
}

// tree stores a directory, whose name ends in a slash.
func (b *Bare) tree(dir string) plumbing.Hash {
	b.t.Helper()
	entries := map[string]object.TreeEntry{}
	for file, text := range b.Files {
		inside, ok := strings.CutPrefix(file, dir)
		if !ok {
			continue
		}
		name, _, deeper := strings.Cut(inside, "/")
		if _, known := entries[name]; known {
			continue
		}
		switch target, isLink := strings.CutPrefix(text, "-> "); {
		case deeper:
			entries[name] = object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: b.tree(dir + name + "/")}
		case isLink:
			entries[name] = object.TreeEntry{Name: name, Mode: filemode.Symlink, Hash: b.blob(target)}
		default:
			entries[name] = object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: b.blob(text)}
		}
	}
	var t object.Tree
	for _, e := range entries {
		t.Entries = append(t.Entries, e)
	}
	slices.SortFunc(t.Entries, byGitsOrder)
	return b.store(&t)
}

// byGitsOrder sorts a directory as if its name ended in a slash.
func byGitsOrder(a, b object.TreeEntry) int {
	name := func(e object.TreeEntry) string {
		if e.Mode == filemode.Dir {
			return e.Name + "/"
		}
		return e.Name
	}
	return cmp.Compare(name(a), name(b))
}

func (b *Bare) blob(text string) plumbing.Hash {
	b.t.Helper()
	o := b.repo.Storer.NewEncodedObject()
	o.SetType(plumbing.BlobObject)
	w, err := o.Writer()
	b.must(err)
	_, err = w.Write([]byte(text))
	b.must(err)
	b.must(w.Close())
	hash, err := b.repo.Storer.SetEncodedObject(o)
	b.must(err)
	return hash
}

package kustomize

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// inMemory is what kustomize reads: the files of a survey, and no others. It lets through few letters in a path, so paths
// are spelled in those.
type inMemory struct {
	filesys.FileSystem
	// shown are the paths as people know them, by the spelled ones.
	shown map[string]string
	// sums are of each file's bytes.
	sums map[string][sha256.Size]byte
}

func newInMemory() *inMemory {
	return &inMemory{FileSystem: filesys.MakeFsInMemory(), shown: map[string]string{}, sums: map[string][sha256.Size]byte{}}
}

// put writes a file with a real path.
func (m *inMemory) put(real, shown string, data []byte) error {
	m.shown[spelled(real)], m.sums[spelled(real)] = shown, sha256.Sum256(data)
	return m.WriteFile(spelled(real), data)
}

// sum is of all files' paths and bytes, and of which directory is rendered.
func (m *inMemory) sum(dir string) [sha256.Size]byte {
	text := []byte(dir)
	for _, path := range slices.Sorted(maps.Keys(m.sums)) {
		sum := m.sums[path]
		text = append(append(append(text, 0), path...), sum[:]...)
	}
	return sha256.Sum256(text)
}

// spelled is a path in letters, digits, - and single dots; all others are _ and two hexadecimal digits.
func spelled(path string) string {
	var text strings.Builder
	for i := range len(path) {
		c := path[i]
		plain := c == '/' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if plain || c == '.' && i > 0 && path[i-1] != '.' {
			text.WriteByte(c)
			continue
		}
		fmt.Fprintf(&text, "_%02x", c)
	}
	return text.String()
}

// relative is the spelled path from a directory to a file or directory, both real, so that kustomize takes it for no
// address of anything.
func relative(dir, real string) string {
	path, err := filepath.Rel(spelled(dir), spelled(real))
	if err != nil {
		return spelled(real)
	}
	if !strings.HasPrefix(path, "..") {
		path = "./" + path
	}
	return path
}

// unspelled is a text with the paths as people know them.
func (m *inMemory) unspelled(text string) string {
	var paths []string
	for path := range m.shown {
		paths = append(paths, path)
	}
	slices.SortFunc(paths, func(a, b string) int { return len(b) - len(a) })
	for _, path := range paths {
		text = strings.ReplaceAll(text, path, m.shown[path])
	}
	return text
}

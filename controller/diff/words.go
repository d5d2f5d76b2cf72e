package diff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// Words are the differences in words, as "image 1.4 → 1.5" and "env LOG_LEVEL", the image first. files are the sums of
// the files that each names.
func Words(before, after spec.Manifest, filesBefore, filesAfter map[string]string) ([]string, error) {
	old, err := flat(spec.Redact(before))
	if err != nil {
		return nil, err
	}
	now, err := flat(spec.Redact(after))
	if err != nil {
		return nil, err
	}
	var words []string
	for _, path := range keys(old, now) {
		if old[path] != now[path] {
			words = append(words, phrase(path, old[path], now[path]))
		}
	}
	for _, file := range keys(filesBefore, filesAfter) {
		if filesBefore[file] != filesAfter[file] {
			words = append(words, "file "+file)
		}
	}
	words = slices.Compact(words)
	slices.SortStableFunc(words, func(a, b string) int { return rank(a) - rank(b) })
	return words, nil
}

func rank(word string) int {
	if strings.HasPrefix(word, "image ") {
		return 0
	}
	return 1
}

func keys(a, b map[string]string) []string {
	var all []string
	for k := range a {
		all = append(all, k)
	}
	for k := range b {
		all = append(all, k)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// flat maps every leaf's path to its value.
func flat(m spec.Manifest) (map[string]string, error) {
	leaves := map[string]string{}
	object := written(m)
	if object == nil {
		return leaves, nil
	}
	encoded, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("write %s as JSON: %w", m.Name(), err)
	}
	var tree any
	if err := json.Unmarshal(encoded, &tree); err != nil {
		return nil, fmt.Errorf("read %s: %w", m.Name(), err)
	}
	walk("", tree, leaves)
	return leaves, nil
}

func walk(path string, node any, leaves map[string]string) {
	switch value := node.(type) {
	case map[string]any:
		for name, child := range value {
			walk(strings.TrimPrefix(path+"."+name, "."), child, leaves)
		}
	case []any:
		for i, child := range value {
			walk(fmt.Sprintf("%s[%d]", path, i), child, leaves)
		}
	default:
		leaves[path] = fmt.Sprint(value)
	}
}

// phrase is one difference in words.
func phrase(path, old, now string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "spec."), "template.")
	if name, isEnv := strings.CutPrefix(path, "env."); isEnv {
		return "env " + name
	}
	if _, rest, isSlot := strings.Cut(path, ".env."); isSlot {
		return "env " + rest
	}
	if strings.HasPrefix(path, "files.") {
		return "file " + strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(path, "files."), ".content"), ".source")
	}
	if path == "image" {
		old, now = shorter(old, now)
	}
	switch {
	case old == "":
		return path + " " + now
	case now == "":
		return "no " + path
	default:
		return path + " " + old + " → " + now
	}
}

// shorter leaves out the repository that both images have in common.
func shorter(old, now string) (string, string) {
	a, tagA := cutTag(old)
	b, tagB := cutTag(now)
	if a == b && tagA != "" && tagB != "" {
		return tagA, tagB
	}
	return old, now
}

func cutTag(image string) (repository, tag string) {
	i := strings.LastIndexByte(image, ':')
	if i < 0 || strings.Contains(image[i:], "/") {
		return image, ""
	}
	return image[:i], image[i+1:]
}

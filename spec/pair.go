package spec

import (
	"go.yaml.in/yaml/v3"
)

// pair is a key and its value in a mapping.
type pair struct {
	name       string
	key, value *yaml.Node
}

// pairs are a mapping's, in the order written; then those that merge keys (<<) bring and that are not written here.
func (d *decoder) pairs(mapping *yaml.Node, path string) []pair {
	var all []pair
	first := map[string]*yaml.Node{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		if key.Kind == yaml.ScalarNode && isPlain(key) && key.Value == "<<" {
			merged = append(merged, value)
			continue
		}
		named := behind(key)
		if named.Kind != yaml.ScalarNode || isNull(named) {
			d.problem(key, path, "%s as a key; want a name", called(named))
			continue
		}
		if before := first[named.Value]; before != nil {
			d.problem(key, below(path, named.Value), "written twice; first on line %d", before.Line)
			continue
		}
		first[named.Value] = key
		all = append(all, pair{named.Value, key, value})
	}
	for _, value := range merged {
		for _, p := range d.mergedPairs(value, path) {
			if first[p.name] == nil {
				first[p.name] = p.key
				all = append(all, p)
			}
		}
	}
	return all
}

// mergedPairs are what "<<: *base" or "<<: [*one, *two]" brings. A merge within what is merged is refused: it would
// never end if it named itself.
func (d *decoder) mergedPairs(value *yaml.Node, path string) []pair {
	bases := []*yaml.Node{value}
	if target := behind(value); target.Kind == yaml.SequenceNode {
		bases = target.Content
	}
	var all []pair
	for _, written := range bases {
		base := behind(written)
		if base.Kind != yaml.MappingNode {
			d.problem(written, path, "<< takes a mapping, as <<: *base, or a list of mappings")
			continue
		}
		for i := 0; i+1 < len(base.Content); i += 2 {
			key := behind(base.Content[i])
			if key.Kind != yaml.ScalarNode || isNull(key) || key.Value == "<<" && isPlain(key) {
				d.problem(written, path, "what << brings must be plain names and values, without a << of its own")
				continue
			}
			all = append(all, pair{key.Value, base.Content[i], base.Content[i+1]})
		}
	}
	return all
}

package spec

import (
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// head is what says how to read the rest.
type head struct {
	apiVersion, kind string
	// kindNode is where kind stands; the document where it is missing.
	kindNode *yaml.Node
}

func (d *decoder) head(document *yaml.Node) head {
	h := head{kindNode: document}
	mapping := behind(document)
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		value := behind(mapping.Content[i+1])
		switch mapping.Content[i].Value {
		case "apiVersion":
			h.apiVersion = value.Value
		case "kind":
			h.kind, h.kindNode = value.Value, mapping.Content[i+1]
		}
	}
	return h
}

func (h head) kindMessage(file string) string {
	kinds := []string{KindDeployment, KindNginx, KindEureka}
	if name := filepath.Base(file); h.kind == "Kustomization" || h.kind == "" && strings.HasPrefix(strings.ToLower(name), "kustomization") {
		return "a kustomization is no manifest; to have it rendered, name its own directory: -k DIR, or as the path of a source"
	}
	if h.kind == "" {
		return "required: Deployment, Nginx or Eureka; files that are no manifests do not belong here"
	}
	return fmt.Sprintf("segue has no %q%s", h.kind, didYouMean(h.kind, kinds))
}

package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"sigs.k8s.io/yaml"

	"github.com/segue-dev/segue/spec"
)

// Engine is what an import asks of the engine. The docker driver gives it.
type Engine struct {
	// Examine reads a container and its image; the image is nil where it is gone.
	Examine func(ctx context.Context, container string) (container.InspectResponse, *image.InspectResponse, error)
	// Labelled are the names of the running containers with all of these labels. May be nil: there is no engine.
	Labelled func(ctx context.Context, labels map[string]string) ([]string, error)
}

// Containers writes the manifests of containers.
func Containers(ctx context.Context, engine Engine, names []string) ([]byte, error) {
	var all []*service
	for _, name := range names {
		c, i, err := engine.Examine(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, fromContainer(c, i))
	}
	return write(together(all))
}

// together makes one Deployment of the containers of one compose service: its replicas.
func together(all []*service) []*service {
	var kept []*service
	for _, s := range all {
		at := slices.IndexFunc(kept, func(k *service) bool { return k.name == s.name && k.image == s.image })
		if at < 0 {
			kept = append(kept, s)
			continue
		}
		kept[at].adopt = append(kept[at].adopt, s.adopt...)
		kept[at].from += ", " + s.adopt[0]
		kept[at].replicas = len(kept[at].adopt)
	}
	return kept
}

// Compose writes the manifests of a compose file's services, which adopt what runs of them.
func Compose(ctx context.Context, engine Engine, file string) ([]byte, error) {
	project, err := loadCompose(ctx, file)
	if err != nil {
		return nil, err
	}
	var all []*service
	for _, name := range slices.Sorted(maps.Keys(project.Services)) {
		var running []string
		if engine.Labelled != nil {
			running, err = engine.Labelled(ctx, map[string]string{"com.docker.compose.project": project.Name, "com.docker.compose.service": name})
			if err != nil {
				return nil, err
			}
		}
		all = append(all, fromCompose(project, project.Services[name], running))
	}
	return write(all)
}

// secretName is how what nobody should read is called.
var secretName = regexp.MustCompile(`(?i)(passw|secret|token|credential|private|api_?key|access_?key)`)

// secrets names what looks like one, and credentials in URLs.
func (s *service) secrets() {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		if secretName.MatchString(name) || hasPassword(s.env[name]) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		s.note("SECRETS: %s: move them into a file that only root reads, and say envFrom: [{file: %s.env, secret: true}]", strings.Join(names, ", "), nameOf(s.name))
	}
}

func hasPassword(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.User == nil {
		return false
	}
	_, set := u.User.Password()
	return set
}

func write(all []*service) ([]byte, error) {
	if len(all) == 0 {
		return nil, errors.New("there is nothing to import")
	}
	var out bytes.Buffer
	var registries []string
	var documents []string
	for _, s := range all {
		d := s.deployment()
		for _, u := range s.registration(&d) {
			if !slices.Contains(registries, u) {
				registries = append(registries, u)
			}
		}
		s.secrets()
		text, err := yaml.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("write manifest: %w", err)
		}
		documents = append(documents, comments("From "+s.from+".", s.notes)+string(text))
	}
	if len(registries) > 0 {
		text, notes, err := registryOf(registries)
		if err != nil {
			return nil, err
		}
		documents = append([]string{comments("The Eureka that these register with.", notes) + text}, documents...)
	}
	out.WriteString(strings.Join(documents, "---\n"))
	return refused(out.Bytes()), nil
}

// registryOf is the Eureka object of these URLs. Credentials in them do not belong into a manifest.
func registryOf(urls []string) (text string, notes []string, err error) {
	e := spec.Eureka{APIVersion: spec.APIVersion, Kind: spec.KindEureka, Metadata: spec.Metadata{Name: "main"}}
	for _, written := range urls {
		u, err := url.Parse(written)
		if err != nil {
			notes = append(notes, fmt.Sprintf("%q is no URL", written))
			continue
		}
		if u.User != nil {
			u.User = nil
			notes = append(notes, "the URLs had a user and a password: write username and passwordFile")
		}
		if !slices.Contains(e.Spec.Servers, u.String()) {
			e.Spec.Servers = append(e.Spec.Servers, u.String())
		}
	}
	made, err := yaml.Marshal(e)
	if err != nil {
		return "", nil, fmt.Errorf("write manifest: %w", err)
	}
	return string(made), slices.Compact(notes), nil
}

func comments(title string, notes []string) string {
	var t strings.Builder
	fmt.Fprintf(&t, "# %s\n", title)
	for _, note := range notes {
		fmt.Fprintf(&t, "# - %s\n", strings.ReplaceAll(note, "\n", " "))
	}
	return t.String()
}

// refused puts what segue would say of the manifests above them: then a person has to mend them first.
func refused(text []byte) []byte {
	_, err := spec.Read("import.yaml", text)
	if err == nil {
		return text
	}
	var t strings.Builder
	t.WriteString("# To be mended before this can be applied (line numbers are those below this comment):\n")
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(&t, "#   %s\n", line)
	}
	return append([]byte(t.String()), text...)
}

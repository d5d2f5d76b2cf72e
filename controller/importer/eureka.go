package importer

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// springJSON is the environment variable with settings as JSON.
const springJSON = "SPRING_APPLICATION_JSON"

// settings are Spring's, as its relaxed binding reads them out of an environment: in lower case, without dashes, dots
// and underscores.
func settings(env map[string]string) map[string]string {
	found := map[string]string{}
	var tree map[string]any
	if err := json.Unmarshal([]byte(env[springJSON]), &tree); err == nil {
		flatten("", tree, found)
	}
	for name, value := range env {
		found[relaxed(name)] = value
	}
	return found
}

func flatten(path string, tree map[string]any, into map[string]string) {
	for key, value := range tree {
		switch v := value.(type) {
		case map[string]any:
			flatten(path+key+".", v, into)
		case string:
			into[relaxed(path+key)] = v
		}
	}
}

func relaxed(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
}

// registration adds what the environment says of Eureka, and gives the registry's URLs.
func (s *service) registration(d *spec.Deployment) []string {
	found := settings(s.env)
	var urls []string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if strings.HasPrefix(name, "eurekaclientserviceurl") {
			for url := range strings.SplitSeq(found[name], ",") {
				if url = strings.TrimSuffix(strings.TrimSpace(url), "/"); strings.HasPrefix(url, "http") && !slices.Contains(urls, url) {
					urls = append(urls, url)
				}
			}
		}
	}
	switch {
	case len(urls) == 0:
		return nil
	case found["eurekaclientregisterwitheureka"] == "false":
		s.note("it does not register with Eureka (register-with-eureka: false), so it has no eureka here")
		return urls
	case len(d.Spec.Template.Ports) != 1:
		s.note("it registers with Eureka: add eureka: {port: NAME} with one of its ports, which need names then")
		return urls
	}
	d.Spec.Eureka = &spec.Registration{App: strings.ToUpper(found["springapplicationname"])}
	app := orElse(d.Spec.Eureka.App, strings.ToUpper(d.Metadata.Name))
	s.note("it registers with Eureka by itself (mode Self); is %s the app's name there? Add the id under which it is registered now to its adopt, as eurekaId: ID: curl %s/apps/%s shows it",
		app, withoutUser(urls[0]), app)
	return urls
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// withoutUser is a URL as it may be shown.
func withoutUser(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

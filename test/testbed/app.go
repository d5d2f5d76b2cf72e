package testbed

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// App is a Deployment of the sample service. Fields that end a line are YAML's flow form, as "{type: BlueGreen}"; what
// is empty is left out.
type App struct {
	Name     string
	Version  int
	Replicas int
	Strategy string
	// Routes is a map of routes; "{http: {hostnames: [NAME.test]}}" when empty, none when "-".
	Routes string
	Eureka string
	// Spec and Template are more lines of those, without indentation.
	Spec, Template []string
	Env            map[string]string
	// Repository is the image without its version; the sample service's when empty.
	Repository string
	// Readiness is the path of the readiness probe; /health when empty.
	Readiness string
}

// Host is the name under which the default route answers.
func (a App) Host() string { return a.Name + ".test" }

// Image is the image that its instances run.
func (a App) Image() string {
	if a.Repository != "" {
		return fmt.Sprintf("%s:%d", a.Repository, a.Version)
	}
	return Sample(a.Version)
}

// EurekaName is its application's name in Eureka.
func (a App) EurekaName() string { return strings.ToUpper(a.Name) }

// YAML is the manifest.
func (a App) YAML() string {
	var text strings.Builder
	line := func(indent int, format string, values ...any) {
		text.WriteString(strings.Repeat(" ", indent))
		fmt.Fprintf(&text, format+"\n", values...)
	}
	line(0, "apiVersion: segue.dev/v1")
	line(0, "kind: Deployment")
	line(0, "metadata: {name: %s}", a.Name)
	line(0, "spec:")
	line(2, "replicas: %d", a.Replicas)
	if a.Strategy != "" {
		line(2, "strategy: %s", a.Strategy)
	}
	switch a.Routes {
	case "":
		line(2, "routes: {http: {hostnames: [%s]}}", a.Host())
	case "-":
	default:
		line(2, "routes: %s", a.Routes)
	}
	if a.Eureka != "" {
		line(2, "eureka: %s", a.Eureka)
	}
	for _, extra := range a.Spec {
		line(2, "%s", extra)
	}
	line(2, "template:")
	line(4, "image: %s", a.Image())
	line(4, "imagePullPolicy: Never")
	line(4, "ports: [{name: http, containerPort: 8080}]")
	line(4, "readinessProbe: {httpGet: {path: %s, expect: {json: {status: UP}}}, periodSeconds: 1, failureThreshold: 3}", cmp.Or(a.Readiness, "/health"))
	for _, extra := range a.Template {
		line(4, "%s", extra)
	}
	line(4, "env:")
	line(6, "SERVICE: %s", a.Name)
	for _, name := range slices.Sorted(maps.Keys(a.Env)) {
		line(6, "%s: %q", name, a.Env[name])
	}
	return text.String()
}

// NginxYAML is the manifest of an Nginx object of these servers. extra are more fields in YAML's flow form.
func NginxYAML(name string, extra string, servers ...*Nginx) string {
	var containers []string
	for _, server := range servers {
		containers = append(containers, "{container: "+server.Name+"}")
	}
	fields := []string{"servers: [" + strings.Join(containers, ", ") + "]"}
	if extra != "" {
		fields = append(fields, extra)
	}
	return "apiVersion: segue.dev/v1\nkind: Nginx\nmetadata: {name: " + name + "}\nspec: {" + strings.Join(fields, ", ") + "}\n"
}

// ShortCaches is a Eureka object that segue runs itself, whose callers' caches live for a second or two.
const ShortCaches = `apiVersion: segue.dev/v1
kind: Eureka
metadata: {name: main}
spec: {caches: {responseSeconds: 1, fetchSeconds: 2, loadBalancerSeconds: 2}}
`

// RegistryContainer is the container of that object's server, by the name that segue gives it.
const RegistryContainer = "segue-eureka-main"

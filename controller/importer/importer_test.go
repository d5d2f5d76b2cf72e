package importer_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"
	ocispec "github.com/moby/docker-image-spec/specs-go/v1"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/segue-dev/segue/controller/importer"
	"github.com/segue-dev/segue/spec"
)

// orders is a container with something of everything.
func orders(name string) container.InspectResponse {
	seconds := 20
	return container.InspectResponse{
		ContainerJSONBase: &container.ContainerJSONBase{
			ID: "0123456789ab", Name: "/" + name, Image: "sha256:feedfeedfeed0000",
			HostConfig: &container.HostConfig{
				NetworkMode: "shop_default", RestartPolicy: container.RestartPolicy{Name: "unless-stopped"}, CapAdd: []string{"NET_ADMIN"},
				PortBindings: nat.PortMap{"8080/tcp": {{HostPort: "80"}}},
				Resources:    container.Resources{Memory: 512 << 20, NanoCPUs: 1_500_000_000, MemoryReservation: 100},
			},
		},
		Config: &container.Config{
			Image: "registry.shop/orders:1.4", Hostname: "0123456789ab", Cmd: []string{"--fast"}, Entrypoint: []string{"/app"}, StopTimeout: &seconds,
			Env: []string{
				"PATH=/bin", "MODE=0755", "DB_PASSWORD=hunter2", "DB_URL=postgres://app:hunter2@db/orders", "SPRING_APPLICATION_NAME=orders",
				"EUREKA_CLIENT_SERVICEURL_DEFAULTZONE=http://me:pw@eureka-1:8761/eureka/,http://eureka-2:8761/eureka", "ON=true",
			},
			ExposedPorts: nat.PortSet{"8080/tcp": {}, "53/udp": {}},
			Labels:       map[string]string{"team": "web", "bad key": "x", "com.docker.compose.project": "shop", "of": "image"},
			Healthcheck:  &container.HealthConfig{Test: []string{"CMD-SHELL", "curl -f localhost:8080/health || exit 1"}, Interval: 5 * time.Second, Timeout: 1500 * time.Millisecond, Retries: 4},
		},
		Mounts: []container.MountPoint{
			{Type: mount.TypeVolume, Name: "shop_data", Destination: "/data", RW: true},
			{Type: mount.TypeBind, Source: "/etc/shop", Destination: "/etc/shop"},
			{Type: mount.TypeVolume, Name: strings.Repeat("a", 64), Destination: "/tmp/x", RW: true},
		},
		NetworkSettings: &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{"shop_default": {}, "bridge": {}}},
	}
}

func itsImage() *image.InspectResponse {
	return &image.InspectResponse{Config: &ocispec.DockerOCIImageConfig{ImageConfig: v1.ImageConfig{
		Entrypoint: []string{"/app"}, Cmd: []string{"--slow"}, Env: []string{"PATH=/bin"}, Labels: map[string]string{"of": "image"},
	}}}
}

func engine(running map[string]container.InspectResponse) importer.Engine {
	return importer.Engine{
		Examine: func(_ context.Context, name string) (container.InspectResponse, *image.InspectResponse, error) {
			return running[name], itsImage(), nil
		},
		Labelled: func(_ context.Context, labels map[string]string) ([]string, error) {
			if labels["com.docker.compose.service"] == "web" {
				return []string{"shop-web-1", "shop-web-2"}, nil
			}
			return nil, nil
		},
	}
}

// parsed is what segue apply would read; a problem fails the test.
func parsed(t *testing.T, text []byte) []spec.Manifest {
	t.Helper()
	manifests, err := spec.Read("x.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return manifests
}

func TestContainer(t *testing.T) {
	text, err := importer.Containers(t.Context(), engine(map[string]container.InspectResponse{"orders": orders("orders")}), []string{"orders"})
	if err != nil {
		t.Fatal(err)
	}
	manifests := parsed(t, text)
	if len(manifests) != 2 {
		t.Fatalf("%d objects:\n%s", len(manifests), text)
	}
	if got := manifests[0].Eureka.Spec.Servers; strings.Join(got, " ") != "http://eureka-1:8761/eureka http://eureka-2:8761/eureka" {
		t.Errorf("registry %v", got)
	}
	d := manifests[1].Deployment
	template := d.Spec.Template
	for what, ok := range map[string]bool{
		"name":      d.Metadata.Name == "orders",
		"adopt":     len(d.Spec.Adopt) == 1 && d.Spec.Adopt[0].Container == "orders",
		"image":     template.Image == "registry.shop/orders:1.4",
		"command":   template.Command == nil && len(template.Args) == 1 && template.Args[0] == "--fast",
		"env":       len(template.Env) == 6 && template.Env["MODE"] == "0755" && template.Env["ON"] == "true" && template.Env["PATH"] == "",
		"labels":    len(template.Labels) == 1 && template.Labels["team"] == "web",
		"ports":     len(template.Ports) == 1 && template.Ports[0].ContainerPort == 8080 && template.Ports[0].HostPort == 0,
		"volumes":   strings.Join(template.Volumes, " ") == "shop_data:/data /etc/shop:/etc/shop:ro",
		"strategy":  d.Spec.Strategy.Type == spec.Recreate,
		"networks":  strings.Join(template.Networks, " ") == "shop_default",
		"limits":    template.Resources.Limits == spec.ResourceList{CPU: "1500m", Memory: "512Mi"} && template.Resources.Requests.Memory == "100",
		"readiness": template.ReadinessProbe != nil && template.ReadinessProbe.Exec.Command[2] == "curl -f localhost:8080/health || exit 1" && *template.ReadinessProbe.TimeoutSeconds == 2 && *template.ReadinessProbe.FailureThreshold == 4,
		"grace":     *template.TerminationGracePeriodSeconds == 20,
		"eureka":    d.Spec.Eureka != nil && d.Spec.Eureka.App == "ORDERS",
	} {
		if !ok {
			t.Errorf("%s is wrong in:\n%s", what, text)
		}
	}
	for _, comment := range []string{
		"# - port 8080 was published at 0.0.0.0:80: nginx is to take that over", "# - port 53/udp is not taken over", "# - cap_add NET_ADMIN is not taken over",
		"# - restart: unless-stopped is left out: segue replaces what exits", "# - volume at /tmp/x has no name", "# - label bad key is not taken over",
		"# - SECRETS: DB_PASSWORD, DB_URL, EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: move them into a file that only root reads, and say envFrom: [{file: orders.env, secret: true}]",
		"# - the URLs had a user and a password: write username and passwordFile",
	} {
		if !strings.Contains(string(text), comment) {
			t.Errorf("no comment %q in:\n%s", comment, text)
		}
	}
}

func TestContainersOfOneComposeServiceAreReplicas(t *testing.T) {
	running := map[string]container.InspectResponse{}
	for _, name := range []string{"shop-orders-1", "shop-orders-2"} {
		c := orders(name)
		c.Config.Labels["com.docker.compose.service"] = "orders"
		c.Mounts = nil
		running[name] = c
	}
	text, err := importer.Containers(t.Context(), engine(running), []string{"shop-orders-1", "shop-orders-2"})
	if err != nil {
		t.Fatal(err)
	}
	manifests := parsed(t, text)
	d := manifests[1].Deployment
	if len(manifests) != 2 || d.Metadata.Name != "orders" || *d.Spec.Replicas != 2 || len(d.Spec.Adopt) != 2 || d.Spec.Adopt[1].Container != "shop-orders-2" {
		t.Errorf("got\n%s", text)
	}
}

func TestWhatCannotBeAppliedSaysSo(t *testing.T) {
	c := orders("x")
	c.Config.Env = []string{"no name=1"}
	text, err := importer.Containers(t.Context(), engine(map[string]container.InspectResponse{"x": c}), []string{"x"})
	if err != nil || !strings.HasPrefix(string(text), "# To be mended before this can be applied") {
		t.Errorf("error %v, text\n%s", err, text)
	}
}

const composeFile = `name: shop
services:
  web:
    image: shop/web:${TAG:-3}
    command: ["--port", "8080"]
    environment: {MODE: fast, API_TOKEN: abc, UNSET: }
    ports: ["127.0.0.1:8080:8080"]
    volumes: ["data:/data:ro", "./conf:/etc/web:ro"]
    depends_on: [db]
    restart: always
    cap_add: [SYS_TIME]
    extra_hosts: ["x:10.0.0.1"]
    stop_grace_period: 1m
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 256M}}}
    healthcheck: {test: ["CMD", "wget", "-q", "localhost:8080"], interval: 10s, start_period: 5s, retries: 2}
  db:
    image: postgres:17
    volumes: ["data:/var/lib/postgresql/data"]
  job_runner:
    build: .
volumes: {data: }
`

func TestCompose(t *testing.T) {
	file := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(file, []byte(composeFile), 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := importer.Compose(t.Context(), engine(nil), file)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*spec.Deployment{}
	for _, m := range parsed(t, text) {
		byName[m.Name().Name] = m.Deployment
	}
	web, db, job := byName["web"], byName["db"], byName["job-runner"]
	if len(byName) != 3 || web == nil || db == nil || job == nil {
		t.Fatalf("got\n%s", text)
	}
	template := web.Spec.Template
	for what, ok := range map[string]bool{
		"image":     template.Image == "shop/web:3",
		"adopt":     len(web.Spec.Adopt) == 2 && web.Spec.Adopt[0].Container == "shop-web-1",
		"replicas":  *web.Spec.Replicas == 2,
		"args":      template.Command == nil && len(template.Args) == 2,
		"env":       template.Env["MODE"] == "fast" && len(template.Env) == 2,
		"volumes":   template.Volumes[0] == "shop_data:/data:ro" && template.Volumes[1] == filepath.Join(filepath.Dir(file), "conf")+":/etc/web:ro",
		"networks":  strings.Join(template.Networks, " ") == "shop_default",
		"dependsOn": strings.Join(web.Spec.DependsOn, " ") == "db",
		"limits":    template.Resources.Limits == spec.ResourceList{CPU: "500m", Memory: "256Mi"},
		"readiness": *template.ReadinessProbe.InitialDelaySeconds == 5 && template.ReadinessProbe.Exec.Command[0] == "wget",
		"grace":     *template.TerminationGracePeriodSeconds == 60,
		"db":        db.Spec.Strategy.Type == spec.Recreate && db.Spec.Adopt == nil,
		"job":       job.Spec.Template.Image == "shop-job_runner",
	} {
		if !ok {
			t.Errorf("%s is wrong in:\n%s", what, text)
		}
	}
	for _, comment := range []string{
		"# - port 8080 was published at 127.0.0.1:8080", "# - cap_add is not taken over", "# - extra_hosts is not taken over", "# - SECRETS: API_TOKEN",
		"# - UNSET has no value", "# - compose builds it from ", `# - "job_runner" is no name of an object: it is called job-runner here`,
		"# - nothing of it runs on this engine now",
	} {
		if !strings.Contains(string(text), comment) {
			t.Errorf("no comment %q in:\n%s", comment, text)
		}
	}
}

func TestComposeFileThatIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(file, []byte("services: {web: {imagee: x}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := importer.Compose(t.Context(), engine(nil), file); err == nil || !strings.Contains(err.Error(), "imagee") {
		t.Errorf("got %v", err)
	}
}

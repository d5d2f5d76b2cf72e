package controller

import (
	"maps"
	"net/netip"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestLaunchIsPutTogether(t *testing.T) {
	content := "inline"
	d := spec.Deployment{Metadata: spec.Metadata{Name: "orders"}}
	d.Spec = spec.DeploymentSpec{
		Strategy: spec.Strategy{Type: spec.BlueGreen, BlueGreen: &spec.BlueGreenStrategy{Slots: map[string]spec.Slot{
			"real1": {HostPort: 8081, Env: map[string]string{"PROFILE": "real1"}},
			"real2": {HostPort: 8082, HostIP: "0.0.0.0", Env: map[string]string{"PROFILE": "real2"}},
		}}},
		Routes: map[string]spec.Route{"http": {Variable: "service_url"}},
		Template: spec.Template{
			Image: "orders:1", Env: map[string]string{"PROFILE": "default", "LEVEL": "info"},
			EnvFrom: []spec.EnvFrom{{File: "a.env"}, {File: "b.env"}},
			Files:   map[string]spec.File{"/etc/a": {Source: "a.conf", Mode: "0400"}, "/etc/b": {Content: &content}},
			Ports:   []spec.Port{{Name: "admin", ContainerPort: 9000}, {Name: "http", ContainerPort: 8080}},
		},
	}
	revision := reconcile.Revision{Hash: "abc", Image: "orders@sha256:1", Deployment: d}
	files := map[string][]byte{"a.env": []byte("LEVEL=debug\nKEY=1\n"), "b.env": []byte("KEY=2\n"), "a.conf": []byte("conf")}
	launch, err := launchOf(spec.ParseName("orders"), revision, "orders-abc-12", "real2", netip.MustParseAddr("10.83.0.9"), contents{bytes: files})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"PROFILE": "real2", "LEVEL": "info", "KEY": "2"}; !maps.Equal(launch.Env, want) {
		t.Errorf("env %v, want %v", launch.Env, want)
	}
	if launch.N != 12 || launch.Image != "orders@sha256:1" || launch.Slot != "real2" {
		t.Errorf("launch %+v", launch)
	}
	if a, b := launch.Files["/etc/a"], launch.Files["/etc/b"]; string(a.Content) != "conf" || a.Mode != 0o400 || string(b.Content) != "inline" || b.Mode != 0o444 {
		t.Errorf("files %+v", launch.Files)
	}
	if admin, http := launch.Ports[0], launch.Ports[1]; admin.HostPort != 0 || http.HostPort != 8082 || http.HostIP != "0.0.0.0" {
		t.Errorf("ports %+v", launch.Ports)
	}
	if _, err := launchOf(spec.ParseName("orders"), revision, "orders-abc-1", "real1", netip.Addr{}, contents{bytes: map[string][]byte{"a.env": []byte("broken")}}); err == nil {
		t.Error("a broken env file was taken")
	}
}

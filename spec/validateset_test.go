package spec_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// inShop puts an object into the namespace shop.
func inShop(text string) string {
	return strings.Replace(text, "{name: ", "{namespace: shop, name: ", 1)
}

// TestSets: what objects say of each other. Files are NAME: documents; those named old… exist already.
func TestSets(t *testing.T) {
	const ports = "TEMPLATE(ports: [{containerPort: 80}])"
	nginx := func(name string) string { return manifest("Nginx", name, "{servers: [{container: "+name+"-1}]}") }
	deployment := func(name, written string) string { return manifest("Deployment", name, written) }
	for name, test := range map[string]struct {
		changed, existing []string
		want              string
	}{
		"the only nginx and registry are meant": {
			changed: []string{
				deployment("a", "{routes: {http: {}}, eureka: {}, "+ports+"}"), nginx("edge"), manifest("Eureka", "main", "{}"),
			},
		},
		"they exist already": {
			changed:  []string{deployment("a", "{routes: {http: {nginx: edge}}, eureka: {registry: default.main}, "+ports+"}")},
			existing: []string{nginx("edge"), manifest("Eureka", "main", "{}")},
		},
		"there is none": {
			changed: []string{deployment("a", "{routes: {http: {}}, eureka: {}, "+ports+"}")},
			want: `new0.yaml:4:23 spec.routes.http.nginx: there is no Nginx object; write one, as: {apiVersion: segue.dev/v1, kind: Nginx, metadata: {name: main}}
new0.yaml:4:36 spec.eureka.registry: there is no Eureka object; write one, as: {apiVersion: segue.dev/v1, kind: Eureka, metadata: {name: main}}`,
		},
		"there are two": {
			changed:  []string{deployment("a", "{routes: {http: {}}, "+ports+"}")},
			existing: []string{nginx("one"), nginx("two")},
			want:     `new0.yaml:4:23 spec.routes.http.nginx: there are 2 Nginx objects; name one of one, two`,
		},
		"the namespace's only one comes first": {
			changed:  []string{strings.Replace(deployment("a", "{routes: {http: {}}, "+ports+"}"), "name: a", "name: a, namespace: shop", 1)},
			existing: []string{nginx("one"), strings.Replace(nginx("two"), "name: two", "name: two, namespace: shop", 1)},
		},
		"an unknown one, and what was meant": {
			changed:  []string{deployment("a", "{routes: {http: {nginx: egde}}, dependsOn: [ordres], "+ports+"}")},
			existing: []string{nginx("edge"), deployment("orders", "{"+ports+"}")},
			want: `new0.yaml:4:31 spec.routes.http.nginx: no Nginx "egde"; did you mean "edge" (old0.yaml:1)?
new0.yaml:4:51 spec.dependsOn[0]: no Deployment "ordres"; did you mean "orders" (old1.yaml:1)?`,
		},
		"what has no namespace, in two": {
			changed:  []string{inShop(deployment("a", "{strategy: {type: Recreate}, eureka: {}, TEMPLATE(ports: [{containerPort: 80}], aliases: [db], volumes: [\"data:/d\", \"logs:/l:ro\", \"/h:/h\"])}"))},
			existing: []string{manifest("Eureka", "main", "{}"), deployment("a", "{strategy: {type: Recreate}, eureka: {}, TEMPLATE(ports: [{containerPort: 80}], aliases: [db], volumes: [\"data:/d\", \"logs:/l:ro\", \"/h:/h\"])}")},
			want: `new0.yaml:4:44 spec.eureka: the application A in Eureka main is Deployment "a"'s already (spec.eureka, old1.yaml:4): its callers would get instances of both; give this namespace a Eureka of its own, or the application another name
new0.yaml:4:109 spec.template.aliases[0]: the DNS name db is Deployment "a"'s already (spec.template.aliases[0], old1.yaml:4): callers would get instances of both; name another here
new0.yaml:4:124 spec.template.volumes[0]: the volume data is Deployment "a"'s already (spec.template.volumes[0], old1.yaml:4): both would write to it; name another here`,
		},
		"a registry for each namespace, with the same servers": {
			changed:  []string{inShop(deployment("a", "{eureka: {app: x}, "+ports+"}")), inShop(manifest("Eureka", "main", "{servers: [http://e:1/eureka]}"))},
			existing: []string{manifest("Eureka", "main", "{servers: [http://e:1/eureka]}"), deployment("a", "{eureka: {app: X}, "+ports+"}")},
			want:     `new0.yaml:4:22 spec.eureka.app: the application X in http://e:1/eureka is Deployment "a"'s already (spec.eureka.app, old1.yaml:4): its callers would get instances of both; give this namespace a Eureka of its own, or the application another name`,
		},
		"a registry for each namespace, and the same names within one": {
			changed: []string{
				inShop(deployment("a", "{strategy: {type: Recreate}, eureka: {}, "+ports+"}")), inShop(manifest("Eureka", "main", "{}")),
				inShop(deployment("b", "{strategy: {type: Recreate}, eureka: {app: a}, TEMPLATE(ports: [{containerPort: 80}], aliases: [shop.a])}")),
			},
			existing: []string{manifest("Eureka", "main", "{}"), deployment("a", "{strategy: {type: Recreate}, eureka: {}, "+ports+"}")},
		},
		"it stands in another namespace": {
			changed:  []string{strings.Replace(deployment("a", "{routes: {http: {nginx: edge}}, "+ports+"}"), "name: a", "name: a, namespace: shop", 1)},
			existing: []string{nginx("edge")},
			want:     `new0.yaml:4:31 spec.routes.http.nginx: no Nginx "edge"; did you mean "default.edge" (old0.yaml:1)?`,
		},
		"what consumers on other machines cannot reach": {
			changed: []string{
				deployment("a", "{eureka: {}, strategy: {type: Recreate}, TEMPLATE(ports: [{containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1}])}"),
				deployment("b", "{eureka: {inject: false}, "+ports+"}"),
				deployment("c", "{eureka: {}, "+ports+"}"),
				deployment("d", "{eureka: {mode: Managed, inject: false}, "+ports+"}"),
			},
			existing: []string{manifest("Eureka", "main", "{servers: [\"http://e:8761/eureka\"], reach: Host}")},
			want: `new0.yaml:4:121 spec.template.ports[0].hostIP: 127.0.0.1 is this machine's alone, and the consumers of eureka main come from others (reach: Host); leave hostIP out, and the port is published on --advertise-address
new1.yaml:4:25 spec.eureka.inject: false: nobody tells the app which port of the machine it has, and eureka main wants that one registered (reach: Host); leave inject out, or fix the port with hostPort (Recreate, or slots) and register it yourself`,
		},
		"host and path twice": {
			changed: []string{
				deployment("b", "{routes: {http: {hostnames: [y.shop, x.shop], paths: [/api/, /c]}}, "+ports+"}"),
				deployment("c", "{routes: {http: {hostnames: [z.shop]}}, "+ports+"}"),
			},
			existing: []string{nginx("edge"), deployment("a", "{routes: {www: {nginx: edge, hostnames: [x.shop], paths: [/, /api]}}, "+ports+"}")},
			want:     `new0.yaml:4:61 spec.routes.http.paths[0]: x.shop with path /api on nginx edge is Deployment "a"'s already (spec.routes.www.paths[1], old1.yaml:4)`,
		},
		"every host twice, on two nginx once each": {
			changed: []string{
				deployment("a", "{routes: {x: {nginx: one}, y: {nginx: two}}, "+ports+"}"),
				deployment("b", "{routes: {x: {nginx: one}}, "+ports+"}"),
			},
			existing: []string{nginx("one"), nginx("two")},
			want:     `new1.yaml:4:20 spec.routes.x: every host with path / on nginx one is Deployment "a"'s already (spec.routes.x, new0.yaml:4)`,
		},
		"an upstream twice, a variable in two server blocks": {
			changed: []string{
				deployment("a", "{routes: {x: {upstream: u}, v: {variable: v}}, "+ports+"}"),
				deployment("b", "{routes: {x: {upstream: u}, v: {variable: v}}, "+ports+"}"),
			},
			existing: []string{nginx("edge")},
			want:     `new1.yaml:4:31 spec.routes.x.upstream: upstream u on nginx edge is Deployment "a"'s already (spec.routes.x.upstream, new0.yaml:4)`,
		},
		"a port of the host twice": {
			changed: []string{
				deployment("a", "{strategy: {type: Recreate}, TEMPLATE(ports: [{containerPort: 80, hostPort: 8081}])}"),
				deployment("b", "{strategy: {type: BlueGreen, blueGreen: {slots: {x: {hostPort: 8081}, y: {hostPort: 8082}}}}, routes: {http: {}}, "+ports+"}"),
			},
			existing: []string{nginx("edge")},
			want:     `new1.yaml:4:70 spec.strategy.blueGreen.slots.x.hostPort: port 127.0.0.1:8081 of the host is Deployment "a"'s already (spec.template.ports[0].hostPort, new0.yaml:4)`,
		},
		"a changed object replaces the one that exists": {
			changed:  []string{deployment("a", "{routes: {http: {hostnames: [x.shop]}}, "+ports+"}")},
			existing: []string{nginx("edge"), deployment("a", "{routes: {http: {hostnames: [x.shop]}}, "+ports+"}")},
		},
		"what exists is not judged": {
			changed:  []string{nginx("edge")},
			existing: []string{deployment("a", "{routes: {http: {nginx: gone}}, dependsOn: [gone], "+ports+"}")},
		},
		"a circle": {
			changed: []string{
				deployment("a", "{dependsOn: [d, b], "+ports+"}"), deployment("b", "{dependsOn: [c], "+ports+"}"), deployment("d", "{"+ports+"}"),
			},
			existing: []string{deployment("c", "{dependsOn: [default.a], "+ports+"}")},
			want:     `new0.yaml:4:19 spec.dependsOn: a circle: a → b → c → a; none of them could ever start`,
		},
		"a server in two Nginx objects": {
			changed: []string{manifest("Nginx", "b", "{servers: [{container: ours}, {host: {}}, {container: theirs}]}"), manifest("Nginx", "c", "{httpPort: 8080}")},
			existing: []string{
				manifest("Nginx", "a", "{servers: [{host: {}}, {container: theirs}]}"), manifest("Nginx", "own", "{}"),
			},
			want: `new0.yaml:4:37 spec.servers[1]: the nginx of this host is Nginx "a"'s already (spec.servers[0], old0.yaml:4)
new0.yaml:4:49 spec.servers[2]: the nginx in container theirs is Nginx "a"'s already (spec.servers[1], old0.yaml:4)
new1.yaml:4:7 spec.httpsPort: port 0.0.0.0:443 of the host is Nginx "own"'s already (spec.httpsPort, old1.yaml:4)`,
		},
		"the same object twice": {
			changed: []string{nginx("edge"), nginx("edge")},
			want:    `new1.yaml:3:18 metadata.name: Nginx "edge" is written twice; first at new0.yaml:1`,
		},
		"the same name in another namespace": {
			changed: []string{nginx("edge"), strings.Replace(nginx("other"), "name: other", "name: edge, namespace: shop", 1)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := spec.ValidateSet(readAll(t, "new", test.changed), readAll(t, "old", test.existing))
			var problems spec.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("not Problems: %v", err)
			}
			var lines []string
			for _, p := range problems {
				lines = append(lines, strings.Replace(p.Error(), "  ", " ", 1))
			}
			if got := strings.Join(lines, "\n"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestUsers(t *testing.T) {
	const ports = "TEMPLATE(ports: [{containerPort: 80}])"
	all := readAll(t, "x", []string{
		manifest("Nginx", "edge", "{}"), manifest("Eureka", "main", "{}"),
		manifest("Deployment", "z", "{routes: {http: {}}, "+ports+"}"),
		manifest("Deployment", "a", "{routes: {http: {nginx: edge}}, eureka: {}, dependsOn: [z], "+ports+"}"),
		manifest("Deployment", "worker", "{"+ports+"}"),
	})
	for _, test := range []struct {
		kind, name string
		want       []string
	}{
		{"Nginx", "edge", []string{"a", "z"}},
		{"Nginx", "other", nil},
		{"Eureka", "main", []string{"a"}},
		{"Deployment", "z", []string{"a"}},
		{"Deployment", "worker", nil},
	} {
		var got []string
		for _, name := range spec.Users(test.kind, spec.ParseName(test.name), all) {
			got = append(got, name.String())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s %s is used by %v, want %v", test.kind, test.name, got, test.want)
		}
	}
}

// readAll reads a file for each text, PREFIX0.yaml and so on.
func readAll(t *testing.T, prefix string, texts []string) []spec.Manifest {
	t.Helper()
	var all []spec.Manifest
	for i, text := range texts {
		manifests, err := spec.Read(prefix+string(rune('0'+i))+".yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, manifests...)
	}
	return all
}

package spec_test

import (
	"testing"

	"github.com/segue-dev/segue/spec"
)

func TestIntOrPercent(t *testing.T) {
	for _, test := range []struct {
		written  spec.IntOrPercent
		replicas int
		up, down int
		json     string
	}{
		{"2", 5, 2, 2, "2"},
		{"0", 5, 0, 0, "0"},
		{"25%", 3, 1, 0, `"25%"`},
		{"25%", 4, 1, 1, `"25%"`},
		{"100%", 3, 3, 3, `"100%"`},
		{"1%", 0, 0, 0, `"1%"`},
	} {
		up, err := test.written.Of(test.replicas, true)
		down, err2 := test.written.Of(test.replicas, false)
		text, err3 := test.written.MarshalJSON()
		if err != nil || err2 != nil || err3 != nil || up != test.up || down != test.down || string(text) != test.json {
			t.Errorf("%s of %d is %d or %d, %s, %v %v %v", test.written, test.replicas, up, down, text, err, err2, err3)
		}
	}
	for _, written := range []spec.IntOrPercent{"", "x", "-1", "1.5", "25 %"} {
		if n, err := written.Of(3, true); err == nil {
			t.Errorf("%q is %d, want an error", written, n)
		}
	}
}

func TestQuantities(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "1k": 1000, "512Mi": 512 << 20, "1.5Gi": 3 << 29, "500M": 500e6, "1Ei": 1 << 60, "0.1": 1,
	} {
		if got, err := spec.ParseMemory(text); err != nil || got != want {
			t.Errorf("memory %s is %d, want %d (%v)", text, got, want, err)
		}
	}
	for text, want := range map[string]string{
		"":       `"" is not a quantity of memory; write it as "512Mi" or "1Gi"`,
		"512m":   `"512m" is not a quantity of memory; write "512Mi"`,
		"1gb":    `"1gb" is not a quantity of memory; write "1Gi"`,
		"512 MB": `"512 MB" is not a quantity of memory; write "512Mi"`,
		"-1":     `"-1" is not a quantity of memory; write it as "512Mi" or "1Gi"`,
		"9Ei":    `"9Ei" is too large`,
	} {
		if _, err := spec.ParseMemory(text); errorText(err) != want {
			t.Errorf("memory %q: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]int64{"2": 2e9, "0.5": 5e8, "500m": 5e8, "1.5m": 1500000, "0": 0} {
		if got, err := spec.ParseCPU(text); err != nil || got != want {
			t.Errorf("cpu %s is %d, want %d (%v)", text, got, want, err)
		}
	}
	for _, text := range []string{"", "x", "1 core", "-1", "500M", ".5"} {
		if got, err := spec.ParseCPU(text); err == nil {
			t.Errorf("cpu %q is %d, want an error", text, got)
		}
	}
}

func TestPorts(t *testing.T) {
	two := spec.Template{Ports: []spec.Port{{Name: "http", ContainerPort: 80}, {Name: "admin", ContainerPort: 81}}}
	one := spec.Template{Ports: []spec.Port{{ContainerPort: 80}}}
	for _, test := range []struct {
		template    spec.Template
		port, route string
		want        int
		err         string
	}{
		{two, "", "http", 80, ""},
		{two, "admin", "http", 81, ""},
		{two, "", "www", 0, "there are 2 ports; name one (http, admin)"},
		{two, "x", "http", 0, `no port "x" among spec.template.ports (http, admin)`},
		{one, "", "www", 80, ""},
		{spec.Template{}, "", "www", 0, "spec.template.ports is empty; write [{containerPort: 8080}]"},
	} {
		got, err := spec.Route{Port: test.port}.PortOf(test.template, test.route)
		if got.ContainerPort != test.want || errorText(err) != test.err {
			t.Errorf("route %s to %q: %d, %v; want %d, %s", test.route, test.port, got.ContainerPort, err, test.want, test.err)
		}
	}
	for ref, want := range map[spec.PortRef]int{"http": 80, "81": 81, "9999": 9999} {
		if got, err := two.Port(ref); err != nil || got != want {
			t.Errorf("port %q is %d, want %d (%v)", ref, got, want, err)
		}
	}
}

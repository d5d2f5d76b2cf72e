package testbed

import (
	"testing"

	"github.com/segue-dev/segue/spec"
)

func TestManifestsOfTheBedAreValid(t *testing.T) {
	bed := &Bed{Name: "bed"}
	server := &Nginx{Name: "bed-old", bed: bed}
	texts := map[string]string{
		"edge.yaml":   NginxYAML("edge", "lameSeconds: 3", server),
		"eureka.yaml": ShortCaches,
		"orders.yaml": App{
			Name: "orders", Version: 1, Replicas: 2, Strategy: "{type: RollingUpdate, rollingUpdate: {maxSurge: 1}}", Eureka: "{}",
			Spec: []string{"drainTimeoutSeconds: 3"}, Env: map[string]string{"FAIL_READY": "true"},
		}.YAML(),
		"shop.yaml": App{Name: "shop", Version: 2, Replicas: 1, Strategy: "{type: BlueGreen}", Template: []string{"stdin: false"}}.YAML(),
	}
	var all []spec.Manifest
	for file, text := range texts {
		manifests, err := spec.Read(file, []byte(text))
		if file == "shop.yaml" {
			if err == nil {
				t.Error("template lines are not in the template: an unknown one was not seen")
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", file, err, text)
		}
		all = append(all, manifests...)
	}
	if err := spec.ValidateSet(all, nil); err != nil {
		t.Error(err)
	}
}

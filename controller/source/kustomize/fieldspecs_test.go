package kustomize

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/segue-dev/segue/spec"
)

// builtAlone is what kustomize makes of a directory by itself, as `kustomize build` does.
func builtAlone(t *testing.T, dir string) string {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestFieldSpecsTeachKustomize: with FieldSpecs as configuration of its own, kustomize renders what Render does.
func TestFieldSpecsTeachKustomize(t *testing.T) {
	prod := "namespace: prod\nnamePrefix: a-\nreplicas: [{name: orders, count: 3}]\nlabels: [{pairs: {env: prod}}]\n" +
		"images: [{name: registry.shop/orders, newTag: '1.5'}, {name: nginx, newTag: '1.31'}]\n"
	dir := files(t, overlaid(prod))
	want := rendered(t, filepath.Join(dir, "prod"))
	configured := overlaid(prod + "configurations: [specs.yaml]\n")
	configured["prod/specs.yaml"] = FieldSpecs("admin")
	dir = files(t, configured)
	manifests, err := spec.Read("built", []byte(builtAlone(t, filepath.Join(dir, "prod"))))
	if err != nil {
		t.Fatal(err)
	}
	if got := written(t, manifests); !reflect.DeepEqual(got, want) {
		t.Errorf("kustomize by itself:\n%s\nsegue:\n%s", got, want)
	}
	// It does no harm where segue has its own as well.
	if got := rendered(t, filepath.Join(dir, "prod")); !reflect.DeepEqual(got, want) {
		t.Errorf("with both:\n%s\nwant\n%s", got, want)
	}
}

// TestWhatNoConfigurationCanChange is what the head of FieldSpecs says of kustomize by itself; should it get better, the
// words can go.
func TestWhatNoConfigurationCanChange(t *testing.T) {
	for field, invented := range map[string]string{
		"commonLabels: {a: b}":                              "matchLabels",
		"commonAnnotations: {a: b}":                         "template:\n    image: registry.shop/orders:1.4\n    metadata:",
		"labels: [{pairs: {a: b}, includeSelectors: true}]": "matchLabels",
		"labels: [{pairs: {a: b}, includeTemplates: true}]": "metadata:\n      labels:\n        a: b",
	} {
		texts := overlaid(field + "\nconfigurations: [specs.yaml]\n")
		texts["prod/specs.yaml"] = FieldSpecs()
		texts["base/shop.yaml"] = "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n  template:\n    image: registry.shop/orders:1.4\n"
		if got := builtAlone(t, filepath.Join(files(t, texts), "prod")); !strings.Contains(got, invented) {
			t.Errorf("%s: kustomize does not invent %q any more:\n%s", field, invented, got)
		}
	}
}

// TestEveryReferenceIsFollowed: whatever field of a Deployment spec knows as a reference is among the field specs, so that
// one that is added later is not forgotten.
func TestEveryReferenceIsFollowed(t *testing.T) {
	source, err := os.ReadFile("../../../spec/objectset.go")
	if err != nil {
		t.Fatal(err)
	}
	for path, said := range map[string]string{
		"spec/dependsOn": `"spec.dependsOn"`, "spec/routes/http/nginx": `".nginx"`, "spec/eureka/registry": `"spec.eureka.registry"`, "spec/eureka/nginx": `"spec.eureka.nginx"`,
	} {
		if !strings.Contains(FieldSpecs(), "path: "+path+",") {
			t.Errorf("no field spec for %s", path)
		}
		if !strings.Contains(string(source), said) {
			t.Errorf("spec does not look at %s", said)
		}
	}
	if n := strings.Count(string(source), "s.hint(Kind"); n != 4 {
		t.Errorf("spec checks %d kinds of reference, 4 are followed", n)
	}
}

package git

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/source/git/gittest"
)

// benchT lets a benchmark have a repository.
type benchT struct{ *testing.B }

// BenchmarkReading reads a commit of 10,000 manifests.
func BenchmarkReading(b *testing.B) {
	bare := gittest.NewBare(benchT{b}, "shop")
	for i := range 10_000 {
		name := fmt.Sprintf("service-%05d", i)
		bare.Files[fmt.Sprintf("prod/%02d/%s.yaml", i%100, name)] = "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: " + name + "}\nspec:\n  replicas: 2\n  template:\n    image: shop:1\n    ports: [{name: http, containerPort: 8080}]\n"
	}
	bare.Push("Ten thousand")
	r, err := New(Options{URL: bare.Dir, Dir: b.TempDir(), Interval: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		reading := r.look(b.Context(), true, false)
		if reading.Err != nil || len(reading.Manifests) != 10_000 {
			b.Fatalf("read %d manifests: %v", len(reading.Manifests), reading.Err)
		}
	}
}

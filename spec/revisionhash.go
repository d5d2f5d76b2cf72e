package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// RevisionHash names a revision: eight lower-case letters and digits of a hash over canonical JSON (sorted keys) of
// what was written, without defaults: template, the bytes of the files that it names, eureka's registry, app and mode,
// slots. files holds those bytes by path as written. Nothing else makes a revision.
func RevisionHash(d Deployment, files map[string][]byte) string {
	written := map[string]any{"template": d.Spec.Template}
	if e := d.Spec.Eureka; e != nil {
		written["eureka"] = Registration{Registry: e.Registry, App: e.App, Mode: e.Mode}
	}
	if b := d.Spec.Strategy.BlueGreen; b != nil && len(b.Slots) > 0 {
		written["slots"] = b.Slots
	}
	if named := d.Spec.Template.FileNames(); len(named) > 0 {
		sums := map[string]string{}
		for _, name := range named {
			sum := sha256.Sum256(files[name])
			sums[name] = hex.EncodeToString(sum[:])
		}
		written["files"] = sums
	}
	sum := sha256.Sum256(canonical(written))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
}

// canonical writes JSON whose keys are sorted, so that the order of fields in Go makes no difference.
func canonical(value any) []byte {
	written, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("write %T as JSON: %v", value, err)) // strings, numbers, maps and lists only: cannot happen
	}
	decoder := json.NewDecoder(bytes.NewReader(written))
	decoder.UseNumber()
	var plain any
	if err := decoder.Decode(&plain); err != nil {
		panic(fmt.Sprintf("read JSON just written: %v", err))
	}
	sorted, err := json.Marshal(plain)
	if err != nil {
		panic(fmt.Sprintf("write JSON just read: %v", err))
	}
	return sorted
}

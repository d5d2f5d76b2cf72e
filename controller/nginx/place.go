package nginx

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/segue-dev/segue/controller/atomicfile"
)

// place is what is known of an nginx container while there is none of its name: one that is made anew, as by docker
// compose, reads the same directory before anybody can tell it what changed meanwhile.
type place struct {
	// Source is confDir on this machine; HostNetwork as in ContainerInfo.
	Source      string `json:"source"`
	HostNetwork bool   `json:"hostNetwork"`
}

// memory is the file that keeps a place beyond this process. Its zero value keeps nothing.
type memory struct {
	file     string
	readOnly bool
	known    place
}

// recall reads what was kept last, by whichever process.
func (m *memory) recall() {
	raw, err := os.ReadFile(m.file)
	if err != nil || json.Unmarshal(raw, &m.known) != nil {
		m.known = place{} // as before the container was seen for the first time
	}
}

// keep writes down what is known now.
func (m *memory) keep(now place) error {
	if m.file == "" || m.readOnly || reflect.DeepEqual(m.known, now) {
		return nil
	}
	raw, err := json.Marshal(now)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(m.file), 0o700)
	}
	if err == nil {
		err = atomicfile.Write(m.file, raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("remember where confDir is: %w", err)
	}
	m.known = now
	return nil
}

// standing is the directory where the next container will find it. "" when it is not there any more, as after docker
// compose down --volumes, or is nobody's: nothing is made for a container that may never come.
func (m *memory) standing() string {
	if m.known.Source == "" {
		return ""
	}
	if _, err := os.Stat(filepath.Join(m.known.Source, "OWNER")); err != nil {
		return ""
	}
	return m.known.Source
}

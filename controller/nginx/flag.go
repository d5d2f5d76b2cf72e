package nginx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/google/renameio/v2"

	"github.com/segue-dev/segue/reconcile"
)

// flag is how a Deployment in flag mode stands on one server: CONFDIR/flags/NAME.green, whose presence selects pool 1,
// and NAME.json.
type flag struct {
	// Selected is 0 (blue) or 1 (green).
	Selected int `json:"-"`
	// Since is when the other pool was last selected.
	Since time.Time `json:"since,omitzero"`
	// Pools is who is at the addresses of the two pools, by route. The addresses are in the release; their instances
	// change without nginx noticing.
	Pools map[string][2][]reconcile.Backend `json:"pools"`
}

// flagLinger is how long after a change of flag the other pool may still be given a request: the worker tested the
// flag and has yet to connect.
const flagLinger = 2 * time.Second

// readFlag reads both files. A Deployment without them has pool 0 selected.
func (c confDir) readFlag(deployment string) (flag, error) {
	var f flag
	raw, err := os.ReadFile(c.path("flags", deployment+".json"))
	if err == nil {
		err = json.Unmarshal(raw, &f)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return flag{}, fmt.Errorf("read pools of %s: %w", deployment, err)
	}
	_, err = os.Stat(c.path("flags", deployment+".green"))
	switch {
	case err == nil:
		f.Selected = 1
	case !errors.Is(err, fs.ErrNotExist):
		return flag{}, fmt.Errorf("read flag of %s: %w", deployment, err)
	}
	return f, nil
}

// writePools writes NAME.json.
func (c confDir) writePools(deployment string, f flag) error {
	raw, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return fmt.Errorf("write pools of %s: %w", deployment, err)
	}
	if err := renameio.WriteFile(c.path("flags", deployment+".json"), raw, 0o644); err != nil {
		return fmt.Errorf("write pools of %s: %w", deployment, err)
	}
	return nil
}

// selectPool makes the flag select a pool.
func (c confDir) selectPool(deployment string, pool int) error {
	file := c.path("flags", deployment+".green")
	if pool == 1 {
		if err := renameio.WriteFile(file, nil, 0o644); err != nil {
			return fmt.Errorf("write flag of %s: %w", deployment, err)
		}
		return nil
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove flag of %s: %w", deployment, err)
	}
	return nil
}

// colour is what the internal server calls a pool.
func colour(pool int) string {
	if pool == 1 {
		return "green"
	}
	return "blue"
}

// occupied is the section with the instances that NAME.json has at its addresses.
func (f flag) occupied(s section) section {
	if !s.Flag || f.Pools == nil {
		return s
	}
	routes := make([]sectionRoute, len(s.Routes))
	for i, r := range s.Routes {
		routes[i] = r
		if p, found := f.Pools[r.Name]; found {
			routes[i].Pools = p[:]
		}
	}
	s.Routes = routes
	return s
}

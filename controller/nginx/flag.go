package nginx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"time"

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

// readFlags reads the flags of all Deployments. One without files has pool 0 selected.
func (c confDir) readFlags(ctx context.Context) (map[string]flag, error) {
	files, err := c.machine.readDir(ctx, c.path("flags"))
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]flag{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read flags: %w", err)
	}
	flags := map[string]flag{}
	for _, name := range sortedKeys(files) {
		if deployment, pools := strings.CutSuffix(name, ".json"); pools {
			f := flags[deployment]
			if err := json.Unmarshal(files[name], &f); err != nil {
				return nil, fmt.Errorf("read pools of %s: %w", deployment, err)
			}
			flags[deployment] = f
		}
		if deployment, green := strings.CutSuffix(name, ".green"); green {
			f := flags[deployment]
			f.Selected = 1
			flags[deployment] = f
		}
	}
	return flags, nil
}

// writePools writes NAME.json.
func (c confDir) writePools(ctx context.Context, deployment string, f flag) error {
	raw, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return fmt.Errorf("write pools of %s: %w", deployment, err)
	}
	if err := c.machine.writeFile(ctx, c.path("flags", deployment+".json"), raw); err != nil {
		return fmt.Errorf("write pools of %s: %w", deployment, err)
	}
	return nil
}

// selectPool makes the flag select a pool.
func (c confDir) selectPool(ctx context.Context, deployment string, pool int) error {
	file := c.path("flags", deployment+".green")
	if pool == 1 {
		if err := c.machine.writeFile(ctx, file, nil); err != nil {
			return fmt.Errorf("write flag of %s: %w", deployment, err)
		}
		return nil
	}
	if err := c.machine.remove(ctx, file); err != nil {
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

// samePools: the same instances at the same addresses.
func samePools(a, b flag) bool { return reflect.DeepEqual(a.Pools, b.Pools) }

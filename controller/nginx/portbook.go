package nginx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// portBook says which listener has which port, and since when one has none any more: CONFDIR/ports.json, by
// DEPLOYMENT/ROUTE. It outlives generations and restarts, so that a listener is always found where it was.
type portBook map[string]heldPort

type heldPort struct {
	Port int `json:"port"`
	// Released is when its listener was closed; zero while it is open.
	Released time.Time `json:"released,omitzero"`
}

// portRest is how long a port that was given back belongs to nobody else: somebody may still dial it and mean the
// listener that it had.
const portRest = 10 * time.Minute

var errNoPort = errors.New("no port is free")

const portsFile = "ports.json"

func (c confDir) readPorts(ctx context.Context) (portBook, error) {
	raw, err := c.machine.readFile(ctx, c.path(portsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return portBook{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read ports of listeners: %w", err)
	}
	book := portBook{}
	if err := json.Unmarshal(raw, &book); err != nil {
		return nil, fmt.Errorf("read ports of listeners: %w", err)
	}
	return book, nil
}

func (c confDir) writePorts(ctx context.Context, book portBook) error {
	raw, err := json.MarshalIndent(book, "", " ")
	if err != nil {
		return fmt.Errorf("write ports of listeners: %w", err)
	}
	if err := c.machine.writeFile(ctx, c.path(portsFile), raw); err != nil {
		return fmt.Errorf("write ports of listeners: %w", err)
	}
	return nil
}

// portOf is the key's port, else the lowest of low to high that nobody ever had, else the one that was given back first.
// taken are those that are open or held by others.
func (b portBook) portOf(key string, low, high int, taken func(port int) (bool, error), now time.Time) (int, error) {
	if held, found := b[key]; found && (held.Released.IsZero() || held.Port >= low && held.Port <= high) {
		b[key] = heldPort{Port: held.Port}
		return held.Port, nil
	}
	holder := map[int]string{}
	for other, held := range b {
		holder[held.Port] = other
	}
	oldest := 0
	for port := low; port <= high; port++ {
		other, held := holder[port]
		if held && (b[other].Released.IsZero() || now.Before(b[other].Released.Add(portRest))) {
			continue
		}
		if held && oldest != 0 && !b[other].Released.Before(b[holder[oldest]].Released) {
			continue
		}
		used, err := taken(port)
		switch {
		case err != nil:
			return 0, err
		case used:
		case held:
			oldest = port
		default:
			b[key] = heldPort{Port: port}
			return port, nil
		}
	}
	if oldest == 0 {
		return 0, fmt.Errorf("internalPorts: %w of %d-%d", errNoPort, low, high)
	}
	delete(b, holder[oldest])
	b[key] = heldPort{Port: oldest}
	return oldest, nil
}

// follow enters the listeners that there are, and gives back the ports of those that are gone. It answers whether
// anything changed.
func (b portBook) follow(sections map[string]section, now time.Time) bool {
	open, changed := map[string]bool{}, false
	for name, s := range sections {
		for _, route := range s.Routes {
			if route.Port == 0 {
				continue
			}
			key := name + "/" + route.Name
			open[key] = true
			if b[key] != (heldPort{Port: route.Port}) {
				b[key], changed = heldPort{Port: route.Port}, true
			}
		}
	}
	for key, held := range b {
		if !open[key] && held.Released.IsZero() {
			b[key], changed = heldPort{Port: held.Port, Released: now}, true
		}
	}
	return changed
}

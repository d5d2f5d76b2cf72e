package docker

import (
	"fmt"

	units "github.com/docker/go-units"
)

// progress is how much of an image has been fetched, by layer.
type progress struct{ layers map[string]layerProgress }

type layerProgress struct {
	done           bool
	current, total int64
}

// note takes one message of the engine's pull stream: "Downloading" with bytes, "Pull complete", "Already exists".
func (p *progress) note(layer, status string, current, total int64) {
	if layer == "" {
		return
	}
	if p.layers == nil {
		p.layers = map[string]layerProgress{}
	}
	l := p.layers[layer]
	switch status {
	case "Pulling fs layer", "Waiting":
	case "Downloading":
		l.current, l.total = current, max(total, l.total)
	case "Verifying Checksum", "Download complete", "Extracting":
		l.current = l.total
	case "Pull complete", "Already exists":
		l.current, l.done = l.total, true
	default:
		// "Pulling from shop/orders" has the tag where layers have their id.
		return
	}
	p.layers[layer] = l
}

// total is the size of what is fetched, as far as the registry has said, in bytes.
func (p *progress) total() int64 {
	var sum int64
	for _, l := range p.layers {
		sum += l.total
	}
	return sum
}

// String reads "34.5MB of 142MB, 3 of 7 layers"; "" before anything is known.
func (p *progress) String() string {
	if len(p.layers) == 0 {
		return ""
	}
	var current int64
	done := 0
	for _, l := range p.layers {
		current += l.current
		if l.done {
			done++
		}
	}
	return fmt.Sprintf("%s of %s, %d of %d layers", units.HumanSize(float64(current)), units.HumanSize(float64(p.total())), done, len(p.layers))
}

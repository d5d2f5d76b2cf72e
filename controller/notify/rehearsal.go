package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// rehearse renders every event that the target hears of, as it would come, so that what is wrong with a template is
// found at the start and not at the first release.
func (c *compiled) rehearse(f *faults) {
	for _, e := range c.On {
		for _, n := range samplesOf(e) {
			c.rehearseOne(n, f)
			if len(f.list) > 0 {
				return
			}
		}
	}
}

func (c *compiled) rehearseOne(n Notice, f *faults) {
	if c.url != nil {
		text, err := render(c.url, n)
		if err != nil {
			line, message := explain(err)
			f.add("url", line, message)
		} else if err := place(text); strings.TrimSpace(text) != "" && err != nil {
			f.add("url", 0, err.Error())
		}
	}
	text, err := render(c.body, n)
	switch {
	case err != nil:
		line, message := explain(err)
		f.add(c.body.Name(), line, message)
	case strings.TrimSpace(text) != "" && c.isJSON() && !json.Valid([]byte(text)):
		f.add(c.body.Name(), 0, fmt.Sprintf(`gives no JSON for %s when the reason has quotes or line ends in it; write {{json .Reason}} instead of "{{.Reason}}", or say with a header Content-Type what it is`, n.Event))
	}
}

// samplesOf are notices of an event, with and without a commit.
func samplesOf(e Event) []Notice {
	whole := Notice{
		ID: "0", Event: e, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Outcome: e.outcome(), Object: "deployment/orders", Kind: "Deployment",
		Namespace: "default", Name: "orders", Phase: "Converged", Reason: "he said \"no\" \\\nand left", Revision: 2, Image: "orders:2", FromImage: "orders:1",
		Owner: "git:shop", Source: "git:shop", Commit: "8f3c2ab41d0e8f3c2ab41d0e8f3c2ab41d0e0000", Author: `Ann "A" B`, By: "Ann", Cause: "commit 8f3c2ab \"Release\"", Host: "host",
	}
	bare := Notice{ID: "1", Event: e, Time: whole.Time, Outcome: whole.Outcome, Object: "git:shop", Kind: "Source", Name: "git:shop"}
	return []Notice{whole, bare}
}

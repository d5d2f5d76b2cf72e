package main

import (
	"strings"
	"testing"
)

func TestWhatIsTypedWrongIsAnsweredWithWhatIsMeant(t *testing.T) {
	for args, want := range map[string]string{
		"gte pods":             `unknown command "gte" for "segue"; did you mean get?`,
		"rollout histroy shop": `unknown command "histroy" for "segue rollout"; did you mean history?`,
		"set images shop:2":    `unknown command "images" for "segue set"; did you mean image?`,
		"frobnicate":           `unknown command "frobnicate" for "segue"` + "\n",
		"explain deployment":   "segue schema prints every field",
		"exec orders-1 sh":     "docker exec -it INSTANCE COMMAND",
		"create -f shop.yaml":  "segue apply -f FILE creates and changes",
		"apply shop.yaml":      "files go behind -f: segue apply -f shop.yaml",
		"plan shop.yaml":       "files go behind -f: segue plan -f shop.yaml",
		"events orders":        `segue events takes no arguments, so not "orders"`,
		"get":                  "say what to list: deployments, instances, nginx, eureka",
		"get orders":           "to name a Deployment say deployment/orders",
		"rollout history":      "something is missing: say segue rollout history NAME",
		"set image orders":     "something is missing: say segue set image NAME IMAGE",
		"logs":                 "something is missing: say segue logs (INSTANCE | deployment/NAME)",
		"logs orders web":      `"web" is too much: say segue logs (INSTANCE | deployment/NAME)`,
	} {
		got := call{service: shop(), args: strings.Fields(args)}.run(t.Context())
		if got.code != exitUsage || got.out != "" || !strings.Contains(got.err, want) {
			t.Errorf("segue %s: got\n%s\nwant exit code 2 and %q", args, got, want)
		}
	}
}

func TestNothingIsElsewhereThatIsHere(t *testing.T) {
	root := (&cli{}).root()
	for word := range elsewhere {
		if command, _, err := root.Find([]string{word}); err == nil && command != root {
			t.Errorf("segue %s is there, and said to be elsewhere", word)
		}
	}
}

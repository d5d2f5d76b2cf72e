package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segue-dev/segue/controller/api"
)

func (d *describing) nginx(s api.Status) {
	fmt.Fprintln(d.to, "Servers:")
	lines := [][]string{{"  NAME", "STATE", "VERSION", "GENERATION", "SWITCH", "REASON"}}
	for _, server := range s.Nginx.Servers {
		lines = append(lines, []string{"  " + server.Name, server.State, dash(server.Version), dash(server.Generation), dash(server.Switch), server.Reason})
	}
	(&table{}).print(d.to, lines...)
	d.list("Lines to add", s.Nginx.Includes)
	if len(s.Nginx.Certificates) > 0 {
		fmt.Fprintln(d.to, "Certificates:")
		lines := [][]string{{"  FILE", "NAMES", "EXPIRES"}}
		for _, c := range s.Nginx.Certificates {
			expires := c.NotAfter.Format("2006-01-02") + " (expired)"
			if left := c.NotAfter.Sub(d.now); left > 0 {
				expires = c.NotAfter.Format("2006-01-02") + " (in " + age(left) + ")"
			}
			lines = append(lines, []string{"  " + c.File, strings.Join(c.Names, ", "), expires})
		}
		(&table{}).print(d.to, lines...)
	}
	d.list("Notes", s.Nginx.Notes)
	d.conditions(s.Nginx.Conditions)
}

func (d *describing) list(heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(d.to, heading+":")
	for _, line := range lines {
		fmt.Fprintln(d.to, "  "+line)
	}
}

func (d *describing) eureka(s api.Status) {
	fmt.Fprintln(d.to, "Servers:")
	lines := [][]string{{"  URL", "STATE", "LEASES", "REASON"}}
	for _, server := range s.Eureka.Servers {
		var words []string
		for status, n := range server.Leases {
			words = append(words, fmt.Sprintf("%d %s", n, status))
		}
		slices.Sort(words)
		lines = append(lines, []string{"  " + server.URL, server.State, dash(strings.Join(words, ", ")), server.Reason})
	}
	(&table{}).print(d.to, lines...)
	d.conditions(s.Eureka.Conditions)
}

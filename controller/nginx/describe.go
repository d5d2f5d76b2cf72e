package nginx

import (
	"fmt"
	"slices"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// Describe is what people are shown of the servers, as last seen.
func (s *Switcher) Describe() api.NginxStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	var status api.NginxStatus
	seenFiles := map[string]bool{}
	for i, seen := range s.sights {
		site := s.sites[i]
		name := site.server.Name()
		status.Servers = append(status.Servers, api.NginxServer{
			Name: name, State: seen.state.String(), Reason: seen.reason, Version: seen.versionText(), Generation: seen.proven, Switch: seen.how(),
		})
		for _, line := range s.includes(i) {
			status.Includes = append(status.Includes, name+": "+line)
		}
		for _, pair := range seen.pairs {
			if !seenFiles[pair.files.CertFile] {
				seenFiles[pair.files.CertFile] = true
				status.Certificates = append(status.Certificates, api.Certificate{File: pair.files.CertFile, Names: pair.names, NotAfter: pair.notAfter})
			}
		}
		status.Notes = append(status.Notes, s.notes(i)...)
	}
	status.Conditions = s.conditions(status)
	return status
}

// includes are the lines that are missing on a server. It needs the lock.
func (s *Switcher) includes(i int) []string {
	seen, site := s.sights[i], s.sites[i]
	if seen.state != reconcile.ServerUp || seen.disk == nil {
		return nil
	}
	sections := map[string]section{}
	for name, section := range seen.disk.Sections {
		if !section.Gone {
			sections[name] = section
		}
	}
	return includes(seen, site.spec, site.own, sections)
}

func (s *Switcher) notes(i int) []string {
	seen, site := s.sights[i], s.sites[i]
	name := site.server.Name()
	var notes []string
	if seen.confErr != "" && seen.state == reconcile.ServerUp {
		notes = append(notes, name+": its configuration is broken on disk, and a reload would be refused: "+seen.confErr)
	}
	if seen.pairErr != nil {
		notes = append(notes, name+": "+seen.pairErr.Error())
	}
	for _, note := range site.unpublished.notes() {
		notes = append(notes, name+": "+note)
	}
	if seen.conf == nil || seen.disk == nil || site.own {
		return notes
	}
	if where := seen.conf.fileCache(); where != "" && !seen.version.hasMinTimeout() {
		notes = append(notes, name+": "+where+" sets open_file_cache in a location, so flags cannot switch: reload is used")
	}
	for _, note := range seen.conf.notes(seen.disk.Sections, seen.version) {
		notes = append(notes, name+": "+note)
	}
	return notes
}

// transition is a condition's status and when it became so.
type transition struct {
	status string
	at     time.Time
}

func (s *Switcher) conditions(status api.NginxStatus) []api.Condition {
	synced := api.Condition{Type: api.ConditionNginxSynced, Status: "True", Reason: "Synced"}
	for i, seen := range s.sights {
		name := s.sites[i].server.Name()
		switch {
		case seen.state == reconcile.ServerUnknown:
			synced.Status, synced.Reason, synced.Message = "Unknown", "ServerUnknown", name+": "+seen.reason
		case seen.state == reconcile.ServerDown && synced.Status == "True":
			synced.Status, synced.Reason, synced.Message = "False", "ServerDown", name+": "+seen.reason
		}
	}
	wishes := s.book.states()
	for _, name := range sortedKeys(wishes) {
		if w := wishes[name]; w.State == reconcile.WishFailed && synced.Status != "Unknown" {
			synced.Status, synced.Reason, synced.Message = "False", "ChangeRefused", name+": "+w.Reason
			break
		}
	}
	waiting := api.Condition{Type: api.ConditionWaitingForInclude, Status: "False", Reason: "Included"}
	if n := len(status.Includes); n > 0 {
		waiting.Status, waiting.Reason, waiting.Message = "True", "IncludeMissing", status.Includes[0]
		if n > 1 {
			waiting.Message += fmt.Sprintf(" (and %d more)", n-1)
		}
	}
	conditions := append([]api.Condition{synced, waiting}, s.driftCondition()...)
	for i, c := range conditions {
		if t, found := s.since[c.Type]; !found || t.status != c.Status {
			s.since[c.Type] = transition{status: c.Status, at: time.Now()}
		}
		conditions[i].LastTransitionTime = s.since[c.Type].at
	}
	return slices.Clip(conditions)
}

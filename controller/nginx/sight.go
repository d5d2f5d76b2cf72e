package nginx

import (
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// sight is one server as one look saw it. It is never changed afterwards.
type sight struct {
	Sighting
	began   time.Time
	state   reconcile.ServerState
	reason  string
	version version
	workers []worker
	// included: the internal server answers.
	included reconcile.Tri
	// proven is the generation that is served, "" when that is not known; current the one on disk.
	proven, current string
	// served is proven's release, and disk current's; nil when they could not be read.
	served, disk *release
	// flags are those of served's and disk's Deployments in flag mode.
	flags map[string]flag
	// flagFiles are all that there are, nil before they were read.
	flagFiles map[string]flag
	// serves are the instances that the served generation sends to, by Deployment; nil when unknown.
	serves map[string][]string
	// reachable are the instances that a living worker may know, by Deployment; nil when unknown.
	reachable map[string][]string
	// edited names what somebody changed by hand in current's files; "" for nothing.
	edited string
	// known are the generations behind reachable.
	known map[string]bool
	// leaving: an old worker is on its way out. unlisted: and no reload of segue's made it leave, so it may know the
	// user's configuration as it was before that included segue's, with no flag in it.
	leaving, unlisted bool
	// conf is the user's configuration on disk; loaded the one that nginx runs with; nil when not known.
	conf, loaded *userConf
	confErr      string
	pairs        []tlsPair
	pairErr      error
	// connections by instance, -1 for one that could not be counted.
	connections map[string]int
	// of gives the Deployment of each instance in connections.
	of map[string]string
}

// finish works out serves: what the served generation sends to, by Deployment; nil when the generation is unknown. A
// Deployment to which the user's configuration does not send yet is left out.
func (s sight) finish() map[string][]string {
	if s.included == reconcile.No && s.state == reconcile.ServerUp {
		return map[string][]string{}
	}
	if s.served == nil {
		return nil
	}
	serves := map[string][]string{}
	for name, section := range s.served.Sections {
		if s.loaded != nil && !section.Gone && !s.loaded.names(section) {
			continue
		}
		f := s.flags[name]
		serves[name] = f.occupied(section).instances(f.Selected)
	}
	return serves
}

// how is how this server is switched.
func (s sight) how() string {
	switch {
	case s.version == (version{}):
		return ""
	case s.served != nil && s.served.usesFlags():
		return "flag"
	case s.version.hasMinTimeout():
		return "reload"
	default:
		return "reload+lame"
	}
}

func (s sight) plain() map[process]bool {
	plain := map[process]bool{}
	for _, w := range s.workers {
		if !w.leaving {
			plain[w.process] = true
		}
	}
	return plain
}

// processes are all workers, leaving or not.
func (s sight) processes() []process {
	all := make([]process, 0, len(s.workers))
	for _, w := range s.workers {
		all = append(all, w.process)
	}
	return all
}

// everyone are the instances that this server sends to, may still reach, or has on disk, by Deployment.
func (s sight) everyone() map[string][]string {
	all := map[string][]string{}
	for name, instances := range s.reachable {
		all[name] = append(all[name], instances...)
	}
	releases := []*release{s.served, s.disk}
	if s.included == reconcile.No {
		// Nothing on disk was ever loaded.
		releases = releases[:1]
	}
	for _, r := range releases {
		if r == nil {
			continue
		}
		for name, section := range r.Sections {
			all[name] = append(all[name], s.flags[name].occupied(section).instances(-1)...)
		}
	}
	return all
}

func (s sight) versionText() string {
	if s.version == (version{}) {
		return ""
	}
	return s.version.String()
}

package controller

import (
	"fmt"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// noteTurns adds the events of what a Deployment has come to.
func (l *looker) noteTurns(p *pass) {
	phase := p.decision.Phase
	if phase == p.memory.phase {
		return
	}
	first := p.memory.phase == reconcile.Progressing && p.memory.floor.IsZero()
	p.memory.phase = phase
	words := map[reconcile.Phase]string{
		reconcile.Converged: "Converged", reconcile.Paused: "Paused", reconcile.WaitingForPromotion: "WaitingForPromotion",
	}
	warnings := map[reconcile.Phase]string{
		reconcile.RolledBack: "RolledBack", reconcile.Failed: "Failed", reconcile.Blocked: "Blocked",
	}
	if word := words[phase]; word != "" && !first {
		l.control.journal.note(p.key(), normal, word, p.decision.Reason, "")
	}
	if p.notKept != "" {
		warnings[phase] = api.ReasonNotKept
	}
	if word := warnings[phase]; word != "" {
		l.control.journal.note(p.key(), warning, word, p.decision.Reason, "")
	}
}

// noteTroubles adds the events of what has newly gone wrong around a Deployment: each once for as long as it lasts.
func (l *looker) noteTroubles(p *pass) {
	now := map[[2]string]bool{}
	note := func(reason, message string) {
		trouble := [2]string{reason, message}
		now[trouble] = true
		if !p.memory.troubles[trouble] {
			l.control.journal.note(p.key(), warning, reason, message, "")
		}
	}
	if p.observed.Pull.State == reconcile.WishFailed {
		note("PullFailed", p.observed.Pull.Reason)
	}
	if p.observed.RouteWish.State == reconcile.WishFailed {
		note("RouteFailed", p.observed.RouteWish.Reason)
	}
	for _, i := range p.observed.Instances {
		switch {
		case i.State == reconcile.ContainerExited && !i.Retired && !i.Adopted:
			note("Exited", exitWords(i))
		case i.State == reconcile.ContainerRunning && !i.Retired && i.Health.Ready == reconcile.No && wasAdmitted(i):
			note("Unhealthy", i.Name+" does not answer as it should")
		}
	}
	p.memory.troubles = now
}

func exitWords(i reconcile.Instance) string {
	words := fmt.Sprintf("%s exited with code %d", i.Name, i.ExitCode)
	if i.OOMKilled {
		words += " (out of memory)"
	}
	if len(i.LastLog) > 0 {
		words += ": " + i.LastLog[len(i.LastLog)-1]
	}
	return words
}

func wasAdmitted(i reconcile.Instance) bool {
	admitted, _ := traffic(i)
	return admitted
}

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// labelled puts a word before text, in a column; the text's further lines stand below each other.
func labelled(label, text string) []string {
	var lines []string
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			label = ""
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("  %-9s %s", label, line), " "))
	}
	return lines
}

// details are the lines below a rollout's headline: what is waited for, what was last heard, what serves meanwhile.
func details(s api.Status, now time.Time) []string {
	d := s.Deployment
	var lines []string
	wait := firstWait(d)
	if wait != nil {
		lines = append(lines, fmt.Sprintf("  revision %d: %s", d.Revision, waitLine(s, *wait, now)))
	}
	if wait != nil {
		if i := instanceOf(d, wait.On); i != nil && wait.Gate == "ready" {
			if i.LastProbe != "" {
				lines = append(lines, labelled("probe", i.LastProbe)...)
			}
			if len(i.Log) > 0 {
				lines = append(lines, labelled("last log", i.Log[len(i.Log)-1])...)
			}
		}
	}
	if changed := changedLine(d, now); changed != "" {
		lines = append(lines, labelled("changed", changed)...)
	}
	if serving := servingLine(d); serving != "" {
		lines = append(lines, labelled("serving", serving)...)
	}
	return append(lines, labelled("you can", strings.Join(choices(s, wait), " · "))...)
}

// aftermath are the lines below a bad end.
func aftermath(s api.Status, now time.Time) []string {
	d := s.Deployment
	var lines []string
	if r := d.Rejected; r != nil && r.Hash == d.Hash {
		if r.LastProbe != "" {
			lines = append(lines, labelled("probe", r.LastProbe)...)
		}
		if r.ExitCode != nil {
			lines = append(lines, labelled("exit code", fmt.Sprint(*r.ExitCode))...)
		}
		if len(r.Log) > 0 {
			lines = append(lines, labelled("last log", strings.Join(r.Log, "\n"))...)
		}
		if r.LogFile != "" {
			lines = append(lines, labelled("whole log", r.LogFile)...)
		}
	} else if wait := firstWait(d); wait != nil {
		lines = append(lines, labelled("waits for", waitLine(s, *wait, now))...)
	}
	if changed := changedLine(d, now); changed != "" {
		lines = append(lines, labelled("changed", changed)...)
	}
	if serving := servingLine(d); serving != "" {
		lines = append(lines, labelled("serving", serving)...)
	}
	return append(lines, labelled("you can", strings.Join(choices(s, firstWait(d)), " · "))...)
}

func instanceOf(d *api.DeploymentStatus, name string) *api.Instance {
	i := slices.IndexFunc(d.Instances, func(i api.Instance) bool { return i.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Instances[i]
}

// gateOn names a shut gate without anything that changes by itself. The longest wait, for Eureka's consumers, has its reason
// beside it from the beginning: that stays the same, and says which setting is waited for.
func gateOn(w api.Wait) string {
	switch {
	case w.On == "":
		return w.Gate
	case w.Gate == "propagation" && w.Reason != "":
		return w.Gate + ": " + w.On + ": " + w.Reason
	default:
		return w.Gate + ": " + w.On
	}
}

// waitLine is a shut gate in words, as "orders-x7k2p not ready for 3m12s of 10m; rejected at 03:13:05 if nothing
// changes" or "drain: orders-x7k2p for 20s, …".
func waitLine(s api.Status, w api.Wait, now time.Time) string {
	if w.Gate == "ready" && w.On != "" {
		return waitWords(s, w, now)
	}
	words := waitWords(s, w, now)
	switch {
	case words == "":
		return w.Gate
	case w.On == "" && (!w.Since.IsZero() || !w.Until.IsZero()):
		return w.Gate + " " + words
	default:
		return w.Gate + ": " + words
	}
}

// waitWords are the same without the gate's name.
func waitWords(s api.Status, w api.Wait, now time.Time) string {
	d := s.Deployment
	text := w.On
	if w.Gate == "ready" {
		text += " not ready"
	}
	if !w.Since.IsZero() {
		text += " for " + lasting(now.Sub(w.Since))
		if w.Gate == "ready" {
			text += " of " + lasting(deadlineOf(s))
		}
	}
	switch {
	case w.Gate == "ready" && d != nil && !d.Deadline.IsZero():
		return strings.TrimSpace(text) + fmt.Sprintf("; rejected at %s if nothing changes", d.Deadline.Local().Format(time.TimeOnly))
	case !w.Until.IsZero():
		text += fmt.Sprintf(", until %s at the latest (%s)", w.Until.Local().Format(time.TimeOnly), lasting(max(w.Until.Sub(now), 0)))
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), ", ")
	if w.Gate == "ready" || w.Reason == "" {
		return text
	}
	if text == "" {
		return w.Reason
	}
	return text + ": " + w.Reason
}

func deadlineOf(s api.Status) time.Duration {
	if d := s.Manifest.Deployment; d != nil && d.Spec.ProgressDeadlineSeconds != nil {
		return time.Duration(*d.Spec.ProgressDeadlineSeconds) * time.Second
	}
	return 600 * time.Second
}

// changedLine says what the wanted revision changed, who did it, why, and when.
func changedLine(d *api.DeploymentStatus, now time.Time) string {
	var wanted, before *api.History
	for i := range d.History {
		switch h := &d.History[i]; {
		case h.Revision == d.Revision:
			wanted = h
		case h.Revision < d.Revision && h.Result == "accepted" && (before == nil || h.Revision > before.Revision):
			before = h
		}
	}
	if wanted == nil || before == nil {
		return ""
	}
	text := strings.Join(changes(before, wanted), ", ")
	if text == "" {
		text = "settings"
	}
	if wanted.By != "" {
		text += "  by " + wanted.By
	}
	if wanted.Cause != "" {
		text += fmt.Sprintf(", %q", wanted.Cause)
	}
	return text + ", " + age(now.Sub(wanted.At)) + " ago"
}

// changes are the differences that people ask for first, without any value but the image's.
func changes(before, after *api.History) []string {
	var words []string
	if before.Manifest != nil && after.Manifest != nil {
		old, fresh := before.Manifest.Spec.Template.Env, after.Manifest.Spec.Template.Env
		var keys []string
		for key := range fresh {
			if value, had := old[key]; !had || value != fresh[key] {
				keys = append(keys, key)
			}
		}
		for key := range old {
			if _, has := fresh[key]; !has {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		for _, key := range keys {
			words = append(words, "env "+key)
		}
	}
	if before.Image != after.Image {
		words = append(words, imageChange(before.Image, after.Image))
	}
	return words
}

// imageChange shows the tags alone where the rest is the same.
func imageChange(before, after string) string {
	repositoryA, tagA, foundA := cutLast(before, ":")
	repositoryB, tagB, foundB := cutLast(after, ":")
	if foundA && foundB && repositoryA == repositoryB && !strings.Contains(tagA+tagB, "/") {
		before, after = tagA, tagB
	}
	return fmt.Sprintf("image %s → %s", before, after)
}

// servingLine says what serves: "3/3 on revision 7, untouched".
func servingLine(d *api.DeploymentStatus) string {
	byRevision := map[int]int{}
	for _, i := range d.Instances {
		if i.Status == "Serving" {
			byRevision[i.Revision]++
		}
	}
	var revisions []int
	for revision := range byRevision {
		revisions = append(revisions, revision)
	}
	slices.Sort(revisions)
	switch len(revisions) {
	case 0:
		return ""
	case 1:
		text := fmt.Sprintf("%d/%d on revision %d", byRevision[revisions[0]], d.Replicas, revisions[0])
		if revisions[0] != d.Revision {
			text += ", untouched"
		}
		return text
	}
	var words []string
	for _, revision := range revisions {
		words = append(words, fmt.Sprintf("%d on revision %d", byRevision[revision], revision))
	}
	return strings.Join(words, ", ")
}

// choices are the commands that help now.
func choices(s api.Status, wait *api.Wait) []string {
	name, d := s.Name.String(), s.Deployment
	switch {
	case d.Rejected != nil && d.Rejected.Hash == d.Hash:
		return []string{"apply a fix", "segue retry " + name, fmt.Sprintf("segue logs %s --previous", name)}
	case d.Phase == "WaitingForPromotion":
		return []string{"segue promote " + name, "segue abort " + name}
	case d.Paused:
		return []string{"segue rollout resume " + name, "segue abort " + name}
	}
	words := []string{"segue abort " + name}
	if s.Kind == spec.KindDeployment && wait != nil && instanceOf(d, wait.On) != nil {
		words = append(words, "segue logs "+wait.On)
	} else {
		words = append(words, "segue describe deployment/"+name)
	}
	return words
}

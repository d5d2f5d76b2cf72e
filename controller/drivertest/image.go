package drivertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// Image is how the containers of one image behave.
type Image struct {
	// Missing: the registry says that it does not exist.
	Missing bool
	// Pull is how long it takes to fetch it; Boot from a start to the first good answer; Exit from the signal to the end.
	Pull, Boot, Exit time.Duration
	// NeverReady: it answers 503 for ever. CrashAfter: it exits with code 1 that long after its start; 0 is never.
	NeverReady bool
	CrashAfter time.Duration
	// SaysDown is how long after its own registration the app says DOWN of itself in Eureka.
	SaysDown time.Duration
	// Log is what it writes.
	Log []string
	// Digest is what it resolves to; the name with a sum when empty.
	Digest string
}

func (w *World) image(reference string) Image {
	for name, image := range w.Images {
		if name == reference || digest(name, image) == reference {
			return w.filled(image)
		}
	}
	return w.filled(Image{})
}

func (w *World) filled(image Image) Image {
	if image.Boot == 0 {
		image.Boot = w.Boot
	}
	if image.Exit == 0 {
		image.Exit = time.Second
	}
	return image
}

func digest(name string, image Image) string {
	if image.Digest != "" {
		return image.Digest
	}
	if strings.Contains(name, "@sha256:") {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name + "@sha256:" + hex.EncodeToString(sum[:])
}

// Pull finds the image after its time; with Never only one that was pulled before.
func (w *World) Pull(_ context.Context, image, policy string) (reconcile.Wish, reconcile.PulledImage) {
	w.Lock()
	defer w.Unlock()
	if w.EngineDown {
		return reconcile.Wish{State: reconcile.WishFailed, Reason: errEngineDown.Error(), At: time.Now()}, reconcile.PulledImage{}
	}
	one := w.image(image)
	done, asked := w.pulls[image]
	for tag, at := range w.pulls {
		if !asked && digest(tag, w.image(tag)) == image {
			done, asked = at, true
		}
	}
	if !asked && policy == string(spec.PullNever) {
		return reconcile.Wish{State: reconcile.WishFailed, Own: true, Reason: image + ": not on this host", At: time.Now()}, reconcile.PulledImage{}
	}
	if !asked {
		done = time.Now().Add(one.Pull)
		w.pulls[image] = done
		w.after(one.Pull, func() { w.tell("") })
	}
	switch {
	case time.Now().Before(done):
		return reconcile.Wish{State: reconcile.WishPending, Reason: "pulling " + image, At: time.Now()}, reconcile.PulledImage{}
	case one.Missing:
		delete(w.pulls, image)
		return reconcile.Wish{State: reconcile.WishFailed, Own: true, Reason: image + ": manifest unknown", At: done}, reconcile.PulledImage{}
	default:
		return reconcile.Wish{State: reconcile.WishDone, At: done}, reconcile.PulledImage{Reference: digest(image, one)}
	}
}

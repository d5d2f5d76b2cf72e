package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
)

const (
	// maxBody is what GitHub sends at most. It is not kept, only hashed.
	maxBody = 25 << 20
	// readTime bounds one hook.
	readTime = 20 * time.Second
	// endTime is how long hooks that are under way may take at the end.
	endTime = 5 * time.Second
)

// Receiver has one hook for each source.
type Receiver struct {
	// Hooks are the sources' secrets and what is called for a good hook, by the name in the path.
	Hooks map[string]Hook
	Log   logr.Logger
}

// Hook is one source's. Secret must not be empty. Now returns at once.
type Hook struct {
	Secret []byte
	Now    func()
}

// Serve answers on the listener until ctx ends, and closes it.
func (r *Receiver) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: r, ReadHeaderTimeout: readTime, ReadTimeout: readTime, WriteTimeout: readTime, MaxHeaderBytes: 64 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve webhooks: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	err := server.Shutdown(last)
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	name, isHook := strings.CutPrefix(request.URL.Path, "/hooks/")
	hook, known := r.Hooks[name]
	switch {
	case !isHook:
		http.NotFound(w, request)
		return
	case request.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST it", http.StatusMethodNotAllowed)
		return
	}
	// A source that is not there is answered like a bad proof: names are nobody's business.
	err := prove(w, request, hook.Secret)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	case err != nil || !known || len(hook.Secret) == 0:
		r.Log.Info("Refused a webhook", "from", request.RemoteAddr)
		http.Error(w, "the signature or token is missing or wrong", http.StatusUnauthorized)
	default:
		r.Log.V(1).Info("Took a webhook", "source", name)
		hook.Now()
		w.WriteHeader(http.StatusAccepted)
	}
}

var errProof = errors.New("no proof")

// prove is nil when the sender knows the secret. Comparisons take the same time whatever is wrong.
func prove(w http.ResponseWriter, request *http.Request, secret []byte) error {
	sum := hmac.New(sha256.New, secret)
	if _, err := io.Copy(sum, http.MaxBytesReader(w, request.Body, maxBody)); err != nil {
		return err
	}
	want := []byte(hex.EncodeToString(sum.Sum(nil)))
	for _, header := range []string{"X-Hub-Signature-256", "X-Segue-Signature-256", "X-Gitea-Signature", "X-Gogs-Signature"} {
		if got := request.Header.Get(header); got != "" {
			if hmac.Equal([]byte(strings.TrimPrefix(got, "sha256=")), want) {
				return nil
			}
			return errProof
		}
	}
	token := request.Header.Get("X-Gitlab-Token")
	if bearer, ok := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer "); token == "" && ok {
		token = bearer
	}
	// Sums are compared: a comparison of the tokens would tell their length.
	got, wanted := sha256.Sum256([]byte(token)), sha256.Sum256(secret)
	if token == "" || subtle.ConstantTimeCompare(got[:], wanted[:]) != 1 {
		return errProof
	}
	return nil
}

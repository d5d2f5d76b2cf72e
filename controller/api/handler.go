package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// Bodies are bounded: an apply carries the bytes of every file that its manifests name, a question carries names.
const (
	maxQuestion = 1 << 20
	maxApply    = 64 << 20
)

// handler turns requests into calls of the service.
type handler struct {
	service Service
	// ending ends streams.
	ending  context.Context
	running sync.WaitGroup
}

func (h *handler) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, limit int64, serve http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			h.running.Add(1)
			defer h.running.Done()
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			serve(w, r)
		})
	}
	handle("POST /v1/list", maxQuestion, ask(h.service.List))
	handle("POST /v1/apply", maxApply, ask(func(ctx context.Context, r ApplyRequest) (ApplyResult, error) {
		r.By = peerOf(ctx)
		return h.service.Apply(ctx, r)
	}))
	handle("POST /v1/plan", maxApply, ask(func(ctx context.Context, r ApplyRequest) (PlanResult, error) {
		r.By = peerOf(ctx)
		return h.service.Plan(ctx, r)
	}))
	handle("POST /v1/delete", maxQuestion, ask(func(ctx context.Context, r DeleteRequest) (ApplyResult, error) {
		r.By = peerOf(ctx)
		return h.service.Delete(ctx, r)
	}))
	handle("POST /v1/intend", maxQuestion, ask(func(ctx context.Context, r Intent) (ApplyResult, error) {
		r.By = peerOf(ctx)
		return h.service.Intend(ctx, r)
	}))
	handle("POST /v1/steer", maxQuestion, ask(func(ctx context.Context, r SourceOrder) (SourceResult, error) {
		r.By = peerOf(ctx)
		return h.service.Steer(ctx, r)
	}))
	handle("GET /v1/version", maxQuestion, func(w http.ResponseWriter, r *http.Request) {
		version, err := h.service.Version(r.Context())
		answer(w, version, err)
	})
	handle("POST /v1/watch", maxQuestion, follow(h, func(ctx context.Context, q Query, s *stream) error {
		return h.service.Watch(ctx, q, func(status Status) error { return s.line(status) })
	}))
	handle("POST /v1/events", maxQuestion, follow(h, func(ctx context.Context, q EventQuery, s *stream) error {
		return h.service.Events(ctx, q, func(event Event) error { return s.line(event) })
	}))
	handle("POST /v1/logs", maxQuestion, follow(h, func(ctx context.Context, q LogQuery, s *stream) error {
		return h.service.Logs(ctx, q, s)
	}))
	return mux
}

// ask answers one question with one JSON value.
func ask[Q, A any](call func(context.Context, Q) (A, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		question, err := read[Q](r)
		if err != nil {
			refuse(w, err)
			return
		}
		found, err := call(r.Context(), question)
		answer(w, found, err)
	}
}

// follow answers with a stream that ends with the request or the server.
func follow[Q any](h *handler, call func(context.Context, Q, *stream) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		question, err := read[Q](r)
		if err != nil {
			refuse(w, err)
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(h.ending, cancel)()
		s := &stream{to: w}
		s.end(call(ctx, question, s), ctx)
	}
}

// read is strict: what this server does not know must not be ignored.
func read[Q any](r *http.Request) (Q, error) {
	var question Q
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&question)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return question, &Refusal{Kind: Invalid, Message: fmt.Sprintf("the request is larger than %d MiB; large files belong into volumes", tooLarge.Limit>>20)}
	}
	if err != nil {
		return question, &Refusal{Kind: Invalid, Message: fmt.Sprintf("read request: %v (are the command and `segue run` of the same version?)", err)}
	}
	return question, nil
}

func answer(w http.ResponseWriter, found any, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	body, err := json.Marshal(found)
	if err != nil {
		refuse(w, fmt.Errorf("write answer: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n')) // the caller is gone: nobody is left to tell
}

func refuse(w http.ResponseWriter, err error) {
	refusal := refusalOf(err)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(refusal.status())
	_ = json.NewEncoder(w).Encode(refusal) // the caller is gone: nobody is left to tell
}

// refusalOf gives every error the form in which it travels; the Kind is "" where nobody branches on it.
func refusalOf(err error) *Refusal {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return &Refusal{Kind: refusal.Kind, Message: err.Error()}
	}
	return &Refusal{Message: err.Error()}
}

func (r *Refusal) status() int {
	switch r.Kind {
	case Invalid:
		return http.StatusBadRequest
	case NotFound:
		return http.StatusNotFound
	case Owned:
		return http.StatusConflict
	case Locked:
		return http.StatusLocked
	default:
		return http.StatusInternalServerError
	}
}

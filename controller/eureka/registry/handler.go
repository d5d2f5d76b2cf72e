package registry

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
)

// ServeHTTP answers under /eureka, /eureka/v2 and the root.
func (r *Registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set(eureka.StartedHeader, r.started.UTC().Format(time.RFC3339Nano))
	segments, err := segmentsOf(q.URL.EscapedPath())
	if err != nil || len(segments) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	switch head, rest := segments[0], segments[1:]; {
	case head == "apps" && len(rest) == 0:
		r.answerCached(w, q, "apps", r.allPage)
	case head == "apps" && len(rest) == 1 && rest[0] == "delta":
		r.answerCached(w, q, "delta", r.deltaPage)
	case head == "apps" && len(rest) == 1:
		r.serveApp(w, q, strings.ToUpper(rest[0]))
	case head == "apps":
		r.serveLease(w, q, key{strings.ToUpper(rest[0]), rest[1]}, rest[2:])
	case head == "instances" && len(rest) == 1 && q.Method == http.MethodGet:
		r.serveInstance(w, q, key{id: rest[0]})
	case (head == "vips" || head == "svips") && len(rest) == 1:
		r.answerCached(w, q, head+"/"+rest[0], r.vipPage(head == "svips", rest[0]))
	case head == "status" && len(rest) == 0 && q.Method == http.MethodGet:
		r.serveStatus(w, q)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// segmentsOf splits a path behind the base and decodes each part by itself, so that an id may hold %2F.
func segmentsOf(path string) ([]string, error) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) > 0 && parts[0] == "eureka" {
		parts = parts[1:]
	}
	if len(parts) > 0 && parts[0] == "v2" {
		parts = parts[1:]
	}
	if len(parts) == 1 && parts[0] == "" {
		parts = nil
	}
	for i, part := range parts {
		decoded, err := url.PathUnescape(part)
		if err != nil {
			return nil, err
		}
		parts[i] = decoded
	}
	return parts, nil
}

func (r *Registry) serveApp(w http.ResponseWriter, q *http.Request, app string) {
	switch q.Method {
	case http.MethodGet:
		r.answerCached(w, q, "apps/"+app, r.appPage(app))
	case http.MethodPost:
		instance, code, reason := readRegistration(q, app)
		if code != 0 {
			http.Error(w, reason, code)
			return
		}
		r.register(instance, replicated(q))
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (r *Registry) serveLease(w http.ResponseWriter, q *http.Request, k key, rest []string) {
	switch {
	case len(rest) == 1 && rest[0] == "status":
		r.serveOverride(w, q, k)
	case len(rest) == 1 && rest[0] == "metadata" && q.Method == http.MethodPut:
		metadata := map[string]string{}
		for name, values := range q.URL.Query() {
			metadata[name] = values[0]
		}
		answerKnown(w, r.annotate(k, metadata))
	case len(rest) > 0:
		w.WriteHeader(http.StatusNotFound)
	case q.Method == http.MethodGet:
		r.serveInstance(w, q, k)
	case q.Method == http.MethodDelete:
		answerKnown(w, r.cancel(k))
	case q.Method == http.MethodPut:
		r.serveHeartbeat(w, q, k)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// serveHeartbeat renews first and compares timestamps afterwards, as servers do.
func (r *Registry) serveHeartbeat(w http.ResponseWriter, q *http.Request, k key) {
	known := r.beat(k, replicated(q))
	here, found := r.instance(k)
	dirty, err := strconv.ParseInt(q.URL.Query().Get("lastDirtyTimestamp"), 10, 64)
	switch {
	case !known || !found:
		w.WriteHeader(http.StatusNotFound)
	case err != nil || dirty <= 0:
		w.WriteHeader(http.StatusOK)
	case dirty > here.LastDirty:
		w.WriteHeader(http.StatusNotFound)
	case dirty < here.LastDirty && replicated(q):
		write(w, q, http.StatusConflict, instanceBody(here))
	default:
		w.WriteHeader(http.StatusOK)
	}
}

func (r *Registry) serveOverride(w http.ResponseWriter, q *http.Request, k key) {
	query := q.URL.Query()
	dirty, err := strconv.ParseInt(query.Get("lastDirtyTimestamp"), 10, 64)
	if err != nil {
		dirty = 0
	}
	if q.Method != http.MethodPut && q.Method != http.MethodDelete {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if _, found := r.instance(k); !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	status, known := eureka.ParseStatus(query.Get("value"))
	switch {
	case q.Method == http.MethodPut && !known:
		w.WriteHeader(http.StatusInternalServerError)
	case q.Method == http.MethodPut:
		answerKnown(w, r.override(k, status, dirty))
	case q.Method == http.MethodDelete && !known && query.Has("value"):
		w.WriteHeader(http.StatusInternalServerError)
	default:
		answerKnown(w, r.clearOverride(k, status, dirty)) // without a value: UNKNOWN
	}
}

func (r *Registry) serveInstance(w http.ResponseWriter, q *http.Request, k key) {
	instance, found := r.instance(k)
	if !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	write(w, q, http.StatusOK, instanceBody(instance))
}

// serveStatus gives the little that clients look at.
func (r *Registry) serveStatus(w http.ResponseWriter, q *http.Request) {
	write(w, q, http.StatusOK, func(bool) []byte {
		return []byte(`{"generalStats":{},"applicationStats":{"registered-replicas":"","available-replicas":"","unavailable-replicas":""}}`)
	})
}

func answerKnown(w http.ResponseWriter, known bool) {
	if known {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

func replicated(q *http.Request) bool {
	return q.Header.Get("x-netflix-discovery-replication") == "true"
}

// wantsJSON: everything else, and nothing, means XML.
func wantsJSON(q *http.Request) bool { return strings.Contains(q.Header.Get("Accept"), "json") }

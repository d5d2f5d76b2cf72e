package registry

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/segue-dev/segue/controller/eureka"
)

// registrationLimit bounds a registration's body.
const registrationLimit = 1 << 20

// cacheLimit bounds how many different questions the response cache remembers; unknown names are asked for, too.
const cacheLimit = 10000

// ServeHTTP answers under /eureka, /eureka/v2 and the root.
func (r *Registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
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

// readRegistration gives a code and a reason when the body is none that can be registered.
func readRegistration(q *http.Request, app string) (eureka.Instance, int, string) {
	if kind := q.Header.Get("Content-Type"); strings.Contains(kind, "xml") {
		return eureka.Instance{}, http.StatusUnsupportedMediaType, "registrations are read as JSON"
	}
	var body struct {
		Instance *eureka.Instance `json:"instance"`
	}
	data, err := io.ReadAll(io.LimitReader(q.Body, registrationLimit))
	if err == nil {
		err = json.Unmarshal(data, &body)
	}
	if err != nil || body.Instance == nil {
		return eureka.Instance{}, http.StatusBadRequest, "the body is not a JSON instance"
	}
	i := *body.Instance
	missing := ""
	switch {
	case i.ID == "" && i.HostName == "":
		missing = "instanceId"
	case i.HostName == "":
		missing = "hostName"
	case i.IPAddr == "":
		missing = "ipAddr"
	case i.App == "":
		missing = "app"
	case i.DataCenter == "" || i.DataCenterClass == "":
		missing = "dataCenterInfo"
	}
	if missing != "" {
		return i, http.StatusBadRequest, "Missing " + missing
	}
	if !strings.EqualFold(i.App, app) {
		return i, http.StatusBadRequest, "Mismatched appName, expecting " + app + " but was " + i.App
	}
	if i.ID == "" {
		i.ID = i.HostName
		if part := i.Metadata["instanceId"]; part != "" {
			i.ID += ":" + part
		}
	}
	return i, 0, ""
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

// body writes an answer as JSON or as XML.
type body func(asJSON bool) []byte

// pageMaker makes the page of one question.
type pageMaker func(asJSON bool) page

func (r *Registry) answerCached(w http.ResponseWriter, q *http.Request, name string, build pageMaker) {
	if q.Method != http.MethodGet {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	asJSON := wantsJSON(q)
	if asJSON {
		name += " json"
	}
	r.boundCache()
	p := r.cached(name, func() page { return build(asJSON) })
	if p.code != http.StatusOK {
		w.WriteHeader(p.code)
		return
	}
	if strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		send(w, p.code, p.zipped(), asJSON)
		return
	}
	send(w, p.code, p.body, asJSON)
}

// boundCache forgets everything when too many different questions were asked.
func (r *Registry) boundCache() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.cache.shown) > cacheLimit || len(r.cache.fresh) > cacheLimit {
		r.cache = newCache()
	}
}

func (r *Registry) allPage(asJSON bool) page {
	return applicationsPage(r.all(func(eureka.Instance) bool { return true }), asJSON)
}

func (r *Registry) deltaPage(asJSON bool) page { return applicationsPage(r.delta(), asJSON) }

func (r *Registry) appPage(app string) pageMaker {
	return func(asJSON bool) page {
		found := r.all(func(i eureka.Instance) bool { return i.App == app })
		if len(found.Apps) == 0 {
			return page{code: http.StatusNotFound}
		}
		return page{code: http.StatusOK, body: applicationBody(found.Apps[0])(asJSON)}
	}
}

func (r *Registry) vipPage(secure bool, vip string) pageMaker {
	return func(asJSON bool) page {
		found := r.all(func(i eureka.Instance) bool {
			names := i.VIP
			if secure {
				names = i.SecureVIP
			}
			return slices.Contains(strings.Split(names, ","), vip)
		})
		found.Version = "-1" // as Netflix' servers say: there are no deltas of these
		return applicationsPage(found, asJSON)
	}
}

func applicationsPage(apps eureka.Applications, asJSON bool) page {
	return page{code: http.StatusOK, body: applicationsBody(apps)(asJSON)}
}

// write answers with what is true now. Only cached answers are zipped.
func write(w http.ResponseWriter, q *http.Request, code int, b body) {
	asJSON := wantsJSON(q)
	send(w, code, b(asJSON), asJSON)
}

func send(w http.ResponseWriter, code int, data []byte, asJSON bool) {
	w.Header().Set("Content-Type", "application/xml")
	if asJSON {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(code)
	_, _ = w.Write(data) // a client that went away is no concern of the registry's
}

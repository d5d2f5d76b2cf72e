package registry

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
)

// cacheLimit bounds how many different questions the response cache remembers; unknown names are asked for, too.
const cacheLimit = 10000

// page is one answer: a status code and, with 200, a body.
type page struct {
	code int
	body []byte
	// version is the registry's when it was made.
	version int64
	made    time.Time
	// zipped is the body in gzip; it is made when it is asked for first.
	zipped func() []byte
}

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

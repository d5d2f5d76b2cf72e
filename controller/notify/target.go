package notify

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/template"
	"time"
)

// The defaults of a Target, and its bounds.
const (
	DefaultTimeout  = 10 * time.Second
	DefaultRetryFor = time.Hour
	maxTimeout      = time.Minute
)

// Target is one receiver, as the file of sources has it. Its secrets are in files, which are read for each request.
type Target struct {
	Name string
	// On are the events that it hears of.
	On []Event
	// URL is a template; URLFile is a file with a URL that is a secret, as it is. Exactly one of them is set.
	URL, URLFile string
	// Method is POST, PUT or PATCH; "" means POST.
	Method  string
	Headers []Header
	// Body is a template, BodyFile a file with one; without both the notice itself is sent as JSON.
	Body, BodyFile string
	// SecretFile holds the key of the body's HMAC-SHA256, which goes with it as X-Segue-Signature-256.
	SecretFile string
	// CAFile has further certificates to trust.
	CAFile string
	// Timeout bounds one request, RetryFor how long one that failed is repeated; 0 means the default.
	Timeout, RetryFor time.Duration
}

// Header is one of a request's. Its value is Value, or Prefix and what ValueFile holds.
type Header struct{ Name, Value, ValueFile, Prefix string }

// compiled is a target that was found good.
type compiled struct {
	Target
	url, body *template.Template
}

// Check gives everything that is wrong with the target, as far as it can be found without sending anything.
func (t Target) Check() []Fault {
	_, faults := t.compile()
	return faults
}

func (t Target) compile() (*compiled, []Fault) {
	c := &compiled{Target: t}
	c.fill()
	f := faults{}
	c.checkEvents(&f)
	c.checkPlace(&f)
	c.checkHeaders(&f)
	for field, path := range map[string]string{"urlFile": c.URLFile, "secretFile": c.SecretFile, "caFile": c.CAFile} {
		f.readable(field, path)
	}
	c.checkBody(&f)
	if len(f.list) == 0 {
		c.rehearse(&f)
	}
	return c, f.list
}

func (c *compiled) fill() {
	if c.Method == "" {
		c.Method = http.MethodPost
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.RetryFor == 0 {
		c.RetryFor = DefaultRetryFor
	}
}

func (c *compiled) checkEvents(f *faults) {
	if len(c.On) == 0 {
		f.add("on", 0, "nothing would ever be told; want some of "+listed(Events))
	}
	for i, e := range c.On {
		if !e.known() {
			f.add(fmt.Sprintf("on[%d]", i), 0, fmt.Sprintf("%q is no event; want one of %s", string(e), listed(Events)))
		}
	}
	if !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, c.Method) {
		f.add("method", 0, fmt.Sprintf("%q; want POST, PUT or PATCH", c.Method))
	}
	if c.Timeout < 0 || c.Timeout > maxTimeout {
		f.add("timeout", 0, fmt.Sprintf("%s; want more than nothing, and at most %s", c.Timeout, maxTimeout))
	}
	if c.RetryFor < 0 {
		f.add("retryFor", 0, fmt.Sprintf("%s; want a time such as 1h", c.RetryFor))
	}
}

func (c *compiled) checkPlace(f *faults) {
	switch {
	case c.URL == "" && c.URLFile == "":
		f.add("", 0, "want url, or urlFile where the URL is a secret, as Slack's is")
	case c.URL != "" && c.URLFile != "":
		f.add("urlFile", 0, "beside url; leave one of them out")
	case c.URL != "":
		c.url = f.parse("url", c.URL)
	default:
		if secret, err := secretIn(c.URLFile); err == nil && place(secret) != nil {
			f.add("urlFile", 0, fmt.Sprintf("what %s holds is no http:// or https:// URL without a password", c.URLFile))
		}
	}
}

func (c *compiled) checkHeaders(f *faults) {
	for i, h := range c.Headers {
		field := fmt.Sprintf("headers[%d]", i)
		switch {
		case h.Name == "" || strings.ContainsAny(h.Name, " :\r\n"):
			f.add(field+".name", 0, fmt.Sprintf("%q is no header's name", h.Name))
		case (h.Value == "") == (h.ValueFile == ""):
			f.add(field, 0, "want value, or valueFile where it is a secret")
		case h.Prefix != "" && h.ValueFile == "":
			f.add(field+".prefix", 0, "stands before what valueFile holds; write it into value")
		case strings.ContainsAny(h.Value+h.Prefix, "\r\n"):
			f.add(field, 0, "a header is one line")
		}
		f.readable(field+".valueFile", h.ValueFile)
	}
}

func (c *compiled) checkBody(f *faults) {
	text, field := c.Body, "body"
	switch {
	case c.Body != "" && c.BodyFile != "":
		f.add("bodyFile", 0, "beside body; leave one of them out")
		return
	case c.BodyFile != "":
		content, err := os.ReadFile(c.BodyFile)
		if err != nil {
			f.add("bodyFile", 0, err.Error())
			return
		}
		text, field = string(content), "bodyFile"
	case c.Body == "":
		text = "{{json .}}"
	}
	c.body = f.parse(field, text)
}

// isJSON: the body is to be JSON.
func (c *compiled) isJSON() bool {
	for _, h := range c.Headers {
		if http.CanonicalHeaderKey(h.Name) == "Content-Type" {
			return strings.HasPrefix(h.Value, "application/json")
		}
	}
	return true
}

// place is nil when a request can go there. It does not repeat the URL.
func place(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("it is no http:// or https:// URL")
	case u.User != nil:
		return fmt.Errorf("a password in the URL would be shown; put it into a header with valueFile, or the URL into urlFile")
	}
	return nil
}

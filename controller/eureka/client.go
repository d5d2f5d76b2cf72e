package eureka

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// answerLimit bounds what is read of an answer: 10,000 instances take about 15 MB.
const answerLimit = 64 << 20

// callTimeout bounds one call to a server. A server that is slower than this is not one that can be relied on.
const callTimeout = 3 * time.Second

// ClientOptions are what a Client needs beside its server's address.
type ClientOptions struct {
	Username string
	// PasswordFile is read at each call, so that a changed password needs no restart. Trailing newlines do not count.
	PasswordFile string
	CAFile       string
	// ReadFile reads both; nil is os.ReadFile.
	ReadFile func(path string) ([]byte, error)
	// Dial replaces net.Dialer's; nil is that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client speaks to one Eureka server. Every call has a deadline of its own. Errors hold no credentials and nothing of
// an answer's body.
type Client struct {
	base    string
	options ClientOptions
	http    *http.Client
}

// NewClient makes a client of the server at base, as http://eureka-1:8761/eureka. What base holds is not interpreted:
// /eureka and /eureka/v2 are different servers' ways.
func NewClient(base string, options ClientOptions) (*Client, error) {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, errors.New("read eureka server: not an http or https URL")
	}
	if parsed.User != nil {
		return nil, fmt.Errorf("read eureka server %s: credentials belong in username and passwordFile", parsed.Redacted())
	}
	if options.ReadFile == nil {
		options.ReadFile = os.ReadFile
	}
	transport := &http.Transport{DialContext: options.Dial, MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second}
	if options.CAFile != "" {
		pem, err := options.ReadFile(options.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read CA of eureka server: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read CA of eureka server: %s holds no certificate", options.CAFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	return &Client{
		base:    strings.TrimRight(base, "/"),
		options: options,
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Base is the server's address.
func (c *Client) Base() string { return c.base }

// Close gives idle connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Apps reads the registry as consumers see it: from the server's response cache.
func (c *Client) Apps(ctx context.Context) (Applications, error) {
	const path = "/apps"
	var answer applicationsAnswer
	header, err := c.read(ctx, path, &answer)
	if err != nil {
		return Applications{}, err
	}
	if answer.Applications == nil {
		return Applications{}, fmt.Errorf("read %s%s: the answer holds no applications", c.base, path)
	}
	read := Applications{Version: string(answer.Applications.Version), Hash: string(answer.Applications.Hash), Started: header.Get(StartedHeader)}
	for _, app := range answer.Applications.Apps {
		read.Apps = append(read.Apps, Application{Name: string(app.Name), Instances: app.Instances})
	}
	return read, nil
}

// Instance reads the live registry: what is true on this server now. It is false when there is no such lease. With an
// empty app the id is looked for in all of them.
func (c *Client) Instance(ctx context.Context, app, id string) (Instance, bool, error) {
	path := "/instances/" + url.PathEscape(id)
	if app != "" {
		path = leasePath(app, id)
	}
	var answer instanceAnswer
	_, err := c.read(ctx, path, &answer)
	if answered := (*AnswerError)(nil); errors.As(err, &answered) && answered.Code == http.StatusNotFound {
		return Instance{}, false, nil
	}
	if err != nil {
		return Instance{}, false, err
	}
	if answer.Instance == nil {
		return Instance{}, false, fmt.Errorf("read %s%s: the answer holds no instance", c.base, path)
	}
	return *answer.Instance, true, nil
}

// Register puts an instance into the registry, or in place of its entry unless that has a newer timestamp.
func (c *Client) Register(ctx context.Context, instance Instance) error {
	body, err := json.Marshal(struct {
		Instance Instance `json:"instance"`
	}{instance})
	if err != nil {
		return fmt.Errorf("write instance %s: %w", instance.ID, err)
	}
	_, err = c.write(ctx, http.MethodPost, "/apps/"+url.PathEscape(strings.ToUpper(instance.App)), body, http.StatusNoContent)
	return err
}

// Heartbeat renews a lease. It is false when the server wants a registration instead. A lastDirty of 0 is not sent.
func (c *Client) Heartbeat(ctx context.Context, app, id string, lastDirty int64) (known bool, err error) {
	path := leasePath(app, id)
	if lastDirty != 0 {
		path += "?lastDirtyTimestamp=" + strconv.FormatInt(lastDirty, 10)
	}
	return c.write(ctx, http.MethodPut, path, nil, http.StatusOK)
}

// Override sets an override. It is false when there is no such lease.
func (c *Client) Override(ctx context.Context, app, id string, status reconcile.LeaseStatus) (known bool, err error) {
	return c.write(ctx, http.MethodPut, leasePath(app, id)+"/status?value="+url.QueryEscape(string(status)), nil, http.StatusOK)
}

// ClearOverride takes an override away and has the server believe status until the app speaks next. Without a status
// the instance is UNKNOWN, and in nobody's rotation, until then. It is false when there is no such lease.
func (c *Client) ClearOverride(ctx context.Context, app, id string, status reconcile.LeaseStatus) (known bool, err error) {
	path := leasePath(app, id) + "/status"
	if status != reconcile.LeaseNone {
		path += "?value=" + url.QueryEscape(string(status))
	}
	return c.write(ctx, http.MethodDelete, path, nil, http.StatusOK)
}

// Cancel deletes a lease. It is false when there was none.
func (c *Client) Cancel(ctx context.Context, app, id string) (known bool, err error) {
	return c.write(ctx, http.MethodDelete, leasePath(app, id), nil, http.StatusOK)
}

// leasePath keeps colons as they are, which servers expect, and escapes what would end a path segment.
func leasePath(app, id string) string {
	return "/apps/" + url.PathEscape(strings.ToUpper(app)) + "/" + url.PathEscape(id)
}

func (c *Client) read(ctx context.Context, path string, into any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	response, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		drain(response.Body)
		return nil, &AnswerError{Method: http.MethodGet, URL: c.base + path, Code: response.StatusCode}
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, answerLimit)).Decode(into); err != nil {
		return nil, fmt.Errorf("read %s%s: %w", c.base, path, err)
	}
	drain(response.Body)
	return response.Header, nil
}

// write is true when the answer was the wanted one and false when it was 404.
func (c *Client) write(ctx context.Context, method, path string, body []byte, wanted int) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	response, err := c.call(ctx, method, path, body)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	drain(response.Body)
	switch response.StatusCode {
	case wanted:
		return true, nil
	case http.StatusNotFound:
		if method != http.MethodPost {
			return false, nil
		}
	}
	return false, &AnswerError{Method: method, URL: c.base + path, Code: response.StatusCode}
}

func (c *Client) call(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask eureka: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "segue")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.options.Username != "" {
		password := []byte(nil)
		if c.options.PasswordFile != "" {
			if password, err = c.options.ReadFile(c.options.PasswordFile); err != nil {
				return nil, fmt.Errorf("read password of eureka: %w", err)
			}
		}
		request.SetBasicAuth(c.options.Username, strings.TrimRight(string(password), "\r\n"))
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask eureka: %w", err)
	}
	return response, nil
}

// drain reads a little of what is left, so that the connection can be used again.
func drain(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, 64<<10) // a connection that cannot be used again costs a new one, nothing else
}

package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// The headers of segue's own.
const (
	// HeaderID is the notice's ID: what comes twice has the same.
	HeaderID = "X-Segue-Notification"
	// HeaderSignature is the body's HMAC-SHA256, as "sha256=" and hex.
	HeaderSignature = "X-Segue-Signature-256"
)

// poster sends notices to one target, each once. It is used by one goroutine.
type poster struct {
	target *compiled
	agent  string
	client *http.Client
	// ca is what the client trusts beside the system's certificates.
	ca []byte
	// dial is a test's; nil means the network.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// post sends one notice.
func (p *poster) post(ctx context.Context, n Notice) verdict {
	ctx, cancel := context.WithTimeout(ctx, p.target.Timeout)
	defer cancel()
	request, secrets, err := p.request(ctx, n)
	switch {
	case errors.Is(err, errNothing):
		return verdict{fate: taken}
	case err != nil:
		return verdict{fate: later, reason: hush(err.Error(), secrets)}
	}
	if err := p.renew(); err != nil {
		return verdict{fate: later, reason: err.Error()}
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return verdict{fate: later, reason: hush(p.words(ctx, err), secrets)}
	}
	// What it says is read so that the connection can be used again, and not believed.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	_ = answer.Body.Close()
	return judgeAnswer(answer)
}

// words are an error without the URL that net/http puts into it.
func (p *poster) words(ctx context.Context, err error) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s", p.target.Timeout)
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return err.Error()
}

// errNothing: the templates say that there is nothing to send.
var errNothing = errors.New("nothing to send")

// request makes it, and tells which texts in it are secrets. Secrets are read anew each time, so that they may be
// replaced on disk.
func (p *poster) request(ctx context.Context, n Notice) (*http.Request, []string, error) {
	t := p.target
	var secrets []string
	where, err := p.where(n)
	if err != nil {
		return nil, nil, err
	}
	if t.URLFile != "" {
		secrets = append(secrets, where)
		if u, err := url.Parse(where); err == nil && len(u.Path) > 1 {
			secrets = append(secrets, u.RequestURI(), u.Path)
		}
	}
	body, err := render(t.body, n)
	if err != nil {
		return nil, secrets, fmt.Errorf("render body: %w", err)
	}
	if strings.TrimSpace(where) == "" || strings.TrimSpace(body) == "" {
		return nil, secrets, errNothing
	}
	if err := place(where); err != nil {
		return nil, secrets, err
	}
	request, err := http.NewRequestWithContext(ctx, t.Method, where, strings.NewReader(body))
	if err != nil {
		return nil, secrets, errors.New("make request: its URL cannot be read")
	}
	request.Header.Set("User-Agent", p.agent)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(HeaderID, n.ID)
	for _, h := range t.Headers {
		value := h.Value
		if h.ValueFile != "" {
			secret, err := secretIn(h.ValueFile)
			if err != nil {
				return nil, secrets, fmt.Errorf("read header %s: %w", h.Name, err)
			}
			secrets, value = append(secrets, secret), h.Prefix+secret
		}
		request.Header.Set(h.Name, value)
	}
	if t.SecretFile != "" {
		secret, err := secretIn(t.SecretFile)
		if err != nil {
			return nil, secrets, fmt.Errorf("read secret: %w", err)
		}
		secrets = append(secrets, secret)
		request.Header.Set(HeaderSignature, sign(secret, body))
	}
	return request, secrets, nil
}

// where is the URL of a notice.
func (p *poster) where(n Notice) (string, error) {
	if p.target.URLFile != "" {
		text, err := secretIn(p.target.URLFile)
		if err != nil {
			return "", fmt.Errorf("read URL: %w", err)
		}
		return text, nil
	}
	text, err := render(p.target.url, n)
	if err != nil {
		return "", fmt.Errorf("render url: %w", err)
	}
	return strings.TrimSpace(text), nil
}

// renew makes the client anew when what it is to trust has changed.
func (p *poster) renew() error {
	var ca []byte
	if p.target.CAFile != "" {
		var err error
		if ca, err = os.ReadFile(p.target.CAFile); err != nil {
			return fmt.Errorf("read CA file: %w", err)
		}
	}
	if p.client != nil && bytes.Equal(ca, p.ca) {
		return nil
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() // it has the proxy of the environment
	if ca != nil {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(ca) {
			return fmt.Errorf("read CA file: no certificate in %s", p.target.CAFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	if p.dial != nil {
		transport.DialContext = p.dial
	}
	p.close()
	p.ca = ca
	p.client = &http.Client{
		Transport: transport,
		// What is secret goes where it was meant to go.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return nil
}

// close gives back idle connections.
func (p *poster) close() {
	if p.client != nil {
		p.client.CloseIdleConnections()
	}
}

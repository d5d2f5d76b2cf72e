package load

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// multiplexer makes requests over HTTP/2. It is safe for concurrent use: that is its point.
type multiplexer struct {
	transport *http.Transport
}

func newMultiplexer(guard *guard, target Target) *multiplexer {
	settings := target.TLS.Clone()
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	return &multiplexer{transport: &http.Transport{
		Protocols: protocols,
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			plain, err := guard.dial(ctx, target.Address)
			if err != nil {
				return nil, dialFailure(err)
			}
			settings := settings.Clone()
			settings.NextProtos = []string{"h2"}
			if settings.ServerName == "" {
				settings.ServerName, _, _ = strings.Cut(target.host(), ":")
			}
			conn := tls.Client(plain, settings)
			shaking, done := context.WithTimeout(ctx, 5*time.Second)
			defer done()
			if err := conn.HandshakeContext(shaking); err != nil {
				_ = plain.Close() // it is of no use
				return nil, &failed{kindOf(err, false), err}
			}
			return conn, nil
		},
	}}
}

// Close ends the connections that are idle.
func (m *multiplexer) Close() { m.transport.CloseIdleConnections() }

func (m *multiplexer) call(ctx context.Context, asked question) (answer, error) {
	ctx, done := context.WithTimeout(ctx, asked.job.Timeout)
	defer done()
	var body io.Reader
	if asked.body != nil {
		body = bytes.NewReader(asked.body)
	}
	request, err := http.NewRequestWithContext(ctx, asked.method(), "https://"+asked.job.Target.host()+asked.path(), body)
	if err != nil {
		return answer{}, &failed{Malformed, err}
	}
	if asked.job.Request == PostOnce {
		request.GetBody = nil
		request.Body = io.NopCloser(io.MultiReader(body))
		request.ContentLength = int64(len(asked.body))
	}
	response, err := m.transport.RoundTrip(request)
	if err != nil {
		if isGoAway(err) {
			return answer{}, &failed{GoAway, err}
		}
		return answer{}, &failed{kindOf(err, false), err}
	}
	defer func() {
		drain(response.Body)
		_ = response.Body.Close() // read as far as wanted
	}()
	return asked.judge(response)
}

// isGoAway: the server has ended the connection, and the client may not send the body once more. "cannot rewind body" is
// what net/http says where the connection had ended before the request was written (errCannotRewind in transport.go).
func isGoAway(err error) bool {
	for _, words := range []string{"GOAWAY", "graceful shutdown", "after Request.Body was written", "cannot rewind body after connection loss"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

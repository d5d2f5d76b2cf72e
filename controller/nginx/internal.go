package nginx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// answer is what the internal server said.
type answer struct {
	generation string
	word       string
}

// askTimeout bounds one question to the internal server.
const askTimeout = 2 * time.Second

var (
	// errRefused: nobody listens at the internal server's port.
	errRefused = errors.New("connection refused")
	// errStranger: somebody else answers there.
	errStranger = errors.New("another server answers there")
)

// ask asks the internal server, on a connection of its own: a kept one would stay with an old worker.
func ask(ctx context.Context, m machine, at netip.AddrPort, path string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at.String()+path, nil)
	if err != nil {
		return answer{}, fmt.Errorf("ask nginx: %w", err)
	}
	req.Host = "segue.internal"
	req.Close = true
	transport := &http.Transport{DisableKeepAlives: true, DialContext: m.dial}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if errors.Is(err, errRefused) {
		return answer{}, errRefused
	}
	if err != nil {
		return answer{}, fmt.Errorf("ask nginx: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 256))
	if err != nil {
		return answer{}, fmt.Errorf("ask nginx: %w", err)
	}
	words := strings.Fields(string(body))
	if resp.StatusCode != http.StatusOK || len(words) != 2 {
		return answer{}, fmt.Errorf("ask nginx at %s: %w (status %d)", at, errStranger, resp.StatusCode)
	}
	return answer{generation: words[0], word: words[1]}, nil
}

package load

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"

	"github.com/coder/websocket"
)

// socketHolder holds one websocket and sends messages over it. A socket that the service closes with 1000 or 1001 is
// no failure: the next message opens another. Not safe for concurrent use.
type socketHolder struct {
	guard *guard
	conn  *websocket.Conn
	from  answer
}

// Close says goodbye.
func (h *socketHolder) Close() {
	if h.conn != nil {
		_ = h.conn.Close(websocket.StatusNormalClosure, "") // it is over either way
	}
}

// call sends one message and wants it back. closed says that the service closed the socket properly instead.
func (h *socketHolder) call(ctx context.Context, asked question, address string, n int64) (from answer, closed bool, err error) {
	ctx, done := context.WithTimeout(ctx, asked.job.Timeout)
	defer done()
	if h.conn == nil {
		if err := h.open(ctx, asked, address); err != nil {
			return h.from, false, err
		}
	}
	sent := strconv.FormatInt(n, 10)
	err = h.conn.Write(ctx, websocket.MessageText, []byte(sent))
	var got []byte
	// A failed write may be the answer to a close frame that only Read sees.
	_, got, readErr := h.conn.Read(ctx)
	if readErr != nil {
		err = readErr
	}
	if err == nil && string(got) == sent {
		return h.from, false, nil
	}
	conn := h.conn
	h.conn = nil
	defer func() { _ = conn.CloseNow() }() // its fate is known already
	if err == nil {
		return h.from, false, failure(WrongBody, "sent %q, got %q", sent, got)
	}
	switch status := websocket.CloseStatus(err); {
	case status == websocket.StatusGoingAway, status == websocket.StatusNormalClosure:
		return h.from, true, nil
	case errors.Is(err, context.DeadlineExceeded):
		return h.from, false, &failed{Timeout, err}
	default:
		return h.from, false, &failed{Cut, err}
	}
}

func (h *socketHolder) open(ctx context.Context, asked question, address string) error {
	var dialled error
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := h.guard.dial(ctx, address)
			if err != nil {
				dialled = dialFailure(err)
				return nil, dialled
			}
			return conn, nil
		},
	}
	target := asked.job.Target
	//nolint:bodyclose // Dial's contract: nobody has to close it
	conn, response, err := websocket.Dial(ctx, "ws://"+target.host()+target.Path+"/socket", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Host: target.host(),
	})
	switch {
	case err == nil:
	case dialled != nil:
		return dialled
	case response != nil && response.StatusCode == http.StatusServiceUnavailable && response.Header.Get("Retry-After") != "":
		return &failed{Unavailable, err}
	case response != nil && response.StatusCode != http.StatusSwitchingProtocols:
		return &failed{Failure(strconv.Itoa(response.StatusCode)), err}
	default:
		return &failed{kindOf(err, false), err}
	}
	_, hello, err := conn.Read(ctx)
	if err != nil {
		_ = conn.CloseNow() // it is of no use
		if status := websocket.CloseStatus(err); status == websocket.StatusGoingAway {
			return failure(EOF, "closed before it said who it is: %w", err)
		}
		return &failed{Cut, err}
	}
	var who struct{ Service, Version, Instance string }
	if err := json.Unmarshal(hello, &who); err != nil || who.Service != target.Service {
		_ = conn.CloseNow() // it is of no use
		return failure(WrongService, "%s", hello)
	}
	h.conn, h.from = conn, answer{who.Service, who.Version, who.Instance}
	return nil
}

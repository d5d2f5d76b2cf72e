package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
)

// ErrNotRunning: nobody answers at the socket.
var ErrNotRunning = errors.New("no segue run")

// Client asks the controller that answers at a socket. It implements Service and may be used from several goroutines.
type Client struct {
	socket string
	http   *http.Client
}

var _ Service = (*Client)(nil)

// NewClient makes a client; it connects when it is asked something.
func NewClient(socket string) *Client {
	var dialer net.Dialer
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		},
		MaxIdleConnsPerHost: 4,
	}
	return &Client{socket: socket, http: &http.Client{Transport: transport}}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// List asks Service.List.
func (c *Client) List(ctx context.Context, query Query) (List, error) {
	return put[List](ctx, c, "list", query)
}

// Apply asks Service.Apply.
func (c *Client) Apply(ctx context.Context, request ApplyRequest) (ApplyResult, error) {
	return put[ApplyResult](ctx, c, "apply", request)
}

// Plan asks Service.Plan.
func (c *Client) Plan(ctx context.Context, request ApplyRequest) (PlanResult, error) {
	return put[PlanResult](ctx, c, "plan", request)
}

// Delete asks Service.Delete.
func (c *Client) Delete(ctx context.Context, request DeleteRequest) (ApplyResult, error) {
	return put[ApplyResult](ctx, c, "delete", request)
}

// Intend asks Service.Intend.
func (c *Client) Intend(ctx context.Context, intent Intent) (ApplyResult, error) {
	return put[ApplyResult](ctx, c, "intend", intent)
}

// Steer asks Service.Steer.
func (c *Client) Steer(ctx context.Context, order SourceOrder) (SourceResult, error) {
	return put[SourceResult](ctx, c, "steer", order)
}

// Version asks Service.Version.
func (c *Client) Version(ctx context.Context) (Version, error) {
	var version Version
	body, _, err := c.send(ctx, http.MethodGet, "version", nil)
	if err != nil {
		return version, err
	}
	defer func() { _ = body.Close() }() // it was read
	if err := json.NewDecoder(body).Decode(&version); err != nil {
		return version, c.lost(err)
	}
	return version, nil
}

// Watch asks Service.Watch. The end of the controller is an error.
func (c *Client) Watch(ctx context.Context, query Query, each func(Status) error) error {
	if err := lines(ctx, c, "watch", query, each); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.lost(io.EOF)
}

// Events asks Service.Events. With Follow the end of the controller is an error.
func (c *Client) Events(ctx context.Context, query EventQuery, each func(Event) error) error {
	if err := lines(ctx, c, "events", query, each); err != nil {
		return err
	}
	if query.Follow && ctx.Err() == nil {
		return c.lost(io.EOF)
	}
	return ctx.Err()
}

// Logs asks Service.Logs.
func (c *Client) Logs(ctx context.Context, query LogQuery, to io.Writer) error {
	body, trailer, err := c.post(ctx, "logs", query)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was read
	if _, err := io.Copy(to, body); err != nil {
		return c.cut(ctx, err)
	}
	return refusalIn(trailer)
}

// put sends a question and reads one answer.
func put[A any](ctx context.Context, c *Client, call string, question any) (A, error) {
	var answer A
	body, _, err := c.post(ctx, call, question)
	if err != nil {
		return answer, err
	}
	defer func() { _ = body.Close() }() // it was read
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return answer, c.cut(ctx, err)
	}
	return answer, nil
}

// lines sends a question and hands over each line of the answer.
func lines[A any](ctx context.Context, c *Client, call string, question any, each func(A) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, trailer, err := c.post(ctx, call, question)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was read
	decoder := json.NewDecoder(bufio.NewReader(body))
	for {
		var value A
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return refusalIn(trailer)
		}
		if err != nil {
			return c.cut(ctx, err)
		}
		if err := each(value); err != nil {
			return err
		}
	}
}

func (c *Client) post(ctx context.Context, call string, question any) (io.ReadCloser, http.Header, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return nil, nil, fmt.Errorf("write request: %w", err)
	}
	return c.send(ctx, http.MethodPost, call, body)
}

// send returns the body of a good answer, which the caller closes, and the trailer, which is complete when the body
// was read to its end.
func (c *Client) send(ctx context.Context, method, call string, body []byte) (io.ReadCloser, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://segue/v1/"+call, bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("make request: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, nil, c.unreachable(ctx, err)
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, response.Trailer, nil
	}
	defer func() { _ = response.Body.Close() }() // it was read
	var refusal Refusal
	if err := json.NewDecoder(io.LimitReader(response.Body, maxQuestion)).Decode(&refusal); err != nil {
		return nil, nil, fmt.Errorf("%s answered %s to %s; are the command and `segue run` of the same version?", c.socket, response.Status, call)
	}
	return nil, nil, refusal.err()
}

// err is the error that the server had: a *Refusal where somebody branches on it.
func (r *Refusal) err() error {
	if r.Kind == "" {
		return errors.New(r.Message)
	}
	return r
}

func refusalIn(trailer http.Header) error {
	text := trailer.Get(refusalTrailer)
	if text == "" {
		return nil
	}
	var refusal Refusal
	if err := json.Unmarshal([]byte(text), &refusal); err != nil {
		return fmt.Errorf("read trailer: %w", err)
	}
	return refusal.err()
}

func (c *Client) unreachable(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w at %s", ErrNotRunning, c.socket)
	case errors.Is(err, os.ErrPermission):
		return &Refusal{Kind: Invalid, Message: fmt.Sprintf("you may not talk to segue at %s; use sudo, or join the group of `segue run --socket-group`", c.socket)}
	default:
		return fmt.Errorf("ask segue at %s: %w", c.socket, err)
	}
}

// cut is why an answer ended early.
func (c *Client) cut(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.lost(err)
}

func (c *Client) lost(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
		return fmt.Errorf("%w at %s any more: it stopped while it was asked", ErrNotRunning, c.socket)
	}
	return fmt.Errorf("read answer of %s: %w", c.socket, err)
}

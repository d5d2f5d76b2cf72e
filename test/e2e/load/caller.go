package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// caller makes one request after the other over HTTP/1.1 on raw sockets, so that nothing between it and the kernel
// repairs what went wrong. It keeps at most one connection per address. Not safe for concurrent use.
type caller struct {
	guard *guard
	kept  map[string]*connection
}

type connection struct {
	net.Conn
	reader *bufio.Reader
}

func newCaller(guard *guard) *caller { return &caller{guard: guard, kept: map[string]*connection{}} }

// Close ends the connections that were kept.
func (c *caller) Close() {
	for _, conn := range c.kept {
		_ = conn.Close() // nothing is owed to it
	}
	clear(c.kept)
}

// call makes the request once.
func (c *caller) call(ctx context.Context, asked question, address string) (answer, error) {
	ctx, done := context.WithTimeout(ctx, asked.job.Timeout)
	defer done()
	conn, err := c.connection(ctx, asked.job.Client, address)
	if err != nil {
		return answer{}, err
	}
	from, reusable, err := conn.exchange(ctx, asked)
	if err == nil && reusable && asked.job.Client != OneShot {
		c.kept[address] = conn
	} else {
		_ = conn.Close() // its fate is known already
	}
	return from, err
}

// connection gives the kept one, and takes it out of those, or a new one.
func (c *caller) connection(ctx context.Context, client Client, address string) (*connection, error) {
	if kept, ok := c.kept[address]; ok {
		delete(c.kept, address)
		if client == Naive || kept.quiet() {
			return kept, nil
		}
		_ = kept.Close() // the server has ended it
	}
	conn, err := c.guard.dial(ctx, address)
	if err != nil {
		return nil, dialFailure(err)
	}
	return &connection{Conn: conn, reader: bufio.NewReader(conn)}, nil
}

// quiet says whether the server has sent nothing, not even a FIN, since the last answer.
func (c *connection) quiet() bool {
	if c.reader.Buffered() > 0 {
		return false
	}
	socket, ok := c.Conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	quiet := false
	err = raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return err == nil && quiet
}

// exchange sends the request and reads the answer; reusable, whether the connection may carry another.
func (c *connection) exchange(ctx context.Context, asked question) (from answer, reusable bool, err error) {
	deadline, _ := ctx.Deadline()
	if err := c.SetDeadline(deadline); err != nil {
		return answer{}, false, &failed{kindOf(err, false), err}
	}
	if _, err := c.Write(asked.bytes()); err != nil {
		return answer{}, false, &failed{kindOf(err, false), err}
	}
	if _, err := c.reader.Peek(1); err != nil {
		return answer{}, false, &failed{kindOf(err, false), err}
	}
	response, err := http.ReadResponse(c.reader, &http.Request{Method: asked.method()})
	if err != nil {
		if _, ended := c.reader.Peek(1); ended != nil {
			err = io.ErrUnexpectedEOF // what looks malformed is half a line
		}
		return answer{}, false, &failed{kindOf(err, true), err}
	}
	defer func() { _ = response.Body.Close() }() // read to its end by judge
	from, err = asked.judge(response)
	if err == nil && c.reader.Buffered() > 0 {
		err = failure(Malformed, "%d bytes after the answer", c.reader.Buffered())
	}
	return from, !response.Close, err
}

// bytes is the request as it goes over the wire.
func (q question) bytes() []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", q.method(), q.path(), q.job.Target.host())
	if q.job.Client == OneShot {
		text.WriteString("Connection: close\r\n")
	}
	if q.body != nil {
		text.WriteString("Content-Type: text/plain\r\nContent-Length: " + strconv.Itoa(len(q.body)) + "\r\n")
	}
	text.WriteString("\r\n")
	text.Write(q.body)
	return text.Bytes()
}

// drain reads what is left of a body that nobody wants, for its connection's sake.
func drain(body io.Reader) {
	_, _ = io.Copy(io.Discard, io.LimitReader(body, 1<<20)) // else the connection is lost
}

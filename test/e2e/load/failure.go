package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/net/http2"
)

// Failure is a kind of failure. Statuses are "502", "503" and so on.
type Failure string

// The kinds of failure beside statuses.
const (
	Refused     Failure = "dial refused"
	DialTimeout Failure = "dial timeout"
	DialOther   Failure = "dial"
	Reset       Failure = "reset"
	// EOF is the end of the connection where an answer should have begun.
	EOF     Failure = "EOF"
	Timeout Failure = "timeout"
	// Truncated is an answer that ended early.
	Truncated    Failure = "truncated"
	WrongService Failure = "wrong service"
	WrongBody    Failure = "wrong body"
	// Unavailable is a 503 with Retry-After: what segue promises where nothing can serve.
	Unavailable Failure = "503 Retry-After"
	// GoAway is a request that HTTP/2's GOAWAY refused and whose body the client could not send again.
	GoAway Failure = "GOAWAY"
	// Cut is a websocket that ended without a close frame, or with another than 1000 and 1001.
	Cut Failure = "websocket cut"
	// NoInstance: the registry's answer had no instance to call.
	NoInstance Failure = "no instance"
	Malformed  Failure = "malformed"
	// Forbidden is an address that load may not aim at.
	Forbidden Failure = "forbidden address"
)

// failed is an error whose kind is known.
type failed struct {
	kind Failure
	err  error
}

func (f *failed) Error() string {
	if f.err == nil {
		return string(f.kind)
	}
	return string(f.kind) + ": " + f.err.Error()
}

func (f *failed) Unwrap() error { return f.err }

func failure(kind Failure, format string, values ...any) error {
	return &failed{kind: kind, err: fmt.Errorf(format, values...)}
}

// dialFailure says why a connection could not be made.
func dialFailure(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return &failed{Refused, err}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &failed{DialTimeout, err}
	case strings.Contains(err.Error(), "load may not aim"):
		return &failed{Forbidden, err}
	default:
		return &failed{DialOther, err}
	}
}

// kindOf says what kind of failure err is; begun, whether an answer had begun.
func kindOf(err error, begun bool) Failure {
	var known *failed
	var timeout net.Error
	var stream http2.StreamError
	switch {
	case errors.As(err, &known):
		return known.kind
	case errors.As(err, &stream):
		return Reset
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	case begun && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)):
		return Truncated
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return EOF
	default:
		return Malformed
	}
}

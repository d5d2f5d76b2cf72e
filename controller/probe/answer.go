package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"unicode"

	"github.com/segue-dev/segue/reconcile"
)

// wordsLimit bounds what is kept of an answer, in characters.
const wordsLimit = 200

// answer is one question's outcome.
type answer struct {
	// verdict is Yes, No, or Unknown when the question could not be put.
	verdict reconcile.Tri
	// words are the question and the answer, for people.
	words string
}

// answered puts question and outcome into words.
func answered(verdict reconcile.Tri, asked, outcome string) answer {
	return answer{verdict: verdict, words: bounded(asked + " → " + outcome)}
}

// ours are the errors that speak of segue's host and not of the instance. EHOSTUNREACH is the host's own kernel finding
// nobody at the address; an instance that is merely silent is a timeout.
var ours = []error{
	syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL, syscall.ENETUNREACH,
	syscall.ENETDOWN, syscall.EHOSTUNREACH, syscall.EPERM, syscall.EACCES, syscall.EAFNOSUPPORT, syscall.EINVAL,
}

// unanswered judges the error of a connection: a refusal, a reset, a silence or a broken answer is the instance's.
func unanswered(asked string, err error) answer {
	if errors.Is(err, context.Canceled) {
		return answered(reconcile.Unknown, asked, "not asked: "+context.Canceled.Error())
	}
	var timeout interface{ Timeout() bool }
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return answered(reconcile.No, asked, "timed out")
	}
	for _, side := range ours {
		if errors.Is(err, side) {
			return answered(reconcile.Unknown, asked, "not asked: "+side.Error())
		}
	}
	return answered(reconcile.No, asked, reason(err))
}

// reason is the innermost words of an error: the outer ones repeat the address.
func reason(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	if header := (tls.RecordHeaderError{}); errors.As(err, &header) {
		return "does not speak TLS"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// firstLine is the first line of a body that says anything, in printable characters.
func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body[:min(len(body), 4*wordsLimit)])), "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, line))
}

// bounded cuts words at the limit.
func bounded(words string) string {
	runes := []rune(words)
	if len(runes) <= wordsLimit {
		return words
	}
	return string(runes[:wordsLimit-1]) + "…"
}

// exited puts the end of a command into words.
func exited(code int, output []byte) string {
	return strings.TrimSpace(fmt.Sprintf("exit %d %s", code, firstLine(output)))
}

package main

import "io"

// latch keeps the first error of writing, so that nobody else need look: an answer that did not arrive is no success.
type latch struct {
	to  io.Writer
	err error
}

func (l *latch) Write(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.to.Write(p)
	l.err = err
	return n, err
}

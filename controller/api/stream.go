package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// refusalTrailer carries, as JSON, the error that ended a stream that had begun.
const refusalTrailer = "Segue-Refusal"

// stream is an answer in pieces, each of which is sent at once. Before the first piece an error still is a status
// code; after it, it is a trailer.
type stream struct {
	to    http.ResponseWriter
	begun bool
}

func (s *stream) begin(contentType string) {
	if s.begun {
		return
	}
	s.begun = true
	s.to.Header().Set("Content-Type", contentType)
	s.to.Header().Set("Trailer", refusalTrailer)
}

// Write sends a piece of plain text.
func (s *stream) Write(piece []byte) (int, error) {
	s.begin("text/plain; charset=utf-8")
	n, err := s.to.Write(piece)
	if err != nil {
		return n, err
	}
	return n, http.NewResponseController(s.to).Flush()
}

// line sends one JSON value.
func (s *stream) line(value any) error {
	s.begin("application/jsonl")
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	if _, err := s.to.Write(append(text, '\n')); err != nil {
		return err
	}
	return http.NewResponseController(s.to).Flush()
}

// end tells how the stream ended. The end of ctx is no error: the caller left, or segue stops.
func (s *stream) end(err error, ctx context.Context) {
	if err == nil || ctx.Err() != nil {
		s.begin("application/jsonl")
		return
	}
	if !s.begun {
		refuse(s.to, err)
		return
	}
	text, _ := json.Marshal(refusalOf(err)) // two strings
	s.to.Header().Set(refusalTrailer, string(text))
}

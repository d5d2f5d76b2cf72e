package eureka

import (
	"fmt"
	"net/http"
)

// AnswerError is an answer that is none of those that the protocol allows.
type AnswerError struct {
	Method string
	URL    string
	Code   int
}

func (e *AnswerError) Error() string {
	message := fmt.Sprintf("%s %s: answered %d", e.Method, e.URL, e.Code)
	switch {
	case e.Code == http.StatusUnauthorized:
		return message + " (the credentials are refused)"
	case e.Code == http.StatusForbidden && e.Method != http.MethodGet:
		return message + " (writes are refused: CSRF protection must exempt /eureka/**)"
	case e.Code == http.StatusForbidden:
		return message + " (still warming up, or reading is refused)"
	}
	return message
}

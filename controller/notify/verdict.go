package notify

import (
	"net/http"
	"strconv"
	"time"
)

// verdict is what became of one request.
type verdict struct {
	fate fate
	// reason is why it was not taken, without secrets.
	reason string
	// after is how long the receiver asks to be left alone.
	after time.Duration
}

// fate is what is to be done with a notice.
type fate int8

const (
	// taken: the receiver has it.
	taken fate = iota
	// later: it is to be sent again.
	later
	// never: sending it again would not help.
	never
)

// maxAfter is the longest that a receiver may ask to be left alone.
const maxAfter = 10 * time.Minute

// judgeAnswer says what an HTTP answer means. Its body is left out: it may repeat what is secret.
func judgeAnswer(answer *http.Response) verdict {
	code := answer.StatusCode
	said := "it answered " + strconv.Itoa(code) + " " + http.StatusText(code)
	switch {
	case code >= 200 && code < 300:
		return verdict{fate: taken}
	case code >= 300 && code < 400:
		return verdict{fate: never, reason: said + ", which is not followed: write the URL that it leads to"}
	case code >= 500 || code == http.StatusRequestTimeout || code == http.StatusTooEarly || code == http.StatusTooManyRequests:
		v := verdict{fate: later, reason: said}
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
			v.after = min(time.Duration(seconds)*time.Second, maxAfter)
		}
		return v
	default:
		return verdict{fate: never, reason: said}
	}
}

package notify

import (
	"fmt"
	"time"
)

// lossPause is how long losses are counted before they are told of again: a thousand of them are one event.
const lossPause = time.Minute

// loss counts the notices that were given up.
type loss struct {
	count  int
	reason string
	toldAt time.Time
}

func (l *loss) add(reason string) { l.count, l.reason = l.count+1, reason }

// due is when the losses are to be told of; zero when there are none.
func (l *loss) due() time.Time {
	if l.count == 0 {
		return time.Time{}
	}
	return l.toldAt.Add(lossPause)
}

// take gives the sentence about them and begins to count anew.
func (l *loss) take(now time.Time) string {
	words := "a notification was dropped: "
	if l.count > 1 {
		words = fmt.Sprintf("%d notifications were dropped; the last one: ", l.count)
	}
	words += l.reason
	l.count, l.toldAt = 0, now
	return words
}

package nginx

import "strings"

// refusal says that nginx did not take a configuration.
type refusal struct {
	server string
	// text begins with what was tried and ends with nginx's own line, which names file and line.
	text string
	// wish: it is due to what was wished, so another wish may fare better alone.
	wish bool
}

func (r *refusal) Error() string { return "nginx " + r.server + ": " + r.text }

// complaint is nginx's first [emerg] without the words that are the same each time.
func complaint(diagnostics []byte) string {
	return strings.TrimPrefix(lastComplaint(diagnostics), "[emerg] ")
}

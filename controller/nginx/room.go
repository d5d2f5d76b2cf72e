package nginx

import "strings"

// reasonOf is why nothing was changed, and where there is no room to write, what to do about it. On another machine all
// that is known are its words.
func (c *change) reasonOf(err error) string {
	said := err.Error()
	for _, full := range []string{"no space left on device", "disk quota exceeded"} {
		if strings.Contains(strings.ToLower(said), full) {
			return said + "; what is served stays: make room on the file system of " + c.turns[0].site.spec.ConfDir + ", it is tried again every few seconds"
		}
	}
	return said
}

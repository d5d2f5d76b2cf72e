package spec

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// PortRef is a port's number or its name among the template's ports, as written.
type PortRef string

// MarshalJSON writes a number as a number and a name as a string.
func (p PortRef) MarshalJSON() ([]byte, error) {
	if n, err := strconv.Atoi(string(p)); err == nil {
		return json.Marshal(n)
	}
	return json.Marshal(string(p))
}

// UnmarshalJSON reads a number or a string.
func (p *PortRef) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, (*string)(p))
	}
	*p = PortRef(data)
	return nil
}

func (p PortRef) number() (int, error) { return strconv.Atoi(string(p)) }

// defaulted is the port's number, the only port's when nothing is written; as it is where there is no such port.
func (p PortRef) defaulted(t Template) PortRef {
	number, err := t.Port(p)
	if err != nil {
		return p
	}
	return PortRef(strconv.Itoa(number))
}

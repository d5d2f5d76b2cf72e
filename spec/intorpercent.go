package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// IntOrPercent is a count ("2") or a share of replicas ("25%"), as written.
type IntOrPercent string

// Of gives the count for so many replicas. Shares round up when roundUp is set, as Kubernetes does for
// maxSurge, and down otherwise, as it does for maxUnavailable: 25% of 3 is 1 or 0.
func (v IntOrPercent) Of(replicas int, roundUp bool) (int, error) {
	share, isShare := strings.CutSuffix(string(v), "%")
	n, err := strconv.Atoi(share)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("read %q: want a whole number or a percentage such as 25%%", string(v))
	}
	if !isShare {
		return n, nil
	}
	if roundUp {
		return (n*replicas + 99) / 100, nil
	}
	return n * replicas / 100, nil
}

// MarshalJSON writes a count as a number and a share as a string.
func (v IntOrPercent) MarshalJSON() ([]byte, error) {
	if n, err := strconv.Atoi(string(v)); err == nil {
		return json.Marshal(n)
	}
	return json.Marshal(string(v))
}

// UnmarshalJSON reads a number or a string.
func (v *IntOrPercent) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, (*string)(v))
	}
	*v = IntOrPercent(data)
	return nil
}

package eureka

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Eureka servers of different ages write numbers and booleans as themselves or as strings, and lists of one as the one.

// integer reads 8080 and "8080"; null and "" are 0.
type integer int64

func (i *integer) UnmarshalJSON(data []byte) error {
	text := unquoted(data)
	if text == "" || text == "null" {
		*i = 0
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("read number %q: %w", text, err)
	}
	*i = integer(n)
	return nil
}

// truth reads true and "true".
type truth bool

func (t *truth) UnmarshalJSON(data []byte) error {
	*t = unquoted(data) == "true"
	return nil
}

// text reads "a", 1 and true alike; null is "".
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, (*string)(t))
	}
	*t = text(unquoted(data))
	if *t == "null" {
		*t = ""
	}
	return nil
}

func unquoted(data []byte) string { return string(bytes.Trim(bytes.TrimSpace(data), `"`)) }

// list reads [a, b], a bare a, and null.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	*l = nil
	if bytes.Equal(data, []byte("null")) || bytes.Equal(data, []byte(`""`)) {
		return nil
	}
	if bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, (*[]T)(l))
	}
	var one T
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*l = list[T]{one}
	return nil
}

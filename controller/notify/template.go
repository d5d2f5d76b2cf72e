package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// functions are what a template may call beside text/template's own.
var functions = template.FuncMap{
	"json":  quote,
	"short": func(hash string) string { return hash[:min(len(hash), 7)] },
	"cut":   cut,
	"lower": strings.ToLower,
	"upper": strings.ToUpper,
	"path":  url.PathEscape,
}

// quote is a value as JSON: a string with its quotes.
func quote(value any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

// cut shortens a text to n letters.
func cut(n int, text string) string {
	letters := []rune(text)
	if len(letters) <= n || n < 1 {
		return text
	}
	return string(letters[:n-1]) + "…"
}

func render(t *template.Template, n Notice) (string, error) {
	var text strings.Builder
	if err := t.Execute(&text, n); err != nil {
		return "", err
	}
	return text.String(), nil
}

var (
	templateError = regexp.MustCompile(`^template: [^:]*:(\d+)(?::\d+)?: (?s:(.*))$`)
	executing     = regexp.MustCompile(`^executing "[^"]*" at <([^>]*)>: `)
	noField       = regexp.MustCompile(`can't evaluate field (\w+) in type`)
)

// explain takes a template's error apart: the line in it, and what is wrong.
func explain(err error) (line int, message string) {
	message = err.Error()
	if found := templateError.FindStringSubmatch(message); found != nil {
		line, _ = strconv.Atoi(found[1]) // the expression lets nothing but digits through
		message = found[2]
	}
	message = executing.ReplaceAllString(message, "$1: ")
	if found := noField.FindStringSubmatch(message); found != nil {
		message = fmt.Sprintf("there is no field %s; there are %s", found[1], strings.Join(fields(), ", "))
	}
	return line, message
}

// fields are what a template may name.
func fields() []string {
	var names []string
	of := reflect.TypeFor[Notice]()
	for i := range of.NumField() {
		names = append(names, of.Field(i).Name)
	}
	return names
}

package spec

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	plainInteger = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
	oldOctal     = regexp.MustCompile(`^[-+]?0[0-7_]+$`)
	yamlInteger  = regexp.MustCompile(`^[-+]?(0o[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*)$`)
	yamlFloat    = regexp.MustCompile(`^[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$`)
)

// yamlTruth are the words that one YAML or another reads as true or false.
var yamlTruth = map[string]bool{"y": true, "yes": true, "true": true, "on": true, "n": false, "no": false, "false": false, "off": false}

// truth reads the word as YAML 1.1 does: lower case, UPPER CASE or Title case.
func truth(word string) (value, isTruth bool) {
	lower := strings.ToLower(word)
	if lower == "" {
		return false, false
	}
	if word != lower && word != strings.ToUpper(word) && word != strings.ToUpper(word[:1])+lower[1:] {
		return false, false
	}
	value, isTruth = yamlTruth[lower]
	return value, isTruth
}

// isNull says whether nothing stands there: an empty value, ~ or null, unquoted.
func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && isPlain(node) && (node.ShortTag() == "!!null" || node.Value == "")
}

// isPlain says whether a scalar is neither quoted nor a block nor tagged, so that YAML gives it a type by its looks.
func isPlain(node *yaml.Node) bool {
	return node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0
}

// PlainReading says what YAML makes of an unquoted text where a string is meant, as `the number 493` or `true`; "" when it
// stays the string that is written.
func PlainReading(text string) string { return changed(text) }

// changed says what YAML makes of a plain scalar, as `the number 493`; "" when it stays the string that is written.
func changed(text string) string {
	if value, isTruth := truth(text); isTruth {
		return strconv.FormatBool(value)
	}
	if yamlInteger.MatchString(text) || oldOctal.MatchString(text) {
		return "the number " + integerOf(text)
	}
	if yamlFloat.MatchString(text) {
		return "the number " + floatOf(text)
	}
	return ""
}

func integerOf(text string) string {
	digits := strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", "")
	base := 10
	switch unsigned := strings.TrimPrefix(digits, "-"); {
	case oldOctal.MatchString(unsigned):
		base = 8
	case len(unsigned) > 2 && unsigned[0] == '0' && unsigned[1] > '9':
		base = 0
	}
	value, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return digits
	}
	return value.String()
}

func floatOf(text string) string {
	value, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", ""), 64)
	if err != nil {
		return strings.TrimPrefix(text, "+")
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

// asString is a scalar where a string is meant. Plain decimal integers are kept as written; so are true and false
// where loose is set, and plain fractions where fraction is set. What YAML would change is refused, with the quoted form.
func asString(node *yaml.Node, loose, fraction bool) (string, error) {
	if !isPlain(node) {
		if tag := node.ShortTag(); tag != "!!str" {
			return "", fmt.Errorf("tagged %s; a string is wanted", tag)
		}
		return node.Value, nil
	}
	text := node.Value
	if plainInteger.MatchString(text) || loose && (text == "true" || text == "false") || fraction && plainFraction.MatchString(text) {
		return text, nil
	}
	switch reading := changed(text); reading {
	case "":
		return text, nil
	case text:
		return "", fmt.Errorf("%s is not a string; write %q", text, text)
	default:
		return "", fmt.Errorf("YAML reads %s as %s; write %q", text, reading, text)
	}
}

var plainFraction = regexp.MustCompile(`^[0-9]+\.[0-9]+$`)

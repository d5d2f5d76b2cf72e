package nginx

import (
	"strings"
)

// directive is one directive of a user's configuration and where it stands.
type directive struct {
	file string
	line int
	// block is the path of the enclosing blocks as "NAME ARGS#ORDINAL", outermost first. Includes are not followed: a
	// file that is included inside http begins with an empty path.
	block []string
	name  string
	args  []string
}

// parseConfig reads nginx syntax as far as words, ; and braces go. Broken syntax ends the list early: nginx -t has
// the last word on it.
func parseConfig(file string, text []byte) []directive {
	var (
		directives []directive
		words      []string
		block      []string
		word       strings.Builder
		quote      byte
		inWord     bool
		line, from = 1, 1
		blocks     int
	)
	endWord := func() {
		if inWord {
			words = append(words, word.String())
			word.Reset()
			inWord = false
		}
	}
	emit := func() {
		if len(words) > 0 {
			directives = append(directives, directive{file: file, line: from, block: append([]string(nil), block...), name: words[0], args: words[1:]})
		}
		words = nil
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\n' {
			line++
		}
		switch {
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			inWord = true
		case quote != 0:
			if c == quote {
				quote = 0
			} else {
				word.WriteByte(c)
			}
		case c == '#' && !inWord:
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case (c == '"' || c == '\'') && !inWord:
			quote, inWord = c, true
			if len(words) == 0 {
				from = line
			}
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			endWord()
		case c == ';':
			endWord()
			emit()
		case c == '{' && (!inWord || !strings.HasSuffix(word.String(), "$")):
			endWord()
			opened := strings.Join(words, " ")
			emit()
			blocks++
			block = append(block, opened+"#"+itoa(blocks))
		case c == '}' && !inWord:
			endWord()
			words = nil
			if len(block) > 0 {
				block = block[:len(block)-1]
			}
		default:
			if len(words) == 0 && !inWord {
				from = line
			}
			word.WriteByte(c)
			inWord = true
		}
	}
	return directives
}

// dumpHeader is what nginx -T prints before each file (src/core/nginx.c).
const dumpHeader = "# configuration file "

// parseDump splits the output of nginx -T into files and reads those that are not under ours.
func parseDump(dump []byte, ours string) []directive {
	var (
		directives []directive
		file       string
		body       strings.Builder
	)
	end := func() {
		if file != "" && !strings.HasPrefix(file, ours+"/") {
			directives = append(directives, parseConfig(file, []byte(body.String()))...)
		}
		body.Reset()
	}
	for _, line := range strings.SplitAfter(string(dump), "\n") {
		if rest, found := strings.CutPrefix(line, dumpHeader); found && strings.HasSuffix(strings.TrimSpace(rest), ":") {
			end()
			file = strings.TrimSuffix(strings.TrimSpace(rest), ":")
			continue
		}
		body.WriteString(line)
	}
	end()
	return directives
}

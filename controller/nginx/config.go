package nginx

import (
	"path/filepath"
	"slices"
	"strings"
)

// directive is one directive of a user's configuration and where it stands.
type directive struct {
	file string
	line int
	// block is the path of the enclosing blocks as "NAME ARGS#FILE:ORDINAL", outermost first. parseDump puts the blocks
	// of the include before those of the file.
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
			block = append(block, opened+"#"+file+":"+itoa(blocks))
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

// parseDump splits the output of nginx -T into files, the main file first, and reads those that are not under ours.
// loaded are the files under ours that the configuration includes, by their path below ours.
func parseDump(dump []byte, ours string) (directives []directive, loaded map[string]bool) {
	loaded = map[string]bool{}
	var (
		file string
		body strings.Builder
		main string
	)
	end := func() {
		if below, own := strings.CutPrefix(file, ours+"/"); own {
			loaded[below] = true
		} else if file != "" {
			directives = append(directives, parseConfig(file, []byte(body.String()))...)
		}
		body.Reset()
	}
	for _, line := range strings.SplitAfter(string(dump), "\n") {
		if rest, found := strings.CutPrefix(line, dumpHeader); found && strings.HasSuffix(strings.TrimSpace(rest), ":") {
			end()
			file = strings.TrimSuffix(strings.TrimSpace(rest), ":")
			if main == "" {
				main = file
			}
			continue
		}
		body.WriteString(line)
	}
	end()
	nest(directives, main)
	return directives, loaded
}

// nest puts the blocks around an include before those of the included file's directives. Patterns are relative to the
// main file's directory (ngx_conf_include). A file that is included twice belongs to the first place.
func nest(directives []directive, main string) {
	around := map[string][]string{main: {}}
	for again := true; again; {
		again = false
		for _, d := range directives {
			outer, reached := around[d.file]
			if !reached || d.name != "include" || len(d.args) != 1 {
				continue
			}
			pattern := absolute(filepath.Dir(main), d.args[0])
			for _, other := range directives {
				if _, found := around[other.file]; found {
					continue
				}
				if match, err := filepath.Match(pattern, other.file); err == nil && match {
					around[other.file] = append(slices.Clone(outer), d.block...)
					again = true
				}
			}
		}
	}
	for i, d := range directives {
		if outer := around[d.file]; len(outer) > 0 {
			directives[i].block = append(slices.Clone(outer), d.block...)
		}
	}
}

// at is FILE:LINE.
func (d directive) at() string { return d.file + ":" + itoa(d.line) }

// inside says whether one of the enclosing blocks has this name.
func (d directive) inside(name string) bool {
	return slices.ContainsFunc(d.block, func(b string) bool { return blockName(b) == name })
}

// blockName is the first word of a block.
func blockName(block string) string {
	head, _, _ := strings.Cut(block, "#")
	name, _, _ := strings.Cut(head, " ")
	return name
}

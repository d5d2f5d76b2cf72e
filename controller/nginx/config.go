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

// reader collects the directives of one file.
type reader struct {
	file       string
	directives []directive
	words      []string
	block      []string
	blocks     int
	word       strings.Builder
	inWord     bool
	// line is where the reader stands, from where the directive began.
	line, from int
}

// add puts a character to the word at hand, or begins one.
func (r *reader) add(c byte) {
	r.begin()
	r.word.WriteByte(c)
}

func (r *reader) begin() {
	if len(r.words) == 0 && !r.inWord {
		r.from = r.line
	}
	r.inWord = true
}

func (r *reader) endWord() {
	if r.inWord {
		r.words = append(r.words, r.word.String())
		r.word.Reset()
		r.inWord = false
	}
}

// end ends a directive, with ; or with its block.
func (r *reader) end() {
	r.endWord()
	if len(r.words) > 0 {
		r.directives = append(r.directives, directive{file: r.file, line: r.from, block: slices.Clone(r.block), name: r.words[0], args: r.words[1:]})
	}
	r.words = nil
}

func (r *reader) open() {
	r.endWord()
	opened := strings.Join(r.words, " ")
	r.end()
	r.blocks++
	r.block = append(r.block, opened+"#"+r.file+":"+itoa(r.blocks))
}

func (r *reader) close() {
	r.endWord()
	r.words = nil
	if len(r.block) > 0 {
		r.block = r.block[:len(r.block)-1]
	}
}

// parseConfig reads nginx syntax as far as words, ; and braces go. Broken syntax ends the list early: nginx -t has
// the last word on it.
func parseConfig(file string, text []byte) []directive {
	r := &reader{file: file, line: 1}
	var quote byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\n' {
			r.line++
		}
		switch {
		case c == '\\' && i+1 < len(text):
			i++
			r.add(text[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			r.add(c)
		case c == '#' && !r.inWord:
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case (c == '"' || c == '\'') && !r.inWord:
			quote = c
			r.begin()
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			r.endWord()
		case c == ';':
			r.end()
		case c == '{' && (!r.inWord || !strings.HasSuffix(r.word.String(), "$")):
			r.open()
		case c == '}' && !r.inWord:
			r.close()
		default:
			r.add(c)
		}
	}
	return r.directives
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

// text is the directive in words, as far as they need no quotes.
func (d directive) text() string {
	words := []string{d.name}
	for _, arg := range d.args {
		if strings.ContainsAny(arg, " \t\n\"'") {
			return strings.Join(append(words, "…"), " ")
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
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

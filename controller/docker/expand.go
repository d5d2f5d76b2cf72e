package docker

import "strings"

// expandAll replaces $(NAME) in a command as Kubernetes does: by the value of env; left as it is where env has no
// such name; $$(NAME) is a written $(NAME). Nil stays nil.
func expandAll(words []string, env map[string]string) []string {
	if words == nil {
		return nil
	}
	expanded := make([]string, len(words))
	for i, word := range words {
		expanded[i] = expand(word, env)
	}
	return expanded
}

func expand(word string, env map[string]string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(word, "$")
		out.WriteString(before)
		switch {
		case !found:
			return out.String()
		case strings.HasPrefix(after, "$"):
			out.WriteByte('$')
			word = after[1:]
			continue
		}
		name, rest, closed := strings.Cut(strings.TrimPrefix(after, "("), ")")
		value, known := env[name]
		if !strings.HasPrefix(after, "(") || !closed || !known {
			out.WriteByte('$')
			word = after
			continue
		}
		out.WriteString(value)
		word = rest
	}
}

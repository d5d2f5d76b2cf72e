package spec

import (
	"path/filepath"
	"regexp"
	"strings"
)

// The grammars of what people name. Whatever may reach nginx syntax lets through no white space, quotes, ; { } $ \ or #.
var (
	envNameGrammar  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
	dnsLabelGrammar = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	labelKeyGrammar = regexp.MustCompile(`^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$`)
	labelGrammar    = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$`)
	referGrammar    = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	portNameGrammar = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$`)
	slotGrammar     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]{0,30}[A-Za-z0-9])?$`)

	upstreamGrammar = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?$`)
	variableGrammar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
	hostnameGrammar = regexp.MustCompile(`^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)
	prefixGrammar   = regexp.MustCompile(`^(/[A-Za-z0-9._~!&()*+,=:@-]+)*/?$`)
	nginxFile       = regexp.MustCompile(`^(/[A-Za-z0-9._+@=-]+)+$`)
	bodySizeGrammar = regexp.MustCompile(`^[0-9]{1,15}(Ki|Mi|Gi|k|K|M|G)?$`)
	portSpanGrammar = regexp.MustCompile(`^([0-9]{1,5})-([0-9]{1,5})$`)

	imageGrammar     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._:/-]*[A-Za-z0-9])?(@sha256:[a-f0-9]{64})?$`)
	sshGrammar       = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_.-]*@)?([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9a-fA-F:.]+\])(:[1-9][0-9]{0,4})?$`)
	containerGrammar = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]+$`)
	userGrammar      = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)
	aliasGrammar     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62})$`)
	headerGrammar    = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	statusGrammar    = regexp.MustCompile(`^[1-5][0-9]{2}(-[1-5][0-9]{2})?(, ?[1-5][0-9]{2}(-[1-5][0-9]{2})?)*$`)
	modeGrammar      = regexp.MustCompile(`^0?[0-7]{3}$`)
	signalGrammar    = regexp.MustCompile(`^SIG([A-Z]+[0-9]?|RTMIN(\+[0-9]{1,2})?|RTMAX(-[0-9]{1,2})?)$`)
	eurekaGrammar    = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	eurekaIDGrammar  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$`)
	countOrShare     = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})%?$`)
)

// portRef says whether it is a port's number or name.
func portRef(text string) bool {
	return plainInteger.MatchString(text) || portNameGrammar.MatchString(text)
}

// cleanAbsolute says whether path is absolute and has no empty, . or .. parts, nor anything that ends a line or a bind.
func cleanAbsolute(path string) bool {
	return filepath.IsAbs(path) && filepath.Clean(path) == path && !strings.ContainsAny(path, "\x00\n\r:")
}

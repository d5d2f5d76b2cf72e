package spec

// maxName leaves room for -REVISION-N and .retired in a container's name and for a Deployment's in DNS.
const maxName = 50

func (c checker) metadata(m Metadata) {
	c.dnsLabel("metadata.name", m.Name)
	if m.Name == "" {
		c.problem("metadata.name", "required")
	}
	c.dnsLabel("metadata.namespace", m.Namespace)
	c.labels("metadata.labels", m.Labels)
	if drift, written := m.Annotations[DriftPolicy]; written && drift != "heal" && drift != "report" {
		c.problem(below("metadata.annotations", DriftPolicy), "%q; want heal or report", drift)
	}
	for key := range m.Annotations {
		if !labelKeyGrammar.MatchString(key) {
			c.problem(below("metadata.annotations", key), "%q is not an annotation's key; want letters, digits, - _ . and at most one /", key)
		}
	}
}

func (c checker) dnsLabel(path, name string) {
	if len(name) > maxName {
		c.problem(path, "%d characters; want at most %d", len(name), maxName)
		return
	}
	c.fits(path, name, dnsLabelGrammar, "lower-case letters, digits and -, as orders-v2")
}

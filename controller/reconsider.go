package controller

// reconsider has every source read again that was refused, but those of which the changes are: what it lacked, or what
// stood against it, may be otherwise now. So the order in which sources are read does not matter.
func (s *sources) reconsider(changes []change) {
	owners := map[string]bool{}
	for _, one := range changes {
		if one.after != nil {
			owners[one.after.Owner] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, f := range s.byName {
		r := s.control.objects.source(name)
		if owners[name] || f.refused == "" && (r == nil || r.Refused == "") {
			continue
		}
		if prompt, ok := f.source.(Prompt); ok {
			prompt.Now(false)
		}
	}
}

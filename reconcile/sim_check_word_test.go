package reconcile

import "github.com/segue-dev/segue/spec"

// checkWord: nobody is made UP whose app says DOWN of itself on a server that answers.
func (s *simulation) checkWord(v sight, instance string) {
	i, _ := v.instance(instance)
	registration := revisionOf(v.d.desired, i.Revision).Spec.Eureka
	if registration == nil || registration.Mode == spec.ManagedRegistration {
		return
	}
	for _, fact := range i.Eureka {
		if fact.State == ServerUp && fact.Lease.Own && fact.Lease.Status == LeaseDown {
			s.fail(9, "%s is opened although its app says DOWN at %s", instance, fact.Server)
		}
	}
}

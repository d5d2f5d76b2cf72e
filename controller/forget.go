package controller

import (
	"github.com/segue-dev/segue/spec"
)

// forget ends a Deployment of which nothing is left.
func (l *looker) forget(p *pass) {
	c := l.control
	c.objects.writing.Lock()
	defer c.objects.writing.Unlock()
	if now := c.objects.get(p.key()); now != p.object {
		// It was applied again meanwhile.
		c.queue.add(p.key())
		return
	}
	if err := c.options.Store.Delete(calmKey(p.name)); err != nil {
		l.log.Error(err, "Forgetting what was well failed", "deployment", p.name.String())
		return
	}
	if err := c.objects.commit([]change{{key: p.key(), before: p.object}}); err != nil {
		l.log.Error(err, "Forgetting a deleted deployment failed", "deployment", p.name.String())
		return
	}
	if err := l.executor.addresses.disband(p.name); err != nil {
		l.log.Error(err, "Giving back the addresses of a deleted deployment failed", "deployment", p.name.String())
	}
	c.journal.note(p.key(), normal, "Deleted", "nothing is left of it", p.object.By)
	final := statusOfPass(p, true, nil)
	c.board.remove(p.key(), &final.status)
	l.forgetMemory(p.name)
	c.reclaim()
	c.requeueDeleted()
	c.sources.reconsider("")
}

func (l *looker) forgetMemory(name spec.Name) {
	l.mu.Lock()
	delete(l.memories, name)
	l.mu.Unlock()
	l.control.around.patients.watch(name, nil)
	l.control.around.fleet.adopt(name, nil)
}

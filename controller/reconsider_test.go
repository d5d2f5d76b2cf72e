package controller_test

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
)

// TestARefusedCommitIsReadAgain: what was refused for want of another source's object is taken when that is there, in
// whatever order they are read.
func TestARefusedCommitIsReadAgain(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{})
		first := commit("a", "first", shopFiles("orders:1", "stock:1")[1:]...)
		repo.next = func(bool) controller.Reading { return first }
		repo.readings <- first
		s.later(time.Second)
		s.expectSource("False Refused", `there is no Nginx object`)
		s.apply(eureka("main"))
		s.later(time.Second)
		s.expectSource("False Refused")
		s.apply(nginx("edge"))
		s.settled("orders")
		s.later(time.Second)
		s.expectSource("True Applied first")
		asked := len(repo.rewritten)
		s.apply(service("other", "other:2", 1))
		s.later(time.Second)
		if len(repo.rewritten) != asked || asked != 2 {
			t.Errorf("read again %d times, %d of them once all was well", len(repo.rewritten), len(repo.rewritten)-asked)
		}
	})
}

package controller_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

const sealedHead = "age-encryption.org/v1\n"

// seal stands for encryption; salt makes it another one of the same text.
func seal(text, salt string) []byte {
	content := []byte(text)
	slices.Reverse(content)
	return []byte(sealedHead + salt + "\n" + string(content))
}

func unseal(content []byte) ([]byte, error) {
	parts := bytes.SplitN(content, []byte("\n"), 3)
	if string(parts[1]) == "foreign" {
		return nil, errors.New("for others: age1me is not among its recipients")
	}
	opened := bytes.Clone(parts[2])
	slices.Reverse(opened)
	return opened, nil
}

func withSecrets(image, salt string) spec.Manifest {
	m := changed(service("orders", image, 1), func(s *spec.DeploymentSpec) {
		s.Template.EnvFrom = []spec.EnvFrom{{File: "db.env"}}
		s.Template.Files = map[string]spec.File{"/run/token": {Source: "token"}, "/etc/app.conf": {Source: "app.conf"}}
	})
	m.Origin = "orders.yaml:1"
	m.Files = map[string][]byte{"db.env": seal("PASSWORD=hunter2", salt), "token": seal("t0psecret", salt), "app.conf": []byte("plain")}
	return m
}

// launched is what the one living instance was started from.
func (s *stage) launched() reconcile.Launch {
	s.t.Helper()
	living := s.world.Living()
	if len(living) != 1 {
		s.t.Fatalf("living %v", living)
	}
	launch, _ := s.world.Launch(living[0])
	return launch
}

// expectNowhere wants the secrets in nothing that is kept or told.
func (s *stage) expectNowhere() {
	s.t.Helper()
	kept := s.store.(*drivertest.Store)
	all, err := kept.All()
	if err != nil {
		s.t.Fatal(err)
	}
	for sum, content := range kept.Blobs() {
		all["blob "+sum] = content
	}
	all["events"] = []byte(s.story(""))
	for where, content := range all {
		for _, secret := range []string{"hunter2", "t0psecret"} {
			if bytes.Contains(content, []byte(secret)) {
				s.t.Errorf("%s holds a secret: %s", where, content)
			}
		}
	}
}

func TestSealedFilesAreOpenedForInstancesOnly(t *testing.T) {
	play(t, func(s *stage) {
		s.options = func(o *controller.Options) { o.Open = unseal }
		s.begin()
		s.apply(nginx("edge"), withSecrets("orders:1", "one"))
		s.settled("orders")
		launch := s.launched()
		if f := launch.Files["/run/token"]; string(f.Content) != "t0psecret" || !f.Sealed || launch.Env["PASSWORD"] != "hunter2" {
			t.Errorf("started with %+v, %v", launch.Files, launch.Env)
		}
		if f := launch.Files["/etc/app.conf"]; string(f.Content) != "plain" || f.Sealed {
			t.Errorf("a plain file: %+v", f)
		}
		s.expectNowhere()

		// Encrypted anew: kept, and nothing rolls; what starts from then on has it from the new text.
		before := s.status("orders").Hash
		items := s.apply(withSecrets("orders:1", "two"))
		s.settled("orders")
		if items[0].Result != "configured" || s.status("orders").Hash != before || s.world.Starts() != 1 {
			t.Errorf("encrypted anew: %+v, hash %s, was %s, %d started", items, s.status("orders").Hash, before, s.world.Starts())
		}
		s.options = func(o *controller.Options) {
			o.Open = func(content []byte) ([]byte, error) {
				if strings.HasPrefix(string(content), sealedHead+"one\n") {
					return nil, errors.New("that identity is gone")
				}
				return unseal(content)
			}
		}
		s.restart()
		s.world.Kill(s.world.Living()[0])
		s.until("orders", "replaced", func(d *api.DeploymentStatus) bool { return d.Settled && s.world.Starts() == 2 })

		// Another text rolls.
		m := withSecrets("orders:1", "three")
		m.Files["token"] = seal("t0psecret2", "three")
		s.apply(m)
		s.settled("orders")
		if s.status("orders").Hash == before || string(s.launched().Files["/run/token"].Content) != "t0psecret2" {
			t.Errorf("another text: hash %s, %+v", s.status("orders").Hash, s.launched().Files)
		}
		s.expectNowhere()
	})
}

func TestWhatCannotBeOpenedIsRefused(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		_, err := s.c.Apply(t.Context(), api.ApplyRequest{Manifests: []spec.Manifest{nginx("edge"), withSecrets("orders:1", "one")}})
		if err == nil || !strings.Contains(err.Error(), `spec.template.files["/run/token"].source: token is encrypted with age, and segue has no identity to decrypt it with; name one with --age-identity FILE`) {
			t.Errorf("no identity: %v", err)
		}
	})
	play(t, func(s *stage) {
		repo := newSource("git:shop")
		s.options = func(o *controller.Options) { o.Open, o.Sources = unseal, []controller.Source{repo} }
		s.begin()
		repo.readings <- commit("1", "good", nginx("edge"), withSecrets("orders:1", "one"))
		s.settled("orders")
		repo.readings <- commit("2", "foreign", nginx("edge"), withSecrets("orders:2", "foreign"))
		s.later(time.Second)
		s.expectSource("False Refused good", "orders.yaml:1  spec.template.envFrom[0].file: db.env is encrypted with age, and for others: age1me is not among its recipients")
		broken := withSecrets("orders:3", "one")
		broken.Files["db.env"] = seal("hunter2", "one")
		repo.readings <- commit("3", "no env file", nginx("edge"), broken)
		s.later(time.Second)
		s.expectSource("False Refused good", "db.env line 1: want NAME=VALUE")
		if d := s.settled("orders"); d.Image != "orders:1" {
			t.Errorf("runs %s", d.Image)
		}
		s.expectNowhere()
	})
}

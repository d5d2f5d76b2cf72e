package e2e

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("kill -9 of segue", Ordered, func() {
	var h *house
	rolling, blueGreen := orders(2), orders(2)
	blueGreen.Name = "payments"
	blueGreen.Strategy = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"
	apps := []*testbed.App{&rolling, &blueGreen}

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		for _, app := range apps {
			h.apply(ctx, *app)
		}
		h.include(ctx)
		for _, app := range apps {
			h.rolled(ctx, *app)
		}
	}, NodeTimeout(2*time.Minute))

	It("at random moments of rollouts of both kinds is noticed by nobody", func(ctx SpecContext) {
		rollouts, kills := 2, 11
		if long() {
			rollouts = 10
		}
		seed := uint64(GinkgoRandomSeed())
		random := rand.New(rand.NewPCG(seed, seed))
		total := 0
		report := under(ctx, h.mixed(150, rolling, blueGreen), func(*load.Generator) {
			for range rollouts {
				for _, app := range apps {
					app.Version = app.Version%9 + 1
					h.apply(ctx, *app)
				}
				for range kills {
					testbed.Pause(ctx, time.Duration(random.IntN(1500))*time.Millisecond)
					Expect(h.segue.Kill()).To(Succeed())
					total++
					Expect(h.segue.Start(ctx)).To(Succeed())
				}
				for _, app := range apps {
					h.rolled(ctx, *app)
				}
			}
		})
		expectNothingLost(report)
		Expect(total).To(BeNumerically(">=", 20))
	}, SpecTimeout(20*time.Minute))

	if long() {
		It("right after each single step of a rollout of either kind is noticed by nobody", func(ctx SpecContext) {
			for _, app := range apps {
				report := under(ctx, h.mixed(150, *app), func(*load.Generator) {
					for step := 1; h.killAfter(ctx, step, next(app)); step++ {
					}
				})
				expectNothingLost(report)
			}
		}, SpecTimeout(30*time.Minute))
	}

	It("while nothing is to be done changes nothing", func(ctx SpecContext) {
		before, err := h.bed.Leftovers(ctx)
		Expect(err).NotTo(HaveOccurred())
		report := under(ctx, h.mixed(300, rolling), func(*load.Generator) {
			Expect(h.segue.Kill()).To(Succeed())
			testbed.Pause(ctx, time.Second)
			Expect(h.segue.Start(ctx)).To(Succeed())
			h.rolled(ctx, rolling)
			testbed.Pause(ctx, 3*time.Second)
		})
		expectNothingLost(report)
		after, err := h.bed.Leftovers(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(sorted(after)).To(Equal(sorted(before)))
	}, SpecTimeout(2*time.Minute))
})

// killAfter begins a rollout and kills and restarts segue after so many of its steps; false where it ended before.
func (h *house) killAfter(ctx context.Context, steps int, app testbed.App) bool {
	GinkgoHelper()
	taken := func() int {
		text, err := os.ReadFile(h.segue.LogFile)
		Expect(err).NotTo(HaveOccurred())
		return bytes.Count(text, []byte(`msg="Took a step" deployment=`+app.Name+" "))
	}
	before := taken()
	h.apply(ctx, app)
	ended := make(chan struct{})
	go func() {
		defer GinkgoRecover()
		defer close(ended)
		h.rolled(ctx, app)
	}()
	for taken() < before+steps {
		select {
		case <-ended:
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	Expect(h.segue.Kill()).To(Succeed())
	Expect(h.segue.Start(ctx)).To(Succeed())
	<-ended
	return true
}

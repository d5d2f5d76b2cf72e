# One line a target; the scripts and tests do the rest. See README.md.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
VERSION := $(shell git describe --tags --always 2>/dev/null || echo dev)
GO_BUILD := CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'
TESTBED := test/testbed
ENGINES := own own modern spring
LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: build vet test test-unit test-drivers test-long demo e2e sim bench conformance lint fmt testbed clean

## build: bin/segue, and the sample service that tests and the demo roll out
build: ; @$(GO_BUILD) -o bin/ ./cmd/segue ./test/e2e/sample

## test: everything, from unit to end to end; at most 25 minutes on two cores
test: vet test-unit sim test-drivers e2e

vet: ; @go vet ./... && go vet -tags docker,nginx,git ./...

## test-unit: what needs neither Docker nor nginx
test-unit: ; @go test -short $$(go list ./... | grep -v /test/e2e$$)

## sim: the planner in 13,000 mean worlds
sim: ; @go test ./reconcile -run Worlds -count=1

## test-drivers: each driver against the real thing, on an engine of its own, both nginx, git's own servers
test-drivers: build ; @$(TESTBED)/engines.sh one go test -tags docker,nginx,git -count=1 -p 1 ./controller/docker/... ./controller/nginx/... ./controller/source/git/...

## e2e: the binary against real Docker, nginx and Eureka, on several engines at a time; one has Spring's servers, where
## Maven's repository can be reached
e2e: build ; @$(TESTBED)/engines.sh with "$(ENGINES)" env SEGUE_E2E=1 go test ./test/e2e -count=1 -timeout 24m $(if $(V),-v) -args -ginkgo.v=false $(E2E)

## conformance: segue's own cases against real Eureka servers, two generations of Spring's, alone and in pairs
conformance: ; @for g in boot4 boot2; do $(TESTBED)/conformance.sh $$g; done

## test-long: the same with race detector, more repetitions, every kill point, both engines; goes on where it was cut
## short; rewrites docs/reliability.md
test-long: build conformance ; @go test -race $$(go list ./... | grep -v /test/e2e$$) && $(TESTBED)/engines.sh with "own own modern spring" env SEGUE_E2E=long SEGUE_E2E_KEEP=$(CURDIR)/bin/long-$(VERSION) SEGUE_E2E_REPORT=$(CURDIR)/docs/reliability.md go test ./test/e2e -count=1 -timeout 150m -args $(E2E)

## demo: the main job, under load, on this machine, in under 3 minutes; KEEP=1 leaves it running
demo: build ; @$(TESTBED)/engine.sh with go run ./test/demo

## bench: rollout time over its lower bound, resync of 1,000 deployments, 10,000 manifests read and settled, Next; rewrites
## docs/benchmarks.md. SPRING=1 measures the release behind real Eureka servers instead, and rewrites its section
bench: build ; @$(TESTBED)/engines.sh $(if $(SPRING),with spring,one) env SEGUE_E2E=bench SEGUE_E2E_REPORT=$(CURDIR)/docs/benchmarks.md go test ./test/e2e -count=1 -timeout 30m -args $(E2E)

## lint: golangci-lint with .golangci.yml, which holds the import rules
lint: ; @$(LINT) run ./...

fmt: ; @gofmt -w $$(git ls-files '*.go')

## testbed: a Docker Engine, old and new nginx, images: what lacks is installed, started or made
testbed: build ; @$(TESTBED)/engine.sh start && $(TESTBED)/images.sh old new sample

## clean: stop what the testbed started, and remove what was built
clean: ; @$(TESTBED)/modern.sh stop; $(TESTBED)/engine.sh stop; rm -rf bin

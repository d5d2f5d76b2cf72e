// Package e2e tests the segue binary against real Docker, nginx and Eureka, from outside: by what its commands and its
// socket say, and above all by what clients that never retry see. `make e2e` runs it, SEGUE_E2E=long repeats more.
//
// Each outermost Describe is a story, told by a process of its own beside a Docker Engine of its own: several at a time,
// since most of it is waiting. Where no engine can be started, one process tells all on the engine that can be reached.
//
// A house is what most stories are told in: two nginx servers, an old and a new one, and segue as a process of its own. A
// town is a house with real Eureka servers and a Spring Cloud Gateway; such stories have the label spring, and an engine of
// their own that keeps the images. Where Maven's repository cannot be reached, they are left out, and a line says so.
package e2e

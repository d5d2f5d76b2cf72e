// Package e2e tests the segue binary against real Docker, nginx and Eureka, from outside: by what its commands and its
// socket say, and above all by what clients that never retry see. `make e2e` runs it, SEGUE_E2E=long repeats more.
//
// A house is what most stories are told in: two nginx servers, an old and a new one, and segue as a process of its own.
package e2e

package main

import (
	"fmt"
	"strconv"
	"time"
)

// Faults are the ways in which this instance misbehaves. POST one to /control as JSON; fields that are not named keep
// their value.
type Faults struct {
	// FailReady answers readiness with 503 (FAIL_READY).
	FailReady bool `json:"failReady"`
	// WrongBody answers readiness with 200 and a body that says DOWN (WRONG_BODY).
	WrongBody bool `json:"wrongBody"`
	// FailAlive answers liveness with 503 (FAIL_ALIVE).
	FailAlive bool `json:"failAlive"`
	// FailRequests answers everything that is not a question of health with 500 (FAIL_REQUESTS).
	FailRequests bool `json:"failRequests"`
	// CrashAtStart exits with 1 before anything is listened to (CRASH_AT_START).
	CrashAtStart bool `json:"-"`
	// StartDelay is how long nothing is listened to (START_DELAY).
	StartDelay duration `json:"-"`
	// ReadyDelay is how long readiness answers 503 after that (READY_DELAY).
	ReadyDelay duration `json:"-"`
	// CrashAfter exits with 1 so long after the start (CRASH_AFTER).
	CrashAfter duration `json:"-"`
	// DieAfterReady exits with 1 so long after the first readiness that was answered with 200 (DIE_AFTER_READY).
	DieAfterReady duration `json:"-"`
	// Dependency is a URL that readiness asks first; an answer other than 2xx is a 503 (DEPENDENCY).
	Dependency string `json:"dependency"`
	// Dark counts requests apart: none should come (DARK).
	Dark bool `json:"dark"`
}

// duration is a time.Duration, "" meaning none.
type duration time.Duration

func faultsFromEnvironment(get func(string) string) (Faults, error) {
	faults := Faults{Dependency: get("DEPENDENCY")}
	for name, to := range map[string]*bool{
		"FAIL_READY": &faults.FailReady, "WRONG_BODY": &faults.WrongBody, "FAIL_ALIVE": &faults.FailAlive,
		"FAIL_REQUESTS": &faults.FailRequests, "CRASH_AT_START": &faults.CrashAtStart, "DARK": &faults.Dark,
	} {
		if get(name) == "" {
			continue
		}
		value, err := strconv.ParseBool(get(name))
		if err != nil {
			return Faults{}, fmt.Errorf("%s: %w", name, err)
		}
		*to = value
	}
	for name, to := range map[string]*duration{
		"START_DELAY": &faults.StartDelay, "READY_DELAY": &faults.ReadyDelay, "CRASH_AFTER": &faults.CrashAfter,
		"DIE_AFTER_READY": &faults.DieAfterReady,
	} {
		if get(name) == "" {
			continue
		}
		value, err := time.ParseDuration(get(name))
		if err != nil {
			return Faults{}, fmt.Errorf("%s: %w", name, err)
		}
		*to = duration(value)
	}
	return faults, nil
}

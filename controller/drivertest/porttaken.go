package drivertest

import "fmt"

// portTaken is what the engine says of a port that somebody else holds.
type portTaken int

func (p portTaken) Error() string { return fmt.Sprintf("port %d is already allocated", int(p)) }

// PortTaken tells it from other failures.
func (portTaken) PortTaken() bool { return true }

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// machineID is machine-id(5): an id of this installation that survives everything but a reinstallation.
const machineID = "/etc/machine-id"

// ownerGrammar is what fits labels, Eureka ids and file contents.
var ownerGrammar = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// ownerID is --owner, else derived from the machine and the state directory's path: it survives the loss of the
// directory's contents, and two directories on one machine are two owners.
func (c *cli) ownerID() (string, error) {
	if c.owner != "" {
		if !ownerGrammar.MatchString(c.owner) {
			return "", usage("error: --owner %q: want up to 32 lower-case letters, digits and -", c.owner)
		}
		return c.owner, nil
	}
	machine, err := os.ReadFile(machineID)
	if err != nil || strings.TrimSpace(string(machine)) == "" {
		return "", usage("error: %s says nothing, so there is no owner id: say --owner NAME, and always the same (in a container: mount %s)", machineID, machineID)
	}
	path, err := filepath.Abs(c.stateDir)
	if err != nil {
		return "", err
	}
	return deriveOwner(strings.TrimSpace(string(machine)), path), nil
}

// deriveOwner hides the machine id, as machine-id(5) asks for.
func deriveOwner(machine, stateDir string) string {
	sum := sha256.Sum256([]byte("segue\n" + machine + "\n" + stateDir))
	return hex.EncodeToString(sum[:5])
}

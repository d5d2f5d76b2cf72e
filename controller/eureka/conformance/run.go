package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// testCase is one line of the table.
type testCase struct {
	number int
	name   string
	// alone: nothing else may happen meanwhile.
	alone bool
	// when says whether the server has what the case needs; nil: always.
	when  func(o Options) bool
	check func(s *server)
}

// cases are in the order of their numbers.
var cases = []testCase{
	{1, "a lower-case app is registered in capitals", false, nil, lowerCaseApp},
	{2, "an incomplete registration is refused", false, nil, incompleteRegistration},
	{3, "a registration that is not JSON is refused", false, nil, notJSON},
	{4, "XML unless JSON is accepted", false, nil, formats},
	{5, "an empty registry is 200", true, func(o Options) bool { return o.Empty }, emptyRegistry},
	{6, "one instance is a list", false, nil, listOfOne},
	{7, "what is unknown is 404", false, nil, unknownReads},
	{8, "a heartbeat for an unknown id is 404", false, nil, unknownHeartbeat},
	{9, "a heartbeat with a newer timestamp wants a registration", false, nil, heartbeatTimestamps},
	{10, "an older registration changes nothing", false, nil, olderRegistration},
	{11, "an override outlives heartbeats and registrations", false, nil, overrideStays},
	{12, "overriding with what is true stores nothing", false, nil, overrideWithTheSame},
	{13, "a bad override is refused", false, nil, badOverride},
	{14, "an override taken away is UNKNOWN until the app speaks", false, nil, overrideTakenAway},
	{15, "an override taken away with a status is that at once", false, nil, overrideTakenAwayWithStatus},
	{16, "taking away no override changes nothing", false, nil, noOverrideTakenAway},
	{17, "an UP or OUT_OF_SERVICE entry keeps its status", false, nil, entryKeepsStatus},
	{18, "STARTING shows through an override", false, nil, startingShowsThrough},
	{19, "deleting the lease deletes the override", false, nil, deleteDropsOverride},
	{20, "a lease is deleted once", false, nil, deleteTwice},
	{21, "one id in two apps", false, nil, oneIDInTwoApps},
	{22, "a lease lives once its duration, a renewed one twice", false, func(o Options) bool { return o.Expires }, leaseDurations},
	{23, "self-preservation keeps the dead", false, func(o Options) bool { return o.Preserving != "" }, selfPreservation},
	{24, "the live registry changes at once, the cached one at its turn", false, func(o Options) bool { return o.ResponseCache > 0 }, cacheTurns},
	{25, "a cached 404 stays until the turn", false, nil, cachedNotFound},
	{26, "gzip", false, nil, zipped},
	{27, "ids with colons and spaces", false, nil, oddIDs},
	{28, "an override that comes with the registration", false, nil, seededOverride},
	{29, "metadata that is put lasts until the next registration", false, nil, metadata},
	{30, "what a peer sends is applied", false, nil, replication},
	{31, "two servers follow one another", false, func(o Options) bool { return o.Peer != "" }, twoServers},
	{32, "an empty restart wants registrations", true, func(o Options) bool { return o.Restart != nil }, restartedEmpty},
	{33, "numbers, booleans and both spellings of the override", false, nil, spellings},
	{34, "the paths of Java clients", false, nil, javaPaths},
}

// Run checks the server at base against every case that it can be checked against.
func Run(t *testing.T, base string, options Options) {
	t.Helper()
	base = strings.TrimRight(base, "/")
	run := func(t *testing.T, c testCase) {
		app := fmt.Sprintf("SEGUE-CONFORMANCE-%d-%d", c.number, time.Now().UnixNano()%1e6)
		s := &server{t: t, base: base, options: options, app: app, a: app + "-a", b: app + "-b"}
		t.Cleanup(s.tidy)
		c.check(s)
	}
	for _, alone := range []bool{true, false} {
		for _, c := range cases {
			if c.alone != alone || c.when != nil && !c.when(options) {
				continue
			}
			t.Run(fmt.Sprintf("%02d %s", c.number, c.name), func(t *testing.T) {
				if !alone {
					t.Parallel()
				}
				run(t, c)
			})
		}
	}
}

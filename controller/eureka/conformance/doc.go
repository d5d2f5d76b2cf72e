// Package conformance is what a Eureka server does, as one table of numbered cases. Segue's own registry passes it in
// every unit test, and it can be pointed at any other server, also at one in use: what it registers has names of its
// own and is deleted behind it.
//
//	func TestSpring(t *testing.T) {
//		conformance.Run(t, "http://127.0.0.1:8761/eureka", conformance.Options{ResponseCache: 30 * time.Second})
//	}
//
// The package's own test takes the server as a flag; see TestAServerConforms.
//
// A case keeps its number. Cases that need something that Options do not have are not run.
package conformance

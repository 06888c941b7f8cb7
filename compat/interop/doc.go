// Package interop runs genuine clients of the generations, as npm has them,
// against this server. It holds tests only.
//
// One behaviour suite (suite_test.go) is a table over
// generation, release and transport; a new generation adds rows to it. The
// clients run in node and in a headless browser, from the folder node, whose
// package.json names them; their programs are there too. What the server must
// do for them is the contract server's table of events, in contract/behaviour,
// which uses the public API alone.
//
// The package knows releases by name and expects of each what its generation
// can do. It must not know the wire, but where it stands in for software that
// does: proxies (proxy_test.go) and Flash (flash_test.go). Every process it
// starts belongs to one test, which ends it, by its process group, and waits for
// it; so do the goroutines of a proxy. When the tests themselves are killed, Linux
// ends their children, and what they wrote is removed (scratch_test.go).
//
// Most of a test is waiting for clients that wait for timers of their own, so that
// many run at the same time (main_test.go). A time in a test is therefore a limit, far
// above what a step takes on an idle machine, or one that a client has by itself.
// Browsers are few at any time (browser_test.go), and TestRoom, in which every client
// takes part, runs alone.
//
// Without node, the client packages or a browser the tests concerned are
// skipped with a message that names them; with CI=true in the environment that
// is a failure. With INTEROP_REFERENCE=2.5.1 (or 1.7.4, 0.9.19, 4.8.4) the clients of
// its generations talk to that genuine server instead, to try the client
// programs themselves.
package interop

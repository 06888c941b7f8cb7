// Command contract is the contract server: a small server with a fixed table of
// events (see package behaviour) that interop tests, load generators and
// clients of anybody's own can talk to.
//
//	go run ./compat/interop/contract -addr 127.0.0.1:3000
//
// It prints "listening on ADDR" on standard output when it is ready, and stops
// on SIGTERM or SIGINT within five seconds.
//
// The command knows the public API alone. It starts one goroutine for each
// address it listens on, and waits for them.
package main

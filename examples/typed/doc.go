// Command typed is a calculator whose handlers have types that the compiler checks:
// what a client sends is decoded into them, and what they return answers it.
//
//	$ go run ./examples/typed
//
// Clients of every release with acknowledgements (since 0.7) may ask:
//
//	add({a, b})          answers with the sum
//	divide({a, b})       answers with {quotient, remainder}, or {error} for b = 0
//	history()            answers with what this client has asked so far
//
// Its goroutines are the HTTP server's; all of them have ended when run returns.
package main

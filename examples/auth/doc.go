// Command auth lets in who has a JSON web token, in every generation, and shows out
// whose token has expired.
//
//	$ cd examples/auth && go run .
//
// It prints a token for each of two users; a real program has them from where its
// users log in. A client brings one in its auth payload (since 3.0), in the query
// (since 0.7) or in the cookie "token" (always). whoami() is answered with the name.
//
// It is a module of its own, so that users of the library do not get its requirements.
// Its goroutines are the HTTP server's, and timers, which end with their sockets.
package main

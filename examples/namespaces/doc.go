// Command namespaces has a board for everybody who asks for one: a client that joins
// /board-7 makes that namespace, and it ends when the last has left.
//
//	$ go run ./examples/namespaces
//
// On a board, pin(text) is answered with the number of notes there are and shown to
// all by pinned(number, text); who comes in gets a board(notes) with those of before.
// In "/", boards() is answered with the names of the boards there are. Clients since
// 0.7 have namespaces.
//
// Its goroutines are the HTTP server's; all of them have ended when run returns.
package main

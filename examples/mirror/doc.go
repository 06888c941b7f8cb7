// Command mirror shows a room to those who are no Socket.IO clients: a page with
// an EventSource, and curl.
//
//	$ go run ./examples/mirror
//	$ curl -N http://127.0.0.1:3001/watch
//
// Clients of every generation report readings by the event report(sensor, value),
// and those in the room "readings" get reading(sensor, value). So does every
// watcher, as lines of text. The program itself reports once a second how many
// clients and watchers there are.
//
// Its goroutines are the HTTP server's, the mirror's, and one for the readings;
// all of them have ended when run returns.
package main

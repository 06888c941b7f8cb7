// Command chat is a chat with rooms, the example to start from.
//
// It shows the whole way from an HTTP server to a room: one line that attaches
// the server (main.go), handlers, rooms and broadcasts (chat.go), what the
// program itself remembers (hall.go), and a page that needs nothing installed
// (page/). The page at /clients.html puts genuine clients of several releases
// side by side in one room, once they are installed (clients.go).
//
// It uses the public API only. Its goroutines are the HTTP server's and one
// that waits for a signal.
package main

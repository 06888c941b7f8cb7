package socketio

import (
	"net/http"
	"time"
)

// HTTPServer returns an HTTP server for an address such as ":3000" that serves
// Socket.IO clients and hands every other request to next, which may be nil. Its
// limits suit both kinds of transport: headers have to arrive within 30 s, and a
// connection without a request is closed after two minutes. There is no limit
// for whole requests, as those of Socket.IO are held open; the server has
// deadlines of its own for them.
//
// Close the [Server] before shutting it down.
func (s *Server) HTTPServer(addr string, next http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           s.Attach(next),
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
}

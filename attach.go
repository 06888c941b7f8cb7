package socketio

import "net/http"

// Attach returns a handler that serves Socket.IO clients under [Config].Path and
// hands every other request to next, which may be nil to answer 404.
//
// The handler has to see requests before a router does: net/http's ServeMux
// answers "//" in a path with a redirect, and clients before 0.7 never get
// through that. So wrap the router and do not register the handler in it; a
// server that finds itself behind one says so once in its log.
//
//	http.ListenAndServe(":3000", io.Attach(mux))
//
// Requests that stop half-way are ended here, but for their headers: those are
// net/http's, so a server on the open network sets ReadHeaderTimeout.
func (s *Server) Attach(next http.Handler) http.Handler { return s.front.serve(next) }

package socketio

import (
	"net/http"

	"github.com/heirloom-io/socketio/transports"
)

// around is what every request of a client goes through. Over HTTP/2 a websocket
// begins with another request than over HTTP/1.1, of which nobody further in has
// to know: neither the functions of [Engine.Use], nor the generations.
func (s *Server) around(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	if !transports.IsExtendedConnect(r) {
		s.engine.around(w, r, serve)
		return
	}
	transports.ExtendedConnect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.engine.around(w, r, serve)
	})).ServeHTTP(w, r)
}

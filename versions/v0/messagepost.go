package v0

import (
	"net/http"

	"github.com/heirloom-io/socketio/transports"
)

// post takes messages from a client. The answer is the same whatever is in them.
// Without a session there is nobody who has sent them; for one that does not
// exist the connection ends, as by genuine servers.
func (m *MessageServer) post(w http.ResponseWriter, r *http.Request, way mechanism, nobody bool, s *session) {
	if nobody {
		transports.Drain(r)
		m.accepted(w, r)
		return
	}
	if s == nil || s.ended() {
		abort(w)
		return
	}
	body, ok := readBody(w, r, transports.UplinkParams{
		Max:     m.p.MaxPayload,
		Timeout: m.p.UplinkTimeout,
		Budget:  m.p.Budget,
	}, m.p.WriteTimeout)
	if !ok {
		return
	}
	defer body.Close() // also if what takes the packets panics
	s.taken()
	s.begin()
	text, _ := way.form(body.Data)
	s.receive(text)
	m.accepted(w, r)
}

// accepted is the answer to every POST.
func (m *MessageServer) accepted(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	plain(w, r, http.StatusOK, []byte("ok"), m.p.WriteTimeout)
}

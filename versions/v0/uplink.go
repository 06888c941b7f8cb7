package v0

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

// post takes packets from a client. The answer is the same whatever is in them,
// and the same for a session that does not exist: every genuine client says
// goodbye to the session that it has just been told is gone.
func (s *Server) post(w http.ResponseWriter, r *http.Request, m mechanism, session *session) {
	if session == nil || session.ended() {
		transports.Drain(r)
		accepted(w, r, s.p.WriteTimeout)
		return
	}
	// Without a body the session is left to its timers, as by genuine servers.
	body, ok := readBody(w, r, transports.UplinkParams{
		Max:     s.p.DestroyBufferSize,
		Timeout: s.p.UplinkTimeout,
		Budget:  s.p.Budget,
	}, s.p.WriteTimeout)
	if !ok {
		return
	}
	defer body.Close() // also if what takes the packets panics
	session.narrow(tellsOfRequest(r))
	packets, raw := m.form(body.Data)
	if raw {
		session.narrow(tellRawForm)
	}
	session.begin()
	session.hear()
	session.receive(packets)
	accepted(w, r, s.p.WriteTimeout)
}

// readBody reads what a client posts, or answers: when too much is being received
// it says so, and a body that is too large, too slow or broken off ends its
// connection. The caller closes the body.
func readBody(w http.ResponseWriter, r *http.Request, p transports.UplinkParams, writeTimeout time.Duration) (*transports.Body, bool) {
	body, err := transports.ReadBody(w, r, p)
	if errors.Is(err, transports.ErrBusy) {
		w.Header().Set("Connection", "close")
		allowOrigin(w, r)
		plain(w, r, http.StatusServiceUnavailable, nil, writeTimeout)
		return nil, false
	}
	if err != nil {
		abort(w)
		return nil, false
	}
	return body, true
}

// DecodeJSONPForm returns the packets in the form that a JSONP client posts, its
// field d. Since 0.8.6 the field is a JSON string; before it is the packets
// themselves, raw is then set, and the line ends that browsers put into forms
// are undone: they count in lengths. Packets begin with a digit or with U+FFFD,
// so the two cannot be confused. Bad escapes stand for themselves, and bytes
// that are not UTF-8 become U+FFFD. Without the field, or with a string that is
// none, there are no packets.
func DecodeJSONPForm(body []byte) (packets []byte, raw bool) {
	for pair := range bytes.SplitSeq(body, []byte("&")) {
		value, ok := bytes.CutPrefix(pair, []byte("d="))
		if !ok {
			continue
		}
		value = engine.ToValidUTF8(unescapeForm(value))
		if len(value) > 0 && value[0] == '"' {
			text, _ := packet.Unquote(value)
			return []byte(text), false
		}
		return bytes.ReplaceAll(value, []byte("\r\n"), []byte("\n")), len(value) > 0
	}
	return nil, false
}

// unescapeForm undoes the percent encoding of a form.
func unescapeForm(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		var c byte
		c, b = engine.CutFormByte(b)
		out = append(out, c)
	}
	return out
}

package socketio

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// hello is what a client said when it asked to join a namespace.
type hello struct {
	query string
	auth  []byte
}

// Handshake is what a client said when it connected: its first HTTP request,
// and what it added for the namespace.
type Handshake struct {
	// Header, Host and URL are those of the request.
	Header http.Header
	Host   string
	URL    *url.URL
	// Query is the query of the URL, the client library's own fields included,
	// with that of the namespace laid over it (since 1.5).
	Query url.Values
	// Auth is what the client sent along with its request to join, one JSON
	// object, "{}" if it sent nothing. Since 3.0; nil for clients before, which
	// have only queries to say it in.
	Auth json.RawMessage
	// RemoteAddr is the peer's network address, "IP:port".
	RemoteAddr string
	// Secure is set if the connection itself used TLS, whatever a proxy did.
	Secure bool
	// CrossDomain is set if the request carried an Origin.
	CrossDomain bool
	// Issued is the time of the request.
	Issued time.Time
}

// Handshake returns what the client said when it connected. It is made anew by
// each call.
func (s *Socket) Handshake() *Handshake {
	h := handshakeOf(s.client.conn.Handshake())
	if s.hello != nil {
		// What can be read of a malformed query counts, as in JavaScript.
		overlay, _ := url.ParseQuery(s.hello.query)
		maps.Copy(h.Query, overlay)
		h.Auth = s.hello.auth
	}
	if h.Auth == nil && s.client.conn.Can(packet.FeatureOwnIDs) {
		h.Auth = json.RawMessage("{}")
	}
	return h
}

// handshakeOf returns what the client said before it asked to join a namespace.
func handshakeOf(first *versions.Handshake) *Handshake {
	h := &Handshake{
		Header:      first.Header(),
		Host:        first.Host,
		URL:         first.URL(),
		RemoteAddr:  first.RemoteAddr,
		Secure:      first.Secure,
		CrossDomain: first.CrossDomain,
		Issued:      first.Issued,
	}
	h.Query = h.URL.Query()
	return h
}

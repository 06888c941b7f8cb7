package v0

import (
	"net/http"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

// carrier is what takes from the outbox at the moment.
type carrier interface {
	kind() kind
	// outbox is the one the carrier drains, nil if any will do.
	outbox() *outbox.Outbox
	// attach begins to take. It is called with the session's mu held, and must
	// not block.
	attach()
	// retire is called when the carrier has lost its place: from now on it takes
	// nothing. It is called with the session's mu held, and must not block.
	retire()
	// settle waits, not for ever, until what has been taken before has arrived or
	// is back in the session. It comes before a successor takes anything.
	settle()
	// replaced is called when a successor has the place.
	replaced()
	// finish sends what waits and ends the carrier; cut ends it at once.
	finish()
	cut()
	// worn reports whether the carrier has lasted as long as it may.
	worn() bool
}

// kind is what the rules of a session know of a carrier.
type kind uint8

const (
	kindPoll kind = iota
	kindDuplex
	kindStream
)

// mechanism serves the requests of one transport.
type mechanism interface {
	// open serves a request that carries packets to the client.
	open(http.ResponseWriter, *http.Request, *session)
	// turnAway answers such a request with some last packets, of which there is
	// one at least.
	turnAway(http.ResponseWriter, *http.Request, *dialect, []*packet.Frame) error
	// posts reports whether packets from the client come in POST requests, and
	// form takes the packets out of a body.
	posts() bool
	form(body []byte) (packets []byte, raw bool)
}

func (s *Server) mechanism(name string) mechanism {
	switch name {
	case nameXHRPolling:
		return &polling{srv: s, name: name, style: colonPolls}
	case nameJSONPPolling:
		return &polling{srv: s, name: name, style: colonPolls, jsonp: true}
	case nameHTMLFile:
		return &streaming{srv: s, name: name, style: colonPage}
	}
	t, _ := s.p.Registry.Lookup(name)
	duplexTransport, _ := t.(transports.DuplexTransport) // Check has seen to it
	return &duplex{srv: s, transport: duplexTransport}
}

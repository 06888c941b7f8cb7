package v0

import (
	"strconv"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// handleColon does what one packet of the client asks for.
func (s *session) handleColon(raw []byte) {
	c, err := DecodeColon(raw)
	if err != nil {
		return
	}
	root := c.Endpoint == ""
	switch c.Type {
	case ColonDisconnect, ColonConnect:
		switch {
		case !root:
			s.pass(c)
		case c.Type == ColonDisconnect:
			s.end(versions.ReasonClientDisconnect, endClient)
		default:
			// The server connects clients to the default namespace unasked. Those up
			// to 0.8.2 ask for it when they have misread a packet; an answer would
			// fire the page's connect event a second time.
		}
	case ColonHeartbeat:
		s.beaten()
	case ColonNoop, ColonError:
		// Of no meaning from a client.
	case ColonMessage, ColonJSON, ColonEvent, ColonAck:
		s.pass(c)
	}
}

// pass hands a packet to the server above. It closes two holes of genuine
// servers: packets for a namespace that the client is not in are dropped, and
// what is dropped is not acknowledged.
func (s *session) pass(c Colon) {
	p, err := Neutral(c)
	if err != nil {
		return
	}
	switch c.Type {
	case ColonConnect:
		s.join(p.Namespace)
	default:
		if !s.isIn(p.Namespace) {
			return
		}
	}
	if p.Type == packet.Event {
		s.narrow(tellsOfPacket(c))
		if c.Type == ColonEvent && s.srv.p.blacklisted(p.Name) {
			return
		}
		if c.Ack == AckAuto {
			s.acknowledge(c)
		}
	}
	if c.Type == ColonDisconnect {
		s.leave(p.Namespace)
	}
	s.mu.Lock()
	receiver := s.receiver
	s.mu.Unlock()
	if receiver != nil {
		receiver.Receive(p)
	}
}

// acknowledge answers, before its delivery, a packet whose client wants to know
// no more than that it has arrived.
func (s *session) acknowledge(c Colon) {
	frames := make([]packet.Frame, 1)
	frames[0].Data = AppendColon(nil, Colon{
		Type:     ColonAck,
		Endpoint: c.Endpoint,
		Data:     strconv.AppendInt(nil, c.ID, 10),
	})
	_ = s.send(frames, false) // an error has ended the session, or comes after its end
}

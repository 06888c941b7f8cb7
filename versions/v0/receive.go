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
// what is dropped is not acknowledged. A client that has asked for too many
// namespaces is refused one more.
func (s *session) pass(c Colon) {
	p, err := Neutral(c)
	if err != nil {
		return
	}
	switch c.Type {
	case ColonConnect:
		if !s.join(p.Namespace) {
			s.control(colonFrameOf(Colon{Type: ColonError, Endpoint: c.Endpoint, Data: reasonUnauthorized}))
			return
		}
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
			// Before the delivery. Genuine servers do so even if the client is not in
			// the namespace; here the answer waits until it has been admitted, and
			// falls away with the packet if it is refused.
			if s.owe(p.Namespace, c.ID) {
				s.acknowledge(p.Namespace, c.ID)
			}
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

// acknowledge answers packets, of which there may be none, whose client wants to
// know no more than that they have arrived.
func (s *session) acknowledge(namespace string, ids ...int64) {
	endpoint, err := endpointOf(namespace)
	if err != nil || len(ids) == 0 {
		return
	}
	frames := make([]packet.Frame, len(ids))
	for i, id := range ids {
		frames[i].Data = AppendColon(nil, Colon{
			Type:     ColonAck,
			Endpoint: endpoint,
			Data:     strconv.AppendInt(nil, id, 10),
		})
	}
	_ = s.send(frames, false) // an error has ended the session, or comes after its end
}

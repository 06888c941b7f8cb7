package v0

import (
	"strconv"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
)

// The releases of the servers of the two dialects of messages.
var (
	envelopeReleases = spanOf(100, 401)
	framedReleases   = spanOf(500, 618)
)

// newEnvelopeDialect returns the dialect of 0.1 to 0.4.
func newEnvelopeDialect(message func(*packet.Packet) (compat.Message, error)) *dialect {
	// Since 0.4; what has no messages is ignored by the clients of all releases.
	heartbeat := &packet.Frame{Data: []byte(`{"heartbeat":"1"}`)}
	return &dialect{
		generation: compat.V01,
		span:       envelopeReleases,
		heartbeat:  func(int) *packet.Frame { return heartbeat },
		oneWay:     true,
		greeting:   greetEnvelope,
		split:      func(body []byte) ([][]byte, error) { return DecodeArray(body, 0) },
		handle:     func(s *session, raw []byte) { s.passMessage(messageOfElement(raw)) },
		join:       joinEnvelopes,
		encoder:    &messageEncoder{key: "v0/envelope", message: message, append: appendEnvelopeMessage},
	}
}

// newFramedDialect returns the dialect of 0.5 and 0.6.
func newFramedDialect(message func(*packet.Packet) (compat.Message, error)) *dialect {
	return &dialect{
		generation: compat.V05,
		span:       framedReleases,
		heartbeat:  framedHeartbeat,
		greeting:   greetFramed,
		split:      func(body []byte) ([][]byte, error) { return DecodeFramed(body, 0) },
		handle:     (*session).handleFramed,
		join:       joinFramed,
		encoder:    &messageEncoder{key: "v0/framed", message: message, append: appendFramedMessage},
	}
}

// undecided stands for both dialects of messages until a client has shown which
// one it speaks. Nothing but the greetings is sent in it, and nothing handled.
var undecided = &dialect{
	generation: compat.V05,
	span:       spanOf(100, 618),
	undecided:  true,
	heartbeat:  framedHeartbeat,
	split:      func([]byte) ([][]byte, error) { return nil, nil },
	handle:     func(*session, []byte) {},
	join:       joinFramed,
	encoder:    &messageEncoder{key: "v0/framed", message: compat.MessageOf, append: appendFramedMessage},
}

// greetEnvelope returns the handshake of 0.1 to 0.4: a message that is a string
// of JSON in turn.
func greetEnvelope(sid string) *packet.Frame {
	object := append(packet.AppendString([]byte(`{"sessionid":`), sid), '}')
	return &packet.Frame{Data: AppendEnvelope(nil, packet.AppendString(nil, string(object)))}
}

// greetFramed returns the handshake of 0.5 and 0.6: the bare id.
func greetFramed(sid string) *packet.Frame {
	return &packet.Frame{Data: AppendFramed(nil, []byte(sid))}
}

func framedHeartbeat(n int) *packet.Frame {
	return &packet.Frame{Data: AppendFramed(nil, strconv.AppendInt([]byte(heartbeatMark), int64(n), 10))}
}

// handleFramed takes one body of 0.5 and 0.6. What stands behind an echo in the
// same payload is taken too; genuine servers dropped it, although clients batch.
func (s *session) handleFramed(raw []byte) {
	if len(raw) >= len(heartbeatMark) && string(raw[:len(heartbeatMark)]) == heartbeatMark {
		n, digits := cutDigits(raw[len(heartbeatMark):])
		if digits > 0 && digits <= maxIDDigits && len(heartbeatMark)+digits == len(raw) {
			s.echoed(int(n))
		}
		return
	}
	s.passMessage(messageOfBody(raw))
}

// passMessage hands a message to the server above.
func (s *session) passMessage(m compat.Message) {
	p, err := s.srv.messages.packetOf(m)
	if err != nil {
		return // of the application's own making: the default gets valid JSON
	}
	s.mu.Lock()
	receiver := s.receiver
	s.mu.Unlock()
	if receiver != nil {
		receiver.Receive(p)
	}
}

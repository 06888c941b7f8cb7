package v0

import (
	"bytes"
	"strings"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
)

// messageEncoder writes neutral packets as messages of 0.1 to 0.6. It implements
// [packet.Encoder].
type messageEncoder struct {
	key packet.Key
	// message makes a message of an event, by default compat.MessageOf.
	message func(*packet.Packet) (compat.Message, error)
	// append writes a message as a frame.
	append func(dst []byte, m compat.Message) []byte
}

var _ packet.Encoder = (*messageEncoder)(nil)

// Key identifies the dialect, which is the same for all carriers.
func (e *messageEncoder) Key() packet.Key { return e.key }

// Encode returns the frame of an event. There is nothing to say for any other
// packet. The errors are those of compat.Degrade and of what makes the message.
func (e *messageEncoder) Encode(p *packet.Packet) ([]packet.Frame, error) {
	p, err := compat.Degrade(p, compat.V05.Features())
	if err != nil || p == nil {
		return nil, err
	}
	m, err := e.message(p)
	if err != nil {
		return nil, err
	}
	frames := make([]packet.Frame, 1)
	frames[0].Data = e.append(make([]byte, 0, len(m.Text)+len(m.JSON)+24), m)
	return frames, nil
}

// appendEnvelopeMessage appends a message of 0.1 to 0.4.
func appendEnvelopeMessage(dst []byte, m compat.Message) []byte {
	if m.JSON != nil {
		return AppendEnvelope(dst, m.JSON)
	}
	return AppendEnvelope(dst, packet.AppendString(nil, m.Text))
}

// appendFramedMessage appends a message of 0.5 and 0.6. The dialect has no
// escapes, so a text that would be taken for something else travels as JSON,
// which clients of 0.6 take apart into the same text: one that begins with a
// mark, and one that would end a part of a multipart response. Clients of 0.5
// show JSON as it is.
//
// Numbers and booleans become text and null an empty one, as in genuine servers,
// for the sake of pages written for these. An array stays one message; there it
// became one for each element, or text with commas if it had to wait.
func appendFramedMessage(dst []byte, m compat.Message) []byte {
	m.JSON = bytes.Trim(m.JSON, jsonSpace) // the application's may have blanks around it
	switch {
	case string(m.JSON) == "null":
		return AppendFramed(dst, nil)
	case len(m.JSON) > 0 && m.JSON[0] != '{' && m.JSON[0] != '[' && m.JSON[0] != '"':
		return AppendFramed(dst, m.JSON)
	case m.JSON != nil:
		return AppendFramed(dst, append([]byte(jsonMark), m.JSON...))
	case strings.HasPrefix(m.Text, heartbeatMark), strings.HasPrefix(m.Text, jsonMark),
		strings.Contains(m.Text, "\n"+multipartBoundary):
		return AppendFramed(dst, packet.AppendString([]byte(jsonMark), m.Text))
	}
	return AppendFramed(dst, []byte(strings.ToValidUTF8(m.Text, "\ufffd")))
}

// messageOfElement returns the message that an element of [DecodeArray] is, with
// memory of its own.
func messageOfElement(value []byte) compat.Message {
	if text, ok := packet.Unquote(value); ok {
		return compat.Message{Text: text}
	}
	return compat.Message{JSON: bytes.Clone(value)}
}

// messageOfBody returns the message that a body of [DecodeFramed] is, with memory
// of its own. What is marked as JSON and is none becomes an empty object, as
// since 0.6.4; before, the server ended.
func messageOfBody(body []byte) compat.Message {
	value, ok := bytes.CutPrefix(body, []byte(jsonMark))
	switch {
	case !ok:
		return compat.Message{Text: string(body)}
	case packet.Valid(value) != nil:
		return compat.Message{JSON: []byte("{}")}
	}
	return messageOfElement(bytes.Trim(value, jsonSpace))
}

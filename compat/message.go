package compat

import (
	"bytes"

	"github.com/heirloom-io/socketio/packet"
)

// MessageEvent is the name of the event that a message is in the generations
// that have events.
const MessageEvent = "message"

// Message is what a client without events sends and receives.
type Message struct {
	// Text is the message if JSON is nil.
	Text string
	// JSON is one JSON value other than a string, which the dialect marks as
	// JSON, or nil.
	JSON []byte
}

// MessageOf returns the message that an event becomes for a client without
// events. It is the inverse of [PacketOfMessage]. Binary values are replaced
// first if there are any, see [Degrade].
//
// The error is an *[UnsupportedError] for a packet that is no event, otherwise
// that of Degrade or of packet.Split.
func MessageOf(p *packet.Packet) (Message, error) {
	if p.Type != packet.Event {
		return Message{}, &UnsupportedError{Feature: packet.FeatureEvents}
	}
	if len(p.Attachments) > 0 {
		text, err := asText(p)
		if err != nil {
			return Message{}, err
		}
		p = text
	}
	if p.Name == MessageEvent {
		args, err := packet.Split(p.Args, nil)
		if err != nil {
			return Message{}, err
		}
		if len(args) == 1 {
			if text, ok := packet.Unquote(args[0]); ok {
				return Message{Text: text}, nil
			}
			// A value that looks like an event would be taken for one.
			if _, _, ok := eventShape(args[0]); !ok {
				return Message{JSON: args[0]}, nil
			}
		}
	}
	b := make([]byte, 0, len(p.Name)+len(p.Args)+24)
	b = append(b, `{"name":`...)
	b = packet.AppendString(b, p.Name)
	b = append(b, `,"args":[`...)
	b = append(b, p.Args...)
	return Message{JSON: append(b, `]}`...)}, nil
}

// PacketOfMessage returns the event that a message of a client without events
// is: the one it spells if it is a JSON object with exactly a string "name" and
// an array "args", otherwise the event "message" with the message as its
// argument. The packet shares memory with the message.
//
// The error is that of packet.Valid for JSON that is none.
func PacketOfMessage(m Message) (*packet.Packet, error) {
	p := &packet.Packet{Type: packet.Event, Namespace: packet.DefaultNamespace, Name: MessageEvent}
	if m.JSON == nil {
		p.Args = packet.AppendString(nil, m.Text)
		return p, nil
	}
	if err := packet.Valid(m.JSON); err != nil {
		return nil, err
	}
	if name, args, ok := eventShape(m.JSON); ok {
		p.Name, p.Args = name, args
		return p, nil
	}
	p.Args = bytes.TrimSpace(m.JSON)
	return p, nil
}

// eventShape takes apart a JSON value that spells an event. A key that stands
// twice makes it ordinary data.
func eventShape(value []byte) (name string, args []byte, ok bool) {
	var haveName, haveArgs bool
	for key, member := range packet.Members(value) {
		switch k, _ := packet.Unquote(key); {
		case k == "name" && !haveName:
			name, haveName = packet.Unquote(member)
			ok = haveName
		case k == "args" && !haveArgs:
			var err error
			args, _, err = packet.ScanArray(member)
			haveArgs = err == nil
			ok = haveArgs
		default:
			ok = false
		}
		if !ok {
			return "", nil, false
		}
	}
	return name, args, haveName && haveArgs
}

package grammar

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/heirloom-io/socketio/packet"
)

// jsonSpace is the white space of JSON.
const jsonSpace = " \t\r\n"

func badPayload(err error) error {
	return &Error{Kind: KindPayload, Err: err}
}

// event reads the array of an event. One without any JSON has no name: genuine
// servers take it and nothing happens.
func (d *Decoder) event(p *packet.Packet, h *header) (*packet.Packet, error) {
	if len(h.rest) == 0 {
		return nil, nil
	}
	first, args, err := packet.CutArray(h.rest)
	if err != nil {
		return nil, badPayload(err)
	}
	name, ok := eventName(first)
	if !ok {
		return nil, fault(KindPayload)
	}
	if d.rules.style.Strict && isReserved(name) {
		return nil, fault(KindReserved)
	}
	p.Type, p.Name, p.Args = packet.Event, name, args
	return p, checkPlaceholders(h, args)
}

// isReserved reports whether decoders since 3.0 refuse events of that name,
// which is an event of the library's own in JavaScript.
func isReserved(name string) bool {
	switch name {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}

// eventName reads the first element of an event's array. Decoders since 2.5
// want a string or a number; a number names the event that JavaScript's text
// for it names.
func eventName(first []byte) (string, bool) {
	if len(first) == 0 {
		return "", false
	}
	if first[0] == '"' {
		return packet.Unquote(first)
	}
	if first[0] != '-' && digits(first[:1]) == 0 {
		return "", false
	}
	f, err := strconv.ParseFloat(string(first), 64)
	if err != nil {
		return "", false
	}
	// encoding/json writes floating point numbers as ECMAScript does, except
	// for the sign of zero, which the sum removes.
	text, err := json.Marshal(f + 0)
	return string(text), err == nil
}

// ack reads the array of an acknowledgement, if it has one. Without an id there
// is nothing that it could answer.
func ack(p *packet.Packet, h *header) (*packet.Packet, error) {
	if len(h.rest) > 0 {
		args, _, err := packet.ScanArray(h.rest)
		if err != nil {
			return nil, badPayload(err)
		}
		if err := checkPlaceholders(h, args); err != nil {
			return nil, err
		}
		p.Args = args
	}
	if !p.HasID {
		return nil, nil
	}
	p.Type = packet.Ack
	return p, nil
}

// checkPlaceholders looks at the placeholders of a packet in binary form. In
// any other packet they are objects like others. Genuine servers look when the
// last attachment has arrived; the answer is the same.
func checkPlaceholders(h *header, args []byte) error {
	if !h.counted {
		return nil
	}
	if err := packet.CheckPlaceholders(args, h.attachments); err != nil {
		return &Error{Kind: KindPlaceholder, Err: err}
	}
	return nil
}

// connect reads what may follow a connect: an object where it carries a payload,
// else, as servers up to 2.x have it, an array of no meaning.
func (d *Decoder) connect(p *packet.Packet, rest []byte) error {
	if len(rest) == 0 {
		return nil
	}
	if !d.rules.style.ConnectPayload {
		return array(rest)
	}
	if err := packet.Valid(rest); err != nil {
		return badPayload(err)
	}
	data := bytes.Trim(rest, jsonSpace)
	if data[0] != '{' {
		return fault(KindPayload)
	}
	p.Data = data
	return nil
}

// disconnect checks what follows a disconnect, which means nothing.
func (d *Decoder) disconnect(rest []byte) error {
	switch {
	case len(rest) == 0:
		return nil
	case d.rules.style.Strict:
		return fault(KindPayload)
	}
	return array(rest)
}

// failure reads the JSON of an error packet, any value or none.
func failure(p *packet.Packet, rest []byte) error {
	if len(rest) == 0 {
		return nil
	}
	if err := packet.Valid(rest); err != nil {
		return badPayload(err)
	}
	p.Data = bytes.Trim(rest, jsonSpace)
	return nil
}

func array(b []byte) error {
	if _, _, err := packet.ScanArray(b); err != nil {
		return badPayload(err)
	}
	return nil
}

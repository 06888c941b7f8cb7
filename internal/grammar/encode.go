package grammar

import (
	"errors"
	"strconv"
	"strings"

	"github.com/heirloom-io/socketio/packet"
)

// Encoder writes packets in one style. It implements [packet.Encoder]; all
// methods may be called concurrently.
type Encoder struct {
	style Style
	key   packet.Key
}

var _ packet.Encoder = (*Encoder)(nil)

// NewEncoder returns an encoder for a style. Encoders of equal styles have
// equal keys, so that broadcasts encode once for all their clients.
func NewEncoder(s Style) *Encoder {
	return &Encoder{style: s, key: s.key()}
}

// Style returns the encoder's style.
func (e *Encoder) Style() Style {
	return e.style
}

// Key identifies the style.
func (e *Encoder) Key() packet.Key {
	return e.key
}

// What makes a packet impossible to write.
var (
	errNamespace = errors.New("namespace without a slash at its start, or with a comma")
	errID        = errors.New("acknowledgement id missing or negative")
	errType      = errors.New("unknown type")
	errBinary    = errors.New("attachments in a packet that cannot have any")
)

// Encode returns the text frame of a packet, then a binary frame for each of
// its attachments. The JSON in the packet is trusted to be valid. Without
// [Style].BinaryPrefix the binary frames share the attachments' memory. The
// data of an error should not be a number: in all releases, readers take what
// begins with a digit for an acknowledgement id.
//
// The error is an [*Error] of [KindEncode]: a namespace with a comma, an
// acknowledgement without an id, attachments in a packet that cannot have any.
func (e *Encoder) Encode(p *packet.Packet) ([]packet.Frame, error) {
	text, err := e.AppendText(make([]byte, 0, e.sizeHint(p)), p)
	if err != nil {
		return nil, err
	}
	frames := make([]packet.Frame, 1+len(p.Attachments))
	frames[0].Data = text
	frames[0].NoCompress = p.NoCompress
	for i, data := range p.Attachments {
		f := &frames[1+i]
		f.Binary = true
		f.NoCompress = p.NoCompress
		f.Data = data
		if e.style.BinaryPrefix {
			f.Data = append(append(make([]byte, 0, 1+len(data)), binaryMark), data...)
		}
	}
	return frames, nil
}

// AppendText appends the text frame of a packet. Errors are those of Encode;
// dst then comes back as it was.
func (e *Encoder) AppendText(dst []byte, p *packet.Packet) ([]byte, error) {
	if err := check(p); err != nil {
		return dst, &Error{Kind: KindEncode, Err: err}
	}
	if e.style.MessagePrefix != 0 {
		dst = append(dst, e.style.MessagePrefix)
	}
	dst = e.appendType(dst, p)
	dst = e.appendNamespace(dst, p)
	if p.HasID && (p.Type == packet.Event || p.Type == packet.Ack) {
		dst = strconv.AppendInt(dst, p.ID, 10)
	}
	switch p.Type {
	case packet.Event:
		dst = append(dst, '[')
		dst = e.appendName(dst, p.Name)
		if len(p.Args) > 0 {
			dst = append(dst, ',')
			dst = e.appendJSON(dst, p.Args)
		}
		if e.style.Offset && p.Offset != "" {
			dst = packet.AppendString(append(dst, ','), p.Offset)
		}
		return append(dst, ']'), nil
	case packet.Ack:
		dst = append(dst, '[')
		dst = e.appendJSON(dst, p.Args)
		return append(dst, ']'), nil
	case packet.Error:
		return e.appendError(dst, p), nil
	case packet.Connect, packet.Disconnect:
		if e.hasData(p) {
			dst = e.appendJSON(dst, p.Data)
		}
	}
	return dst, nil
}

// check finds what would make text that means something else.
func check(p *packet.Packet) error {
	switch p.Type {
	case packet.Event, packet.Ack:
		if p.HasID && p.ID < 0 || p.Type == packet.Ack && !p.HasID {
			return errID
		}
	case packet.Connect, packet.Disconnect, packet.Error:
		if len(p.Attachments) > 0 {
			return errBinary
		}
	default:
		return errType
	}
	if ns := p.Namespace; ns != "" && (ns[0] != '/' || strings.Contains(ns, ",")) ||
		strings.Contains(p.Query, ",") {
		return errNamespace
	}
	return nil
}

// appendType writes the type and the number of attachments. Types 5 and 6 are
// never written with none: 2.5 refuses that.
func (e *Encoder) appendType(dst []byte, p *packet.Packet) []byte {
	n := len(p.Attachments)
	t := wireTypes[p.Type]
	switch {
	case p.Type == packet.Ack && e.style.AckBinaryForm:
	case n == 0:
		return append(dst, t)
	case p.Type == packet.Event:
		t = wireBinaryEvent
	default:
		t = wireBinaryAck
	}
	dst = strconv.AppendInt(append(dst, t), int64(n), 10)
	return append(dst, '-')
}

var wireTypes = [...]byte{
	packet.Connect:    wireConnect,
	packet.Disconnect: wireDisconnect,
	packet.Event:      wireEvent,
	packet.Ack:        wireAck,
	packet.Error:      wireError,
}

// appendNamespace writes the namespace unless it is the default one, and the
// comma that ends it.
func (e *Encoder) appendNamespace(dst []byte, p *packet.Packet) []byte {
	query := ""
	if p.Type == packet.Connect && !e.style.ConnectPayload {
		query = p.Query
	}
	ns := p.Namespace
	if ns == "" {
		ns = packet.DefaultNamespace
	}
	if ns == packet.DefaultNamespace && query == "" {
		return dst
	}
	dst = append(dst, ns...)
	if query != "" {
		dst = append(append(dst, '?'), query...)
	}
	bare := p.Type != packet.Event && p.Type != packet.Ack && !e.hasData(p)
	if !bare || e.style.BareNamespaceComma {
		dst = append(dst, ',')
	}
	return dst
}

// hasData reports whether the packet has JSON other than arguments.
func (e *Encoder) hasData(p *packet.Packet) bool {
	switch p.Type {
	case packet.Error:
		return len(p.Data) > 0 || p.Name != "" || e.style.ErrorObject
	case packet.Connect:
		return len(p.Data) > 0 && e.style.ConnectPayload
	case packet.Disconnect, packet.Event, packet.Ack:
	}
	return false
}

// appendError writes what refuses a connect: its data and its message, as far as
// the style has a place for them.
func (e *Encoder) appendError(dst []byte, p *packet.Packet) []byte {
	if !e.style.ErrorObject {
		if len(p.Data) > 0 {
			return e.appendJSON(dst, p.Data)
		}
		if p.Name != "" {
			return e.appendName(dst, p.Name)
		}
		return dst
	}
	dst = append(dst, `{"message":`...)
	dst = e.appendName(dst, p.Name)
	if len(p.Data) > 0 {
		dst = append(dst, `,"data":`...)
		dst = e.appendJSON(dst, p.Data)
	}
	return append(dst, '}')
}

func (e *Encoder) appendName(dst []byte, name string) []byte {
	if e.style.ASCII && !packet.IsASCII([]byte(name)) {
		return packet.AppendASCII(dst, packet.AppendString(nil, name))
	}
	return packet.AppendString(dst, name)
}

func (e *Encoder) appendJSON(dst, json []byte) []byte {
	if e.style.ASCII {
		return packet.AppendASCII(dst, json)
	}
	return append(dst, json...)
}

// sizeHint is the length of the text frame as long as nothing needs escaping.
func (e *Encoder) sizeHint(p *packet.Packet) int {
	const punctuation = 32 // type, count, id, quotes and brackets
	return punctuation + len(p.Namespace) + len(p.Query) + len(p.Name) + len(p.Args) + len(p.Data) + len(p.Offset)
}

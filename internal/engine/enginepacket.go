package engine

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// PacketType is the kind of an Engine.IO packet; its value is the number on the
// wire, the same in every revision.
type PacketType byte

// The packet types.
const (
	// PacketOpen carries the handshake; only a server sends it.
	PacketOpen PacketType = iota
	// PacketClose ends the session.
	PacketClose
	// PacketPing asks for a PacketPong: the client asks in revisions 2 and 3,
	// the server in revision 4.
	PacketPing
	// PacketPong answers a PacketPing.
	PacketPong
	// PacketMessage carries one message of the layer above.
	PacketMessage
	// PacketUpgrade moves the session to the carrier it arrives on.
	PacketUpgrade
	// PacketNoop only ends a held poll.
	PacketNoop

	packetTypes = iota
)

var packetTypeNames = [packetTypes]string{"open", "close", "ping", "pong", "message", "upgrade", "noop"}

// String returns the type's name in lower case, "unknown" for a value that is
// no type.
func (t PacketType) String() string {
	if int(t) < len(packetTypeNames) {
		return packetTypeNames[t]
	}
	return "unknown"
}

// Packet is one Engine.IO packet taken out of its framing.
type Packet struct {
	// Type is the packet's kind, always one of the constants.
	Type PacketType
	// Binary tells binary data from text.
	Binary bool
	// Data is what follows the type digit or type byte.
	Data []byte
}

// ErrPacket is wrapped by every error of the packet decoders. A genuine server
// ends the session with "parse error" for it.
var ErrPacket = errors.New("engine: malformed packet")

var (
	errPacketEmpty  = fmt.Errorf("%w: empty", ErrPacket)
	errPacketType   = fmt.Errorf("%w: unknown type", ErrPacket)
	errPacketBase64 = fmt.Errorf("%w: bad base64", ErrPacket)
)

// base64Mark starts a text message that carries binary data.
const base64Mark = 'b'

// Framing says how a revision of Engine.IO writes single packets. Its values
// are never changed, so all methods may be called concurrently.
type Framing struct {
	// BinaryPrefix puts the packet type before binary data too: as a byte of
	// that value in a binary message, as a digit after the "b" of the base64
	// form. Without it all binary data is a message.
	BinaryPrefix bool
}

// The framings of the revisions.
var (
	// Framing3 is that of revisions 2 and 3, Socket.IO 1.x and 2.x.
	Framing3 = &Framing{BinaryPrefix: true}
	// Framing4 is that of revision 4, Socket.IO 3.x and 4.x.
	Framing4 = &Framing{BinaryPrefix: false}
)

// DecodeText reads one text message: a type digit and data, or the base64 form
// of binary data, which is legal on every carrier (the node clients of 1.0-1.3
// use it on WebSocket). Data aliases b, except in the base64 form. Errors wrap
// [ErrPacket].
func (f *Framing) DecodeText(b []byte) (Packet, error) {
	if len(b) == 0 {
		return Packet{}, errPacketEmpty
	}
	if b[0] == base64Mark {
		return f.decodeBase64(b[1:])
	}
	t, ok := typeOfDigit(b[0])
	if !ok {
		return Packet{}, errPacketType
	}
	return Packet{Type: t, Data: b[1:]}, nil
}

// DecodeBinary reads one binary message. Data aliases b. Errors wrap
// [ErrPacket].
func (f *Framing) DecodeBinary(b []byte) (Packet, error) {
	if !f.BinaryPrefix {
		return Packet{Type: PacketMessage, Binary: true, Data: b}, nil
	}
	if len(b) == 0 {
		return Packet{}, errPacketEmpty
	}
	if b[0] >= packetTypes {
		return Packet{}, errPacketType
	}
	return Packet{Type: PacketType(b[0]), Binary: true, Data: b[1:]}, nil
}

// AppendText appends the text message of a packet: its type digit and its data,
// which must be UTF-8.
func (f *Framing) AppendText(dst []byte, t PacketType, data []byte) []byte {
	return append(append(dst, '0'+byte(t)), data...)
}

// AppendBinary appends the binary message that carries data. A framing without
// prefix has no place for the type; there t has to be [PacketMessage].
func (f *Framing) AppendBinary(dst []byte, t PacketType, data []byte) []byte {
	if f.BinaryPrefix {
		dst = append(dst, byte(t))
	}
	return append(dst, data...)
}

// AppendBase64 appends the text form of a finished binary message, as
// AppendBinary makes it, for carriers and clients that take text only. An empty
// message where a type byte belongs counts as a message without data.
func (f *Framing) AppendBase64(dst, message []byte) []byte {
	dst = append(dst, base64Mark)
	if f.BinaryPrefix {
		t := byte(PacketMessage)
		if len(message) > 0 {
			t, message = message[0], message[1:]
		}
		dst = append(dst, '0'+t)
	}
	return base64.StdEncoding.AppendEncode(dst, message)
}

func (f *Framing) decodeBase64(b []byte) (Packet, error) {
	t := PacketMessage
	if f.BinaryPrefix {
		if len(b) == 0 {
			return Packet{}, errPacketEmpty
		}
		var ok bool
		if t, ok = typeOfDigit(b[0]); !ok {
			return Packet{}, errPacketType
		}
		b = b[1:]
	}
	enc := base64.StdEncoding
	if len(b)%4 != 0 {
		// Genuine servers do not insist on the padding.
		enc = base64.RawStdEncoding
	}
	data := make([]byte, enc.DecodedLen(len(b)))
	n, err := enc.Decode(data, b)
	if err != nil {
		// The decoder's own error quotes a position only, but says nothing
		// that the session could use.
		return Packet{}, errPacketBase64
	}
	return Packet{Type: t, Binary: true, Data: data[:n]}, nil
}

func typeOfDigit(c byte) (PacketType, bool) {
	t := c - '0' // wraps for what is below '0'
	return PacketType(t), t < packetTypes
}

package engine

import (
	"errors"
	"fmt"
)

// PayloadLimits bounds what the payload decoders accept.
type PayloadLimits struct {
	// MaxPackets is the highest number of packets in one payload; 0 means
	// [DefaultMaxPackets].
	MaxPackets int
	// MaxBytes is the greatest size of a payload in bytes; 0 means
	// [DefaultMaxBytes].
	MaxBytes int
}

// Limits of a payload unless told otherwise.
const (
	// DefaultMaxPackets keeps a body of many tiny packets from growing to
	// several times its size. Genuine servers have no such limit.
	DefaultMaxPackets = 100_000
	// DefaultMaxBytes is the maxHttpBufferSize of Socket.IO since 2.5.0; before
	// it was a hundred times as much.
	DefaultMaxBytes = 1_000_000
)

// Errors of the payload decoders, to be found with errors.Is. Whichever comes,
// the packets before the fault are returned with it, because genuine servers
// have handled them by the time they notice.
var (
	// ErrPayload is wrapped when a body is not a payload of its codec.
	ErrPayload = errors.New("engine: malformed payload")
	// ErrPayloadLimit is wrapped when a body exceeds the limits.
	ErrPayloadLimit = errors.New("engine: payload over the limit")
)

var (
	errPayloadEmpty   = fmt.Errorf("%w: empty", ErrPayload)
	errPayloadLength  = fmt.Errorf("%w: bad length", ErrPayload)
	errPayloadKind    = fmt.Errorf("%w: neither text nor binary", ErrPayload)
	errPayloadShort   = fmt.Errorf("%w: packet cut short", ErrPayload)
	errPayloadPackets = fmt.Errorf("%w: too many packets", ErrPayloadLimit)
	errPayloadBytes   = fmt.Errorf("%w: too many bytes", ErrPayloadLimit)
)

// maxLengthDigits bounds the digits of a length. Genuine decoders go on to 310;
// no body that a server accepts needs more than ten.
const maxLengthDigits = 10

// RawPacket is one element of a binary payload: a message still in the framing
// of its revision.
type RawPacket struct {
	// Binary tells a binary message, which starts with its type byte, from a
	// text message, which starts with its type digit.
	Binary bool
	// Data is the message.
	Data []byte
}

func (l PayloadLimits) checkBytes(body []byte) error {
	limit := l.MaxBytes
	if limit == 0 {
		limit = DefaultMaxBytes
	}
	if len(body) > limit {
		return errPayloadBytes
	}
	return nil
}

func (l PayloadLimits) checkPackets(have int) error {
	limit := l.MaxPackets
	if limit == 0 {
		limit = DefaultMaxPackets
	}
	if have >= limit {
		return errPayloadPackets
	}
	return nil
}

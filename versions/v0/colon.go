package v0

import (
	"errors"
	"fmt"

	"github.com/heirloom-io/socketio/internal/engine"
)

// ColonType is the kind of a colon packet; its value is the digit on the wire.
type ColonType byte

// The types of colon packets.
const (
	// ColonDisconnect ends the session or, with an endpoint, the membership of
	// one namespace.
	ColonDisconnect ColonType = iota
	// ColonConnect joins a namespace, and confirms that.
	ColonConnect
	// ColonHeartbeat is asked by the server and echoed by the client.
	ColonHeartbeat
	// ColonMessage carries text.
	ColonMessage
	// ColonJSON carries one JSON value.
	ColonJSON
	// ColonEvent carries a name and arguments.
	ColonEvent
	// ColonAck answers a packet that had an id.
	ColonAck
	// ColonError tells why something was refused.
	ColonError
	// ColonNoop only ends a held poll. Since 0.7.2; earlier clients ignore it.
	ColonNoop

	colonTypes = iota
)

var colonTypeNames = [colonTypes]string{
	"disconnect", "connect", "heartbeat", "message", "json", "event", "ack", "error", "noop",
}

// String returns the type's name in lower case, "unknown" for a value that is
// no type.
func (t ColonType) String() string {
	if int(t) < len(colonTypeNames) {
		return colonTypeNames[t]
	}
	return "unknown"
}

// AckKind says which kind of answer a packet's id asks for.
type AckKind uint8

// The kinds of answers.
const (
	// AckNone: the packet has no id.
	AckNone AckKind = iota
	// AckAuto: the receiving library answers by itself, without arguments. On
	// the wire the id stands alone.
	AckAuto
	// AckData: the receiving application answers. On the wire a plus sign
	// follows the id.
	AckData
)

// Colon is one packet of the dialect, taken apart as far as its type does not
// matter:
//
//	type ":" [ id [ "+" ] ] ":" [ endpoint ] [ ":" data ]
type Colon struct {
	// Type is the packet's kind, always one of the constants.
	Type ColonType
	// ID is valid unless Ack is AckNone.
	ID int64
	// Ack is the kind of answer the packet asks for.
	Ack AckKind
	// Endpoint is the namespace as it stands on the wire: empty for the default
	// one. It has no colon.
	Endpoint string
	// Data is what follows the endpoint's colon, verbatim. Empty and absent data
	// mean the same in every release, and are written alike: not at all.
	Data []byte
}

// Limits on what is read.
const (
	// maxIDDigits keeps ids among the integers that JavaScript counts exactly;
	// genuine servers round longer ones and answer with another number.
	maxIDDigits = 15
	// maxEndpoint bounds the name of a namespace, in bytes.
	maxEndpoint = 1024
	// DefaultMaxPackets bounds the packets of one payload. Genuine servers have
	// no such limit.
	DefaultMaxPackets = engine.DefaultMaxPackets
)

// Errors of the decoders and of the encoder, to be found with errors.Is. None
// of them quotes the packet. Genuine servers ignore whatever they cannot read,
// and so does the session here.
var (
	// ErrColon is wrapped by every error about one packet.
	ErrColon = errors.New("v0: malformed packet")
	// ErrColonLimit is wrapped by every error about a packet or payload over
	// the limits.
	ErrColonLimit = errors.New("v0: packet over the limit")
)

var (
	errColonShape    = fmt.Errorf("%w: not of the form type:id:endpoint", ErrColon)
	errColonType     = fmt.Errorf("%w: unknown type", ErrColon)
	errColonAckID    = fmt.Errorf("%w: acknowledgement without an id", ErrColon)
	errColonName     = fmt.Errorf("%w: event without a name", ErrColon)
	errColonJSON     = fmt.Errorf("%w: invalid JSON", ErrColon)
	errColonEndpoint = fmt.Errorf("%w: namespace without a slash at its start, or with a colon", ErrColon)
	errColonID       = fmt.Errorf("%w: id of too many digits", ErrColonLimit)
	errColonLong     = fmt.Errorf("%w: name of a namespace too long", ErrColonLimit)
	errColonPackets  = fmt.Errorf("%w: too many packets in a payload", ErrColonLimit)
)

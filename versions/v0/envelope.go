package v0

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/heirloom-io/socketio/packet"
)

// The dialect of 0.1 to 0.4. The server sends an object, the client a bare
// array; both hold JSON values, each of which is one message:
//
//	server: {"messages":["hello",{"a":1}]}
//	client: ["hello",{"a":1}]
const (
	envelopeStart = `{"messages":[`
	envelopeEnd   = `]}`
)

// Errors of the decoders of 0.1 to 0.6, to be found with errors.Is. None of them
// quotes the input. Genuine servers ignore what they cannot read, and so does
// the session here.
var (
	// ErrMessages is wrapped by errors about a payload that is none.
	ErrMessages = errors.New("v0: malformed messages")
	// ErrMessagesLimit is wrapped by errors about a payload with too many
	// messages, or a length of too many digits.
	ErrMessagesLimit = errors.New("v0: messages over the limit")
)

var (
	errMessagesArray  = fmt.Errorf("%w: no JSON array", ErrMessages)
	errMessagesFrame  = fmt.Errorf("%w: no frame where one should begin", ErrMessages)
	errMessagesPair   = fmt.Errorf("%w: length parts a character", ErrMessages)
	errMessagesLength = fmt.Errorf("%w: length of too many digits", ErrMessagesLimit)
	errMessagesCount  = fmt.Errorf("%w: too many messages in a payload", ErrMessagesLimit)
)

// AppendEnvelope appends what a server of 0.1 to 0.4 sends: values, each one
// JSON text, in an envelope. They are trusted to be valid, and rewritten so that
// every release can read them: up to client 0.1.6 they are a piece of script, in
// which U+2028 and U+2029 end a line.
//
// A client spreads a value that is an array over the arguments of its listener,
// which then sees the first element alone. Such a value is put into another
// array, so that the listener gets all of it; genuine servers did not.
func AppendEnvelope(dst []byte, values ...[]byte) []byte {
	dst = append(dst, envelopeStart...)
	for i, value := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if value = bytes.TrimLeft(value, jsonSpace); len(value) > 0 && value[0] == '[' {
			dst = append(AppendSafeJSON(append(dst, '['), value), ']')
		} else {
			dst = AppendSafeJSON(dst, value)
		}
	}
	return append(dst, envelopeEnd...)
}

// DecodeArray reads what a client of 0.1 to 0.4 sends: a JSON array, each element
// of which is one message. The elements alias b. The errors wrap [ErrMessages],
// or [ErrMessagesLimit] for more messages than the limit, or than
// [DefaultMaxPackets] if that is 0.
//
// Genuine servers took a JSON string for as many messages as it has characters;
// here it is none.
func DecodeArray(b []byte, maxMessages int) ([][]byte, error) {
	args, n, err := packet.ScanArray(b)
	if err != nil {
		return nil, errMessagesArray
	}
	if maxMessages == 0 {
		maxMessages = DefaultMaxPackets
	}
	if n > maxMessages {
		return nil, errMessagesCount
	}
	values, err := packet.Split(args, make([][]byte, 0, n))
	if err != nil {
		return nil, errMessagesArray // cannot happen: it has been scanned
	}
	return values, nil
}

// joinEnvelopes appends the payload that carries frames of the dialect: one
// envelope with all that is in theirs. A frame that is no envelope of messages
// would be lost on a client inside one, and goes nowhere else in a poll.
func joinEnvelopes(dst []byte, frames []*packet.Frame) []byte {
	from := len(dst)
	for _, f := range frames {
		inner, ok := bytes.CutPrefix(f.Data, []byte(envelopeStart))
		if !ok {
			continue
		}
		if len(dst) == from {
			dst = append(dst, envelopeStart...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(dst, inner[:len(inner)-len(envelopeEnd)]...)
	}
	if len(dst) > from {
		dst = append(dst, envelopeEnd...)
	}
	return dst
}

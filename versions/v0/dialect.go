package v0

import (
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// dialect holds what the rules of a session need to know of the grammar. Values
// are never changed.
type dialect struct {
	// heartbeat asks a client whether it is there, and noop ends a held poll.
	heartbeat, noop *packet.Frame
	// booted ends a session for good: the client does not come back by itself.
	booted *packet.Frame
	// stranger tells a client that its session does not exist, upon which it
	// begins another.
	stranger *packet.Frame
	// split cuts a body or message into packets; it returns what it can read.
	split func(body []byte) ([][]byte, error)
	// join appends the payload that carries frames.
	join func(dst []byte, frames []*packet.Frame) []byte
}

func colonFrameOf(p Colon) *packet.Frame {
	return &packet.Frame{Data: AppendColon(nil, p)}
}

// colon is the dialect of 0.7 to 0.9.
var colon = &dialect{
	heartbeat: colonFrameOf(Colon{Type: ColonHeartbeat}),
	noop:      colonFrameOf(Colon{Type: ColonNoop}),
	booted:    colonFrameOf(Colon{Type: ColonDisconnect}),
	stranger:  colonFrameOf(Colon{Type: ColonError, Data: []byte("1+0")}),
	split:     func(body []byte) ([][]byte, error) { return DecodeColonPayload(body, 0) },
	join:      AppendColonPayload,
}

// farewells says what a client is told last, by the reason. The dialect has two
// words: booted, after which a client stays away, and stranger, after which it
// comes back with a new session. What is not in the table ends without a word.
func (d *dialect) farewell(reason versions.Reason) *packet.Frame {
	switch reason {
	case versions.ReasonServerDisconnect, versions.ReasonClientDisconnect, versions.ReasonPolicy:
		return d.booted
	case versions.ReasonServerShutdown, versions.ReasonForcedClose:
		return d.stranger
	default:
		return nil
	}
}

package v0

import (
	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// dialect holds what the rules of a session need to know of the grammar. Values
// are never changed.
type dialect struct {
	// generation is the row of the catalogue, and span its releases.
	generation compat.ID
	span       span
	// undecided is set while it is not known which dialect a client speaks.
	undecided bool

	// heartbeat returns the nth question whether a client is there. If oneWay is
	// set it is none: clients do not answer.
	heartbeat func(n int) *packet.Frame
	oneWay    bool
	// noop ends a held poll; nil for an empty answer.
	noop *packet.Frame
	// booted ends a session for good: the client does not come back by itself.
	// Nil where the end of its connection is all that a client is told.
	booted *packet.Frame
	// stranger tells a client that its session does not exist, upon which it
	// begins another. Nil as booted.
	stranger *packet.Frame
	// greeting tells a client its session's id; nil where the answer to the
	// handshake does.
	greeting func(sid string) *packet.Frame

	// split cuts a body or message into packets; it returns what it can read.
	split func(body []byte) ([][]byte, error)
	// handle does what a packet of the client asks for.
	handle func(s *session, raw []byte)
	// join appends the payload that carries frames.
	join func(dst []byte, frames []*packet.Frame) []byte
	// encoder makes the frames of neutral packets.
	encoder packet.Encoder
}

// unite returns the one frame that says what frames say together.
func (d *dialect) unite(frames []*packet.Frame) []*packet.Frame {
	if len(frames) < 2 {
		return frames
	}
	size := 0
	for _, f := range frames {
		size += len(f.Data)
	}
	return []*packet.Frame{{Data: d.join(make([]byte, 0, size), frames)}}
}

func colonFrameOf(p Colon) *packet.Frame {
	return &packet.Frame{Data: AppendColon(nil, p)}
}

// colon is the dialect of 0.7 to 0.9.
var colon = newColon()

func newColon() *dialect {
	heartbeat := colonFrameOf(Colon{Type: ColonHeartbeat})
	return &dialect{
		generation: compat.V07,
		span:       allReleases,
		heartbeat:  func(int) *packet.Frame { return heartbeat },
		noop:       colonFrameOf(Colon{Type: ColonNoop}),
		booted:     colonFrameOf(Colon{Type: ColonDisconnect}),
		stranger:   colonFrameOf(Colon{Type: ColonError, Data: []byte("1+0")}),
		split:      func(body []byte) ([][]byte, error) { return DecodeColonPayload(body, 0) },
		handle:     (*session).handleColon,
		join:       AppendColonPayload,
		encoder:    ColonEncoder{},
	}
}

// farewells says what a client is told last, by the reason. 0.7 to 0.9 have two
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

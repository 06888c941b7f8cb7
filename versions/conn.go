package versions

import (
	"errors"

	"github.com/heirloom-io/socketio/packet"
)

// Errors of Conn.Deliver.
var (
	// ErrClosed is returned for a connection that has ended or is ending.
	ErrClosed = errors.New("versions: connection closed")
	// ErrSlow is returned when the packet would have exceeded the bounds of the
	// client's outbox; the connection is closed with ReasonSlowConsumer.
	ErrSlow = errors.New("versions: client too slow")
	// ErrDropped is returned for a volatile packet that was dropped because no
	// carrier was ready.
	ErrDropped = errors.New("versions: volatile packet dropped")
)

// Conn is one connected client of any generation. All methods may be called
// from any goroutine, and none of them blocks.
type Conn interface {
	// ID is the session id, unique in the server.
	ID() string
	// Info tells what is known of the client so far; it may become more exact
	// while the session lives.
	Info() Info
	// Handshake is the request that opened the session. It is never changed.
	Handshake() *Handshake
	// Can reports whether the client's dialect has all of the given features.
	Can(packet.Feature) bool
	// Deliver queues a packet in the client's dialect. Packets arrive in the
	// order of the calls. The error is ErrClosed, ErrSlow, ErrDropped, or that
	// of the encoding; the last leaves the connection as it was.
	Deliver(*packet.Prepared) error
	// Close ends the connection after what is queued has been sent, or as much
	// of it as the client takes in time. Only the first call counts; the
	// receiver's Closed gets its reason.
	Close(Reason)
}

// ConnectionCounter is a Conn whose session outlives the connections its client
// opens for what the server sends.
type ConnectionCounter interface {
	// Connections returns how many times the client has opened one.
	Connections() int
}

// Encoder is a Conn that can encode a packet ahead of its delivery, for those who
// deliver under a lock. It is one wherever Can answers for packet.FeatureRecovery.
type Encoder interface {
	// Encode makes the frames that a Deliver of the packet right after it will find.
	// An error says that they cannot be made.
	Encode(*packet.Prepared) error
}

// Receiver takes what a client sends. Receive and Fault are called one at a
// time, in wire order. Closed may come while a Receive blocks, and ends that; no
// Receive starts after it.
type Receiver interface {
	// Receive takes a packet and owns it from then on. It may block to slow the
	// client down, and then returns at the latest when the connection ends.
	Receive(*packet.Packet)
	// Fault reports input that violated the protocol, shortly before the
	// connection is closed for it.
	Fault(error)
	// Closed is the last call, made exactly once for every accepted Conn.
	Closed(Reason)
}

// Host is the server above the generations.
type Host interface {
	// Accept takes a new client. It may deliver packets to it at once. An error
	// refuses the client; the connection then ends with no call to a Receiver.
	Accept(Conn) (Receiver, error)
}

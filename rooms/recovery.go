package rooms

import (
	"errors"
	"time"

	"github.com/heirloom-io/socketio/packet"
)

// Errors of a [Trail] and of what it delivers to.
var (
	// ErrAway is returned by a [Taker] whose connection has ended, and by a trail
	// for an event that nevertheless is kept for the client.
	ErrAway = errors.New("rooms: member is away")
	// ErrOver is returned by a trail whose member will not come back by it.
	ErrOver = errors.New("rooms: session is over")
	// ErrGap is returned when the log no longer holds all that a member missed.
	ErrGap = errors.New("rooms: events missing from the log")
)

// Recoverer is an [Adapter] that brings members back whose connection broke. A
// cluster's has to be one for recovery to work there, as events of other nodes
// must be recorded too; [Store] needs not, since servers use a [Journal] with it.
type Recoverer interface {
	Adapter
	// Recovery returns what keeps the namespace's events and sessions within
	// limits, or nil for nothing. It is called once.
	Recovery(RecoveryLimits) Recovery
}

// RecoveryLimits bound what is kept in a namespace. All numbers are above zero.
type RecoveryLimits struct {
	// Window is how long a session is kept.
	Window time.Duration
	// Retention is how long an event is kept. It is longer than Window by the time
	// it takes to notice that a connection is dead.
	Retention time.Duration
	// Bytes and Packets bound the events, Sessions the sessions.
	Bytes, Packets, Sessions int
	// Pool bounds them together with those of other journals; nil does not.
	Pool *JournalPool
}

// Recovery keeps the events that were sent to the members of a namespace, and
// the sessions of members whose connection broke. All methods may be called
// concurrently.
type Recovery interface {
	// Record gives an event its place among all others, Packet.Offset, and keeps
	// it. It comes before the event is sent to anybody. A volatile event is not
	// kept, nor need one be while no trail has begun that is not over; such events
	// get a place only where a client would mistake one of their arguments for it.
	// An error keeps the event from being sent.
	Record(p *packet.Packet, t Target) error
	// Sent says that a recorded event has reached everybody it was to reach.
	Sent(p *packet.Packet)
	// Begin starts the trail of a member, before it is in any room.
	Begin(to Taker) Trail
	// Restore takes out the session of that pid. An offset is that of the last
	// event the client has got, empty if there was none. It reports false, and the
	// session is gone, unless everything sent to the member since is known.
	Restore(pid, offset string) (Session, Trail, bool)
	// Close drops everything.
	Close()
}

// Session is what is kept of a member.
type Session struct {
	// PID is the secret by which the client asks for it.
	PID string
	// ID, Rooms and Data are what the member gets back.
	ID    string
	Rooms []string
	Data  map[string]any
}

// Taker is the way to a member's client.
type Taker interface {
	// Deliver queues a packet and never blocks. The error is ErrAway if the
	// connection has ended.
	Deliver(*packet.Prepared) error
}

// Trail knows the events sent to one member and in which order, over all of its
// connections. All methods may be called concurrently; those that change whose it
// is are called by the member's owner, one at a time.
type Trail interface {
	// Deliver sends a recorded event, that has been encoded before, to the
	// member, which knows the trail by the given way. While the member is away or
	// is being brought back the event waits. ErrAway says that it does although the
	// connection has ended; ErrOver that it never will arrive.
	Deliver(p *packet.Prepared, to Taker) error
	// Waits reports whether events for that way may still arrive.
	Waits(to Taker) bool
	// Leave comes right before the member is taken out of its rooms, Keep after
	// it, and makes the session one that can be restored.
	Leave(id string, rooms []string)
	Keep(Session)
	// Resume goes on with a restored trail: it sends what was missed, the packet
	// that tells the client so, and what has come since. The member has been put
	// into its rooms before. ErrGap says that it cannot be.
	Resume(to Taker, confirm *packet.Prepared) error
	// End says that the member will not come back.
	End()
}

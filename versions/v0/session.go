package v0

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/internal/unclaimed"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// session is one client, from its handshake on. Its carriers come and go: polls
// one after the other, and a client that falls back opens another transport with
// the same id.
//
// There are many of them, and mostly idle, so that its size matters: its 384 bytes
// fill an allocation, and one byte more would cost 32.
//
// Lock order: recv, switching, mu, sending, outbox.
type session struct {
	srv       *Server
	dialect   atomic.Pointer[dialect] // see speaks
	id        string
	handshake *versions.Handshake
	evidence  string
	releases  atomic.Uint32 // what is known of the client's release, a span

	opening   sync.Once
	recv      sync.Mutex // held during calls of the receiver's Receive
	receiving atomic.Bool
	opened    atomic.Int32 // number of carriers so far

	// switching is held while one carrier takes the place of another. A
	// predecessor may need a moment, a poll as long as a write may take, to
	// finish what it has begun.
	switching sync.Mutex

	heard atomic.Bool // something has been received

	sending sync.Mutex
	// Guarded by sending:
	epoch int32          // number of replays
	out   *outbox.Outbox // a duplex carrier's own, so not a part of the session
	early early

	mu sync.Mutex
	// Guarded by mu:
	receiver  versions.Receiver // nil until the first request
	transport string            // name of the latest carrier, "" before the first
	carrier   carrier           // nil between polls, and while another takes the place
	leaving   carrier           // what lost its place last, until a successor has it
	retired   []carrier         // connections whose place another has taken
	answered  string            // name of the transport that last answered a poll
	joined    []membership      // namespaces asked for and neither refused nor left
	owed      int32             // acknowledgements that wait in joined
	closed    bool
	told      bool // the receiver knows that the session has ended
	awaiting  bool // a heartbeat is unanswered
	reason    versions.Reason
	timer     *time.Timer
	due       time.Duration // when the timer has something to do; 0 for never
	beats     int           // number of the latest heartbeat
	decided   string        // how the dialect was found out, "" if the request tells

	// Guarded by the server's mutex:
	waiting *unclaimed.Entry[*session] // nil once its client has come
	callers [2]*caller                 // see offers
}

var (
	_ versions.Conn              = (*session)(nil)
	_ versions.ConnectionCounter = (*session)(nil)
)

func newSession(srv *Server, d *dialect) *session {
	s := &session{srv: srv, out: new(outbox.Outbox)}
	s.dialect.Store(d)
	s.releases.Store(uint32(d.span))
	s.out.Init(&srv.p.Outbox)
	return s
}

// begin hands the session to the server above, at its first request. Requests
// that come at the same time wait for that. While it is not known which dialect
// the client speaks it does nothing.
func (s *session) begin() {
	if s.speaks().undecided {
		return // until listen, or the timer, has decided
	}
	s.opening.Do(func() {
		introduced := false
		defer func() {
			if !introduced { // but panicked: nobody may be there to take packets
				s.end(versions.ReasonForcedClose, endNow)
			}
		}()
		s.introduce()
		introduced = true
	})
}

// introduce has the server above accept the client, and connects it to the
// default namespace.
func (s *session) introduce() {
	s.srv.claimed(s)
	if s.ended() {
		return
	}
	receiver, err := s.srv.p.Host.Accept(s)
	if err != nil {
		s.end(versions.ReasonForcedClose, endFlush)
		return
	}
	s.join(packet.DefaultNamespace)
	if s.adopt(receiver) {
		s.recv.Lock()
		defer s.recv.Unlock()
		receiver.Receive(&packet.Packet{Type: packet.Connect, Namespace: packet.DefaultNamespace})
	}
}

// adopt sets the receiver. If the session has ended meanwhile it tells it so,
// and reports false.
func (s *session) adopt(receiver versions.Receiver) bool {
	s.mu.Lock()
	s.receiver = receiver
	closed, reason := s.closed, s.reason
	s.told = closed
	s.mu.Unlock()
	if closed {
		receiver.Closed(reason)
	}
	return !closed
}

// place makes c the carrier instead of the one there is, if any. What waits
// goes on by c. It reports false for a session that has ended.
//
// Meanwhile the session has no carrier, so that whatever happens to the one that
// leaves cannot end it.
func (s *session) place(c carrier, name string) bool {
	s.switching.Lock()
	defer s.switching.Unlock()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false
	}
	from := s.transport
	if c.kind() == kindPoll && s.answered == name {
		s.hear() // the client polls again because it got the answer
	}
	if s.carrier != nil {
		s.carrier.retire()
		s.carrier, s.leaving = nil, s.carrier
	}
	old := s.leaving
	s.setTimerLocked(0)
	s.mu.Unlock()
	if from == "" || from == name || !s.replay(c) {
		if old != nil {
			old.settle()
		}
		s.redirect(c)
	}

	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false
	}
	s.carrier, s.transport, s.awaiting = c, name, false
	s.opened.Add(1)
	var surplus carrier
	if s.leaving != nil && s.leaving.kind() == kindDuplex {
		s.retired = append(s.retired, s.leaving)
		if len(s.retired) > maxRetired {
			surplus = s.retired[0]
			s.retired = slices.Delete(s.retired, 0, 1)
		}
	}
	s.leaving = nil
	s.startTimerLocked()
	c.attach() // under the lock, since from now on the session may end and use it
	s.mu.Unlock()
	if old != nil {
		old.replaced()
	}
	if surplus != nil {
		surplus.cut()
	}
	return true
}

// maxRetired bounds the connections that clients leave open when they fall back.
// Closing one makes its client close the session.
const maxRetired = 4

// replay has everything go out again by the outbox of c, if the client has never
// been heard: it changes its transport because it has not got anything that was
// sent before, above all not that it is connected. The genuine server never
// repeats that, and its clients change transports for ever. What the carrier that
// leaves has taken is among it, so nobody waits for that. It reports false if the
// client has been heard, or has lost its session: then its last words wait.
func (s *session) replay(c carrier) bool {
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.heard.Load() || s.out.Closed() {
		return false
	}
	to := c.outbox()
	if to == nil {
		to = &outbox.Outbox{}
		to.Init(&s.srv.p.Outbox)
	}
	s.epoch++
	s.moveLocked(to, s.early.replay)
	return true
}

// redirect makes what waits go by the outbox of c; polls share the one that is
// there.
func (s *session) redirect(c carrier) {
	if to := c.outbox(); to != nil {
		s.sending.Lock()
		defer s.sending.Unlock()
		s.moveLocked(to, func(waiting []*packet.Frame) []*packet.Frame { return waiting })
	}
}

// moveLocked puts another outbox in the place of the session's. The lock sending
// is held.
func (s *session) moveLocked(to *outbox.Outbox, of func(waiting []*packet.Frame) []*packet.Frame) {
	waiting, closed := drainOutbox(s.out), s.out.Closed()
	s.out.Close()
	to.PutBack(of(waiting))
	if closed {
		to.Close() // the session has ended meanwhile
	}
	s.out = to
}

// taker is a drain that takes once and for all.
type taker struct{ _ byte } // of a size, so that two have two addresses

// Wake implements the outbox's Drain.
func (*taker) Wake() {}

// drainOutbox takes all that waits, and whatever drained the outbox off it.
func drainOutbox(out *outbox.Outbox) []*packet.Frame {
	t := &taker{}
	out.Attach(t)
	frames := out.Take(t, nil, math.MaxInt)
	out.Detach(t)
	return frames
}

// putBack returns frames that were taken and not sent, in the epoch in which
// they were taken: those of an earlier one have gone out again already.
func (s *session) putBack(frames []*packet.Frame, epoch int32) {
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.epoch == epoch {
		s.out.PutBack(frames)
	}
}

func (s *session) currentEpoch() int32 {
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.epoch
}

// hear notes that the client has sent something: what was sent to it has arrived
// by a way that works. The echo of a heartbeat says so too, since a carrier brings
// it to the client behind all that was sent by it before.
func (s *session) hear() {
	if s.heard.Swap(true) {
		return
	}
	s.forgetEarly()
}

// forgetEarly lets go of what was kept for a client that might not have got it.
func (s *session) forgetEarly() {
	s.sending.Lock()
	defer s.sending.Unlock()
	s.early.drop(s.srv.early)
}

func (s *session) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// receive handles the packets of one body or message, in order. What cannot be
// read is ignored, as by genuine servers.
func (s *session) receive(body []byte) {
	d := s.listen(body)
	packets, err := d.split(body)
	if err != nil {
		s.srv.p.Logger.Debug("payload cut short", "error", err)
	}
	s.recv.Lock()
	defer s.recv.Unlock()
	s.receiving.Store(true)
	defer s.receiving.Store(false)
	for _, raw := range packets {
		if s.ended() {
			return
		}
		d.handle(s, raw)
	}
}

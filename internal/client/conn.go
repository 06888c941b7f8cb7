package client

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/grammar"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// Conn is one client. It implements versions.Conn towards the server and
// engine.Handler towards its session.
type Conn struct {
	family   *Family
	session  *engine.Session
	receiver versions.Receiver
	decoder  *grammar.Decoder // used by the session's receiving side only
	seen     grammar.Seen     // likewise: what has been drawn conclusions from
	asked    bool             // likewise: it has asked to join a namespace, or needs not

	// joining ends a client that is in no namespace in time; nil once it is in
	// one, and if the server joins clients to one itself.
	joining atomic.Pointer[time.Timer]

	state atomic.Pointer[state]

	learning sync.Mutex // held while the state is being replaced
}

// state is what is thought of a client at one time. It is replaced, not changed.
type state struct {
	member *member
	ackV3  bool
	// offsets is set if the client is told of the place of each event.
	offsets bool
	weight  weight
	learnt  string
}

// weight orders evidence: what a client was taken for is overruled by what it
// was seen to do, and the encoding of text, which a user can imitate, by the
// grammar, which nobody can.
type weight uint8

const (
	weightRequest weight = iota
	weightText
	weightGrammar
)

// errNotJoined is the fault of a client that sends something before it has asked
// to join a namespace, where nobody does that for it.
var errNotJoined = errors.New("client: packet before a namespace was joined")

var (
	_ versions.Conn    = (*Conn)(nil)
	_ versions.Encoder = (*Conn)(nil)
	_ engine.Handler   = (*Conn)(nil)
)

// accept makes the client of a new session and hands it to the server. All new
// clients of a profile share one state, until something is learnt of them.
func (f *Family) accept(fresh *state, session *engine.Session) (engine.Handler, error) {
	c := &Conn{
		family:  f,
		session: session,
		decoder: fresh.member.decoding.Decoder(),
	}
	c.state.Store(fresh)
	if c.recovers(fresh) {
		c.update(func(s *state) { s.offsets = true })
	}
	if !fresh.member.row.ImplicitRoot {
		c.joining.Store(time.AfterFunc(fresh.member.settings.ConnectTimeout, func() { session.Close(versions.ReasonForcedClose) }))
	}
	receiver, err := f.p.Host.Accept(c)
	if err != nil {
		c.stopJoining()
		return nil, err
	}
	c.receiver = receiver
	if c.asked = fresh.member.row.ImplicitRoot; c.asked {
		receiver.Receive(&packet.Packet{Type: packet.Connect, Namespace: packet.DefaultNamespace})
	}
	return c, nil
}

// ID returns the session id.
func (c *Conn) ID() string { return c.session.ID() }

// Handshake returns the request that opened the session.
func (c *Conn) Handshake() *versions.Handshake { return c.session.Handshake() }

// Can reports whether the client's generation has features.
func (c *Conn) Can(f packet.Feature) bool {
	s := c.state.Load()
	features := s.member.row.ID.Features()
	if s.offsets {
		features |= packet.FeatureRecovery
	}
	return features.Has(f)
}

// recovers decides whether the client's session is one to keep.
func (c *Conn) recovers(s *state) bool {
	row, settings := s.member.row, &s.member.settings
	switch {
	case row.Recovers == nil || !settings.Recovery:
		return false
	case settings.Recovers != nil:
		return settings.Recovers(c.session.Handshake())
	}
	return row.Recovers(c.traits(s))
}

// Info tells what is known of the client.
func (c *Conn) Info() versions.Info {
	s := c.state.Load()
	evidence := []string{c.session.Evidence()}
	if s.learnt != "" {
		evidence = append(evidence, s.learnt)
	}
	return versions.Info{
		Generation: s.member.row.ID.String(),
		Dialect:    s.member.row.Dialect(c.traits(s)),
		Transport:  c.session.Transport(),
		Evidence:   evidence,
	}
}

func (c *Conn) traits(s *state) Traits {
	rec := c.session.Record()
	return Traits{
		Revision:    c.session.Revision().Number,
		DateStamp:   rec.DateStamp,
		Stamped:     rec.Stamped,
		AckV3:       s.ackV3,
		RandomStamp: rec.RandomStamp,
		JSONP:       rec.JSONP != "",
	}
}

// Deliver queues a packet, in the form that suits the carrier of the moment:
// ASCII for polling where releases disagree about everything else.
func (c *Conn) Deliver(p *packet.Prepared) error {
	if p.Packet().Type == packet.Connect {
		c.stopJoining()
	}
	frames, err := p.Frames(c.encoder())
	if err != nil {
		return err
	}
	return c.session.Send(frames, p.Packet().Volatile)
}

// Encode makes the frames that a Deliver right after it will find.
func (c *Conn) Encode(p *packet.Prepared) error {
	_, err := p.Frames(c.encoder())
	return err
}

func (c *Conn) encoder() *grammar.Encoder {
	s := c.state.Load()
	var f form
	if s.member.row.ASCIIFrames || s.member.row.ASCIIBodies && !c.session.Duplex() {
		f |= formASCII
	}
	if s.ackV3 {
		f |= formAckV3
	}
	if s.offsets {
		f |= formOffset
	}
	return s.member.encoders[f]
}

func (c *Conn) stopJoining() {
	// Let go of, as it would be kept as long as the client.
	if t := c.joining.Swap(nil); t != nil {
		t.Stop()
	}
}

// Close ends the connection after what is queued.
func (c *Conn) Close(reason versions.Reason) { c.session.Close(reason) }

// Message takes a message of the session.
func (c *Conn) Message(data []byte, binary bool) {
	var (
		p   *packet.Packet
		err error
	)
	if binary {
		p, err = c.decoder.Binary(data)
	} else {
		p, err = c.decoder.Text(data)
	}
	if seen := c.decoder.Seen(); seen != c.seen {
		c.conclude(seen &^ c.seen)
		c.seen = seen
	}
	if err == nil && p != nil && !c.asked {
		if c.asked = p.Type == packet.Connect; !c.asked {
			err = errNotJoined
		}
	}
	switch {
	case err != nil:
		// As 2.5: the error event on every socket, then the end.
		c.receiver.Fault(err)
		c.session.Close(versions.ReasonForcedClose)
	case p != nil:
		c.receiver.Receive(p)
	}
}

// Closed tells the server that the session has ended.
func (c *Conn) Closed(reason versions.Reason) {
	c.stopJoining()
	c.decoder.Close()
	c.receiver.Closed(reason)
}

// Learnt takes what the encoding of polling text shows.
func (c *Conn) Learnt(double engine.Tri) {
	if c.state.Load().member.row.Certain {
		return
	}
	switch double {
	case engine.Yes:
		c.move(compat.V1, weightText, "text in polling bodies is UTF-8 twice")
	case engine.No:
		c.move(compat.V2, weightText, "text in polling bodies is UTF-8 once")
	case engine.Unknown:
	}
}

// conclude takes what the packets' grammar shows for the first time.
func (c *Conn) conclude(fresh grammar.Seen) {
	if c.state.Load().member.row.Certain {
		return
	}
	if fresh.Has(grammar.SeenProtocol3Ack) {
		c.update(func(s *state) { s.ackV3 = true })
		c.move(compat.V1, weightGrammar, "acknowledgements in the form of protocol 3")
	}
	if fresh.Has(grammar.SeenNamespaceBare) {
		c.move(compat.V1, weightGrammar, "no comma after a bare namespace")
	}
	if fresh.Has(grammar.SeenNamespaceComma) {
		// From here on text is taken as it is: a 2.x user may mean what looks
		// like text encoded twice.
		c.session.Record().SetDoubleText(engine.No)
		c.move(compat.V2, weightGrammar, "comma after a bare namespace")
	}
}

func (c *Conn) update(change func(*state)) {
	c.learning.Lock()
	defer c.learning.Unlock()
	next := *c.state.Load()
	change(&next)
	c.state.Store(&next)
}

// move makes the client one of another generation of its family, unless heavier
// evidence has spoken.
func (c *Conn) move(to compat.ID, w weight, why string) {
	m := c.family.member(to)
	now := c.state.Load() // replaced by the receiving side only, which we are
	from := now.member.row.ID
	if w < now.weight {
		return
	}
	if to != from && (m == nil || !m.settings.Transports[c.session.Transport()]) {
		c.refuse(from, to, why)
		return
	}
	moved := false
	c.update(func(s *state) {
		s.weight, s.learnt = w, why
		if s.member.row.ID != to {
			s.member, moved = m, true
		}
	})
	if moved {
		c.session.Narrow(m.settings.Transports)
	}
	if moved && c.family.p.Moved != nil {
		c.family.p.Moved(from, to, why)
	}
}

// refuse ends a client whose generation turned out not to be admitted.
func (c *Conn) refuse(from, to compat.ID, why string) {
	if c.family.p.Moved != nil {
		c.family.p.Moved(from, to, why)
	}
	c.session.Close(versions.ReasonPolicy)
}

package v0

import (
	"errors"
	"slices"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// ID returns the session id.
func (s *session) ID() string { return s.id }

// Connections returns how many carriers the session has had: each poll is one.
func (s *session) Connections() int { return int(s.opened.Load()) }

// Handshake returns the request that opened the session.
func (s *session) Handshake() *versions.Handshake { return s.handshake }

// Can reports whether the dialect has features.
func (s *session) Can(f packet.Feature) bool { return s.speaks().generation.Features().Has(f) }

// Info tells what is known of the client.
func (s *session) Info() versions.Info {
	s.mu.Lock()
	name, decided := s.transport, s.decided
	s.mu.Unlock()
	d, known := s.speaks(), span(s.releases.Load())
	evidence := []string{s.evidence}
	if decided != "" {
		evidence = append(evidence, decided)
	}
	if known != d.span {
		evidence = append(evidence, "habits of "+known.String())
	}
	return versions.Info{
		Generation: d.generation.String(),
		Dialect:    known.String(),
		Transport:  name,
		Evidence:   evidence,
	}
}

// Deliver queues a packet. To be disconnected from the default namespace ends
// the session of these clients, and so does a refusal there: otherwise they
// would try one transport after the other.
func (s *session) Deliver(p *packet.Prepared) error {
	pk := p.Packet()
	root := pk.Namespace == packet.DefaultNamespace
	switch pk.Type {
	case packet.Disconnect, packet.Error:
		if s.ended() {
			return versions.ErrClosed
		}
		s.leave(pk.Namespace)
		if root && pk.Type == packet.Disconnect {
			s.end(versions.ReasonServerDisconnect, endFlush)
			return nil
		}
	case packet.Connect, packet.Event, packet.Ack:
	}
	frames, err := p.Frames(s.speaks().encoder)
	if err != nil {
		return err
	}
	if len(frames) > 0 {
		err = s.send(frames, pk.Volatile)
	} else if s.ended() {
		err = versions.ErrClosed
	}
	if pk.Type == packet.Connect && err == nil {
		s.admit(pk.Namespace)
	}
	if root && pk.Type == packet.Error {
		s.end(versions.ReasonServerDisconnect, endFlush)
	}
	return err
}

// Close ends the connection after what is queued.
func (s *session) Close(reason versions.Reason) { s.end(reason, endFlush) }

// send queues the frames of one packet.
func (s *session) send(frames []packet.Frame, volatile bool) error {
	s.sending.Lock()
	err := s.out.Put(frames, volatile)
	if err == nil && !volatile && s.srv.early != nil && !s.heard.Load() {
		s.early.add(frames, &s.srv.p.Outbox, s.srv.early)
	}
	s.sending.Unlock()
	err = engine.NotQueued(err)
	if errors.Is(err, versions.ErrSlow) {
		s.end(versions.ReasonSlowConsumer, endNow)
	}
	return err
}

// control queues a packet of the session's own.
func (s *session) control(f *packet.Frame) {
	s.sending.Lock()
	err := s.out.PutControl(f)
	s.sending.Unlock()
	if errors.Is(err, outbox.ErrFull) {
		s.end(versions.ReasonSlowConsumer, endNow)
	}
}

// Limits on what is remembered of one client.
const (
	// maxJoined bounds its namespaces; the server above has a bound of its own on
	// those it admits.
	maxJoined = 1024
	// maxOwed bounds, for all its namespaces, the acknowledgements that wait for
	// an admission.
	maxOwed = 1024
)

// membership is a namespace that a client has asked for and neither been refused
// nor left.
type membership struct {
	namespace string
	admitted  bool
	owed      []int64 // ids of packets to acknowledge when it is admitted
}

func (s *session) memberLocked(namespace string) *membership {
	for i := range s.joined {
		if s.joined[i].namespace == namespace {
			return &s.joined[i]
		}
	}
	return nil
}

// join notes that a client has asked for a namespace. It may send packets there
// before it is admitted: genuine clients do not wait for that. It reports false
// if the client has asked for too many.
func (s *session) join(namespace string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.memberLocked(namespace) != nil:
	case len(s.joined) >= maxJoined:
		return false
	default:
		s.joined = append(s.joined, membership{namespace: namespace})
	}
	return true
}

// admit notes that a client has been told that it is in a namespace, and sends
// what waited for that.
func (s *session) admit(namespace string) {
	s.mu.Lock()
	var owed []int64
	if m := s.memberLocked(namespace); m != nil {
		owed, m.owed, m.admitted = m.owed, nil, true
		s.owed -= int32(len(owed))
	}
	s.mu.Unlock()
	s.acknowledge(namespace, owed...)
}

// leave notes that a client is not, or no longer, in a namespace. What it sent
// there before it was admitted has come to nothing, and is not acknowledged.
func (s *session) leave(namespace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joined = slices.DeleteFunc(s.joined, func(m membership) bool {
		if m.namespace != namespace {
			return false
		}
		s.owed -= int32(len(m.owed))
		return true
	})
}

func (s *session) isIn(namespace string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memberLocked(namespace) != nil
}

// owe reports whether an acknowledgement may be sent now. Before the client has
// been admitted to the namespace it is kept, or dropped if it is one too many.
func (s *session) owe(namespace string, id int64) (now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.memberLocked(namespace)
	switch {
	case m == nil:
		return false
	case m.admitted:
		return true
	case s.owed < maxOwed:
		m.owed = append(m.owed, id)
		s.owed++
	}
	return false
}

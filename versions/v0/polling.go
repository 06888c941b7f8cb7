package v0

import (
	"net/http"
	"sync"
	"time"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

// maxAnswer bounds one answer to a poll, in bytes of packets; the rest goes into
// the next.
const maxAnswer = 4 << 20

// polling is xhr-polling and, with another dress, jsonp-polling.
type polling struct {
	srv   *Server
	name  string
	style *pollStyle
	jsonp bool
}

// pollStyle is what differs between the polls of generations.
type pollStyle struct {
	// form takes the packets out of a POST body, and jsonpForm out of a JSONP
	// client's.
	form, jsonpForm func(body []byte) (packets []byte, raw bool)
	// index returns the index of a JSONP request, of digits only.
	index func(*http.Request) string
	// call opens the call of a script, before the index and behind it.
	call, member string
	// keepAlive says what HTTP/1.1 implies.
	keepAlive bool
}

// colonPolls are those of 0.7 to 0.9.
var colonPolls = &pollStyle{
	form:      func(body []byte) ([]byte, bool) { return engine.ToValidUTF8(body), false },
	jsonpForm: DecodeJSONPForm,
	index: func(r *http.Request) string {
		if index, ok := engine.JSONPIndex(r.URL.Query().Get("i")); ok {
			return index
		}
		return "0"
	},
	call: "io.j[", member: "](",
	keepAlive: true,
}

func (m *polling) posts() bool { return true }

// form takes the packets out of a POST body.
func (m *polling) form(body []byte) (packets []byte, raw bool) {
	if m.jsonp {
		return m.style.jsonpForm(body)
	}
	return m.style.form(body)
}

// open holds a GET until there is something to send, or the polling duration is
// over, or another request takes its place.
//
// What has been taken for a poll and not been written to its end goes back and
// is sent by the next one. An answer that the network took counts as delivered:
// HTTP has no acknowledgement, and to send it again would show a client that
// did get it everything twice. Genuine clients end the session when a poll
// fails, so the difference is seen by none of them.
func (m *polling) open(w http.ResponseWriter, r *http.Request, s *session) {
	p := &poll{s: s}
	if !s.place(p, m.name) {
		s.dismiss(w, r, m)
		return
	}
	s.begin()
	err := p.held.Wait(r.Context())
	if err == nil && r.Context().Err() != nil {
		err = errPollGone
	}
	if err != nil {
		p.held.Release()
		s.unpoll(p, "")
		return
	}
	epoch := s.currentEpoch()
	frames := p.take()
	defer p.release()
	answer := frames
	if len(answer) == 0 {
		idle := s.idleFrame()
		if idle == nil && s.ended() {
			abort(w)
			s.unpoll(p, m.name)
			return
		}
		if idle != nil {
			answer = []*packet.Frame{idle}
		}
	}
	if err := m.answer(w, r, s.speaks(), answer); err != nil {
		s.putBack(frames, epoch)
		s.unpoll(p, "")
		return
	}
	s.unpoll(p, m.name)
}

// idleFrame answers a poll for which there is nothing. Nil is an empty answer,
// and none at all once the session has ended.
func (s *session) idleFrame() *packet.Frame {
	if s.ended() {
		return s.speaks().stranger
	}
	return s.speaks().noop
}

// unpoll notes that a poll is over; by is the name of the transport if it was
// answered.
func (s *session) unpoll(p *poll, by string) {
	s.mu.Lock()
	if by != "" {
		s.answered = by
	}
	closed := s.closed
	if s.carrier == p {
		s.carrier = nil
		if !closed {
			s.startTimerLocked()
		}
	}
	s.mu.Unlock()
	if closed && by != "" {
		s.fetched()
	}
}

func (m *polling) turnAway(w http.ResponseWriter, r *http.Request, d *dialect, frames []*packet.Frame) error {
	return m.answer(w, r, d, frames)
}

func (m *polling) answer(w http.ResponseWriter, r *http.Request, d *dialect, frames []*packet.Frame) error {
	body := d.join(nil, frames)
	contentType := typePlainUTF8
	if m.jsonp {
		contentType = typeScript
		body = m.style.appendCall(make([]byte, 0, len(body)+len(body)/4+24), m.style.index(r), body)
		w.Header().Set("X-XSS-Protection", "0")
	} else {
		allowOrigin(w, r)
	}
	if m.style.keepAlive {
		keepAlive(w, r)
	}
	return answerPoll(w, r, contentType, body, m.srv.p.WriteTimeout)
}

// poll is the carrier that a held GET is.
type poll struct {
	s    *session
	held *transports.Held

	mu sync.Mutex
	// Guarded by mu:
	retired bool          // another has the place: nothing may be taken any more
	settled chan struct{} // closed when what was taken has arrived or is back
}

// take takes what there is for the answer, unless another poll is to get it.
func (p *poll) take() []*packet.Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired {
		p.held.Release()
		return nil
	}
	frames := p.held.Take(nil, maxAnswer)
	if len(frames) > 0 {
		p.settled = make(chan struct{})
	}
	return frames
}

// release lets a successor take.
func (p *poll) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.settled != nil {
		close(p.settled)
		p.settled = nil
	}
}

func (p *poll) kind() kind             { return kindPoll }
func (p *poll) outbox() *outbox.Outbox { return nil }
func (p *poll) worn() bool             { return false }

func (p *poll) attach() {
	p.s.sending.Lock()
	defer p.s.sending.Unlock()
	p.held = transports.Hold(p.s.out)
}

func (p *poll) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
}

// settle waits for the fate of an answer under way, which a client that polls
// again before it is known has either got or given up: its packets come before
// all others. The wait is bounded, also where writes have no deadline.
func (p *poll) settle() {
	p.mu.Lock()
	settled := p.settled
	p.mu.Unlock()
	if settled == nil {
		return
	}
	limit := time.NewTimer(p.s.srv.p.WriteTimeout)
	defer limit.Stop()
	select {
	case <-settled:
	case <-limit.C:
	}
}

// replaced ends a poll whose place another request has taken. It comes after
// that has been done, since clients react to a noop by polling again.
func (p *poll) replaced() { p.held.Tell() }
func (p *poll) finish()   { p.held.Tell() }
func (p *poll) cut()      { p.held.Tell() }

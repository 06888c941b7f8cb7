package v0

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/heirloom-io/socketio/versions"
)

const (
	// messageClaim is how long the session of a poll waits for the request that
	// shows that its client has understood the handshake.
	messageClaim = 10 * time.Second
	// decisionTimeout is how long a stream waits for a word of its client. Those of
	// 0.5 and 0.6 answer the first heartbeat at once; those before say nothing
	// until the page does.
	decisionTimeout = 5 * time.Second
)

// How a dialect was found out; shown in Info.
const (
	decidedByArray   = "first text of the client is an array: 0.1-0.4"
	decidedByFrame   = "first text of the client is framed: 0.5-0.6"
	decidedBySilence = "no answer to a heartbeat of 0.5-0.6: 0.1-0.4"
	decidedLate      = "late answer to a heartbeat of 0.5-0.6"
	decidedByClaim   = "client went on after the handshake of "
	decidedByConfig  = "dialect set by configuration"
)

// speaks returns the dialect of the session.
func (s *session) speaks() *dialect { return s.dialect.Load() }

// listen returns the dialect of a text from the client, which on a stream may
// only now become known. It returns when the server above knows of the client,
// even if somebody else is just telling it, as a timer or another request may.
func (s *session) listen(body []byte) *dialect {
	d := s.speaks()
	if s.srv.messages == nil {
		return d
	}
	body = bytes.TrimLeft(body, jsonSpace)
	framed := bytes.HasPrefix(body, []byte(framedMark))
	switch {
	case d.undecided && bytes.HasPrefix(body, []byte("[")):
		s.decide(s.srv.messages.envelope, decidedByArray)
	case d.undecided && framed:
		s.decide(s.srv.messages.framed, decidedByFrame)
	case d.oneWay && framed:
		s.correct()
	}
	s.begin()
	return s.speaks()
}

// correct makes up for a decision taken too early: a client of 0.5 or 0.6 whose
// page was busy answers after the time for that. What it was sent since then it
// has not understood.
func (s *session) correct() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.decided != decidedBySilence {
		return
	}
	d := s.srv.messages.framed
	s.dialect.Store(d)
	s.decided = decidedLate
	s.releases.Store(uint32(d.span))
	if s.carrier != nil {
		s.startTimerLocked()
	}
}

// despair takes a client that says nothing for one of 0.1 to 0.4.
func (s *session) despair() {
	if s.srv.enter() {
		defer s.srv.wg.Done()
		s.decide(s.srv.messages.envelope, decidedBySilence)
	}
}

// decide ends the time in which a session speaks two dialects, and lets the
// server above know of the client.
func (s *session) decide(d *dialect, how string) {
	s.mu.Lock()
	if s.closed || !s.speaks().undecided {
		s.mu.Unlock()
		return
	}
	s.dialect.Store(d)
	s.decided = how
	if s.carrier != nil { // else it has been lost, and has its time to come back
		s.startTimerLocked()
	}
	s.mu.Unlock()
	s.narrow(d.span)
	s.begin()
}

// greet queues what opens a stream: the id in the dialect of the client, or in
// both, of which clients ignore the other, and a heartbeat that only one of them
// answers.
func (s *session) greet() {
	d := s.speaks()
	if !d.undecided {
		s.control(d.greeting(s.id))
		return
	}
	s.control(greetEnvelope(s.id))
	s.control(greetFramed(s.id))
	s.probe()
}

// probe queues a heartbeat whose answer shows that the client is of 0.5 or 0.6.
func (s *session) probe() {
	s.mu.Lock()
	s.beats++
	n := s.beats
	s.mu.Unlock()
	s.control(framedHeartbeat(n))
}

// newSession returns a session in a dialect, without a carrier.
func (m *MessageServer) newSession(r *http.Request, q MessageRequest, d *dialect) (*session, error) {
	id, err := m.newID(r)
	if err != nil {
		return nil, err
	}
	s := newSession(m.core, d)
	s.id, s.evidence, s.transport = id, q.Evidence, q.Transport
	s.handshake = versions.NewHandshake(r, time.Now())
	s.heard.Store(true) // clients do not change their transport within a session
	s.narrow(tellsOfMessages(r, q))
	return s, nil
}

// tellsOfMessages returns the releases whose clients send such a request. The
// time of the request in the path came with client 0.2.2, of server 0.3.4.
func tellsOfMessages(r *http.Request, q MessageRequest) span {
	switch {
	case q.Transport == nameJSONPPolling, cookieOf(r, "socketio"):
		return spanOf(600, 618)
	case q.Transport == nameFlashSocket:
		return framedReleases
	case q.Transport == nameServerEvents:
		return spanOf(100, 203)
	case q.Bare && (q.Transport == nameXHRPolling || q.Transport == nameXHRMultipart || q.Transport == nameHTMLFile):
		return spanOf(100, 303)
	case cookieOf(r, "socket.io"):
		return spanOf(100, 500)
	case q.Transport == nameXHRPolling && strings.Contains(r.URL.EscapedPath(), "//"):
		return spanOf(304, 618)
	}
	return spanOf(100, 618)
}

func cookieOf(r *http.Request, name string) bool {
	_, err := r.Cookie(name)
	return err == nil
}

package v0

import (
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// wire is a connection whose writes a test holds up.
type wire struct {
	hold  chan error // what a write returns; nil for writes that pass
	ended chan struct{}
	once  sync.Once
	begun chan struct{} // one for each write
	deaf  bool          // a write does not notice that the connection has ended

	mu      sync.Mutex
	written []string
}

func newWire(hold chan error) *wire {
	return &wire{hold: hold, ended: make(chan struct{}), begun: make(chan struct{}, 100)}
}

func (w *wire) Read(func([]byte, bool) error) error { <-w.ended; return net.ErrClosed }
func (w *wire) Goodbye(transports.CloseCode)        { w.Terminate() }
func (w *wire) Terminate()                          { w.once.Do(func() { close(w.ended) }) }

func (w *wire) Write(frames []*packet.Frame) error {
	w.begun <- struct{}{}
	ended := w.ended
	if w.deaf {
		ended = nil
	}
	if w.hold != nil {
		select {
		case err := <-w.hold:
			if err != nil {
				return err
			}
		case <-ended:
			return net.ErrClosed
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range frames {
		w.written = append(w.written, string(f.Data))
	}
	return nil
}

func (w *wire) got() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.written)
}

// movable is a session that has been heard, in a bubble, without a network.
func movable(t *testing.T, h *host) *session {
	t.Helper()
	srv, err := NewServer(params(h))
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(srv, colon)
	s.id, s.handshake = "sid", &versions.Handshake{}
	srv.add(s)
	s.hear()
	return s
}

func (s *session) newLine(w *wire) *line {
	c := &line{Conn: w, s: s}
	c.out.Init(&s.srv.p.Outbox)
	c.d = transports.NewDuplex(c, &c.out, c.failed)
	return c
}

func text(s *session, text string) {
	_ = s.Deliver(packet.Prepare(event("/", "message", string(packet.AppendString(nil, text)))))
}

// TestMoveDuringWrite moves a client while a write by its old connection is under
// way, which then fails: nothing may be lost, or come behind what is newer.
func TestMoveDuringWrite(t *testing.T) {
	t.Parallel()
	tests := map[string]func(old *wire){
		"write fails": func(old *wire) { old.hold <- errors.New("broken") },
		"write stalls": func(*wire) {
			time.Sleep(settleTime)
		},
		"connection breaks": func(old *wire) { old.Terminate() },
	}
	for name, meanwhile := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHost()
				s := movable(t, h)
				old, next := newWire(make(chan error)), newWire(nil)
				c := s.newLine(old)
				if !s.place(c, "websocket") {
					t.Fatal("not placed")
				}
				s.begin()
				var wg sync.WaitGroup
				wg.Go(c.read)
				text(s, "a")
				<-old.begun
				wg.Go(func() { s.place(s.newLine(next), "flashsocket") })
				synctest.Wait()
				text(s, "b")
				meanwhile(old)
				synctest.Wait()
				text(s, "c")
				synctest.Wait()
				if got, want := next.got(), []string{"1::", "3:::a", "3:::b", "3:::c"}; !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				if s.ended() {
					t.Error("the session has ended")
				}
				s.end(versions.ReasonForcedClose, endNow)
				old.Terminate()
				wg.Wait()
				synctest.Wait()
			})
		})
	}
}

// leaver is a carrier that does something while another takes its place.
type leaver struct {
	meanwhile func(*leaver)
	cuts      int
}

func (c *leaver) kind() kind             { return kindStream }
func (c *leaver) outbox() *outbox.Outbox { return nil }
func (c *leaver) attach()                {}
func (c *leaver) retire()                {}
func (c *leaver) settle()                { c.meanwhile(c) }
func (c *leaver) replaced()              {}
func (c *leaver) finish()                {}
func (c *leaver) cut()                   { c.cuts++ }
func (c *leaver) worn() bool             { return true }

// TestEndDuringMove has things happen to a carrier while another takes its place.
func TestEndDuringMove(t *testing.T) {
	t.Parallel()
	move := func(t *testing.T, meanwhile func(*session, *leaver)) (s *session, old *leaver, placed bool) {
		t.Helper()
		s = movable(t, newHost())
		old = &leaver{}
		old.meanwhile = func(c *leaver) { meanwhile(s, c) }
		s.place(old, "htmlfile")
		return s, old, s.place(&leaver{}, "htmlfile")
	}
	t.Run("the old one breaks", func(t *testing.T) {
		t.Parallel()
		s, _, placed := move(t, func(s *session, c *leaver) {
			if s.endOf(c, versions.ReasonTransportError, endNow, nil) {
				t.Error("the old carrier has ended the session")
			}
			s.wear(c)
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.due != 0 {
				t.Error("a timer of the old carrier runs")
			}
		})
		if !placed || s.ended() {
			t.Error("the session has ended")
		}
		s.end(versions.ReasonForcedClose, endNow)
	})
	t.Run("the session ends", func(t *testing.T) {
		t.Parallel()
		s, old, placed := move(t, func(s *session, _ *leaver) { s.end(versions.ReasonServerDisconnect, endFlush) })
		if placed || !s.ended() || old.cuts != 1 {
			t.Errorf("placed %t, %d cuts", placed, old.cuts)
		}
		if words := s.srv.lastWords(s); len(words) != 1 || string(words[0].Data) != "0::" {
			t.Errorf("last words %v", words)
		}
		s.forget()
	})
}

// TestLostDuringWrite has the client of a broken connection come back, in a
// generation where it may, before the write under way has failed.
func TestLostDuringWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := movable(t, newHost())
		s.srv.resume = time.Minute
		old, next := newWire(make(chan error)), newWire(nil)
		c := s.newLine(old)
		old.deaf = true
		s.place(c, "websocket")
		var wg sync.WaitGroup
		wg.Go(c.read)
		text(s, "a")
		<-old.begun
		old.Terminate()
		synctest.Wait()
		text(s, "b")
		wg.Go(func() { s.place(s.newLine(next), "websocket") })
		synctest.Wait()
		old.hold <- errors.New("broken")
		synctest.Wait()
		if got, want := next.got(), []string{"\ufffd5\ufffd3:::a\ufffd5\ufffd3:::b"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		s.end(versions.ReasonForcedClose, endNow)
		wg.Wait()
	})
}

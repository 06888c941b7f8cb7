package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio/versions"
)

func TestCloseByPollingClient(t *testing.T) {
	t.Parallel()
	for _, polling := range []bool{true, false} {
		t.Run(fmt.Sprint("held ", polling), func(t *testing.T) {
			t.Parallel()
			s := start(t)
			session := s.openPolling("")
			var held <-chan answer
			if polling {
				held = s.hold(t.Context(), session)
			}
			if a := s.post(session.ID(), "1:12:4x"); a.status != http.StatusOK || a.body != "ok" {
				t.Errorf("post: %d %q", a.status, a.body)
			}
			if polling {
				s.wantHeld(held, "1:6")
			}
			s.wantEnd(versions.ReasonTransportClose)
			s.wantRefused(session.ID())
			if got, _ := s.app.received(); len(got) != 0 {
				t.Errorf("messages after the goodbye: %v", got)
			}
			if err := send(session, text("x")); !errors.Is(err, versions.ErrClosed) {
				t.Errorf("sending to the closed session: %v", err)
			}
			s.wantGone()
		})
	}
}

func TestCloseByWebSocketClient(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		say    func(*socket)
		code   int // the server's answer
		reason versions.Reason
	}{
		{"packet", func(c *socket) { c.write("1") }, websocket.CloseNoStatusReceived, versions.ReasonTransportClose},
		{"frame without code", func(c *socket) {
			_ = c.WriteControl(websocket.CloseMessage, nil, time.Time{})
		}, websocket.CloseNoStatusReceived, versions.ReasonTransportClose},
		{"frame with code", func(c *socket) {
			_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, "bye"), time.Time{})
		}, websocket.CloseNormalClosure, versions.ReasonTransportClose},
		{"frame with a code of its own", func(c *socket) {
			_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4000, ""), time.Time{})
		}, 4000, versions.ReasonTransportClose},
		{"connection cut in order", func(c *socket) { _ = c.Close() }, 0, versions.ReasonTransportClose},
		{"no packet", func(c *socket) { c.write("abc") }, websocket.CloseNoStatusReceived, versions.ReasonParseError},
		{"empty message", func(c *socket) { c.write("") }, websocket.CloseNoStatusReceived, versions.ReasonParseError},
		{"binary of unknown type", func(c *socket) {
			_ = c.WriteMessage(websocket.BinaryMessage, []byte{9})
		}, websocket.CloseNoStatusReceived, versions.ReasonParseError},
		{"text that is not UTF-8", func(c *socket) { c.write("4\xff\xfe") }, 1007, versions.ReasonTransportError},
		{"message over the limit", func(c *socket) { c.write("4" + strings.Repeat("x", 100_000)) }, 1009, versions.ReasonTransportError},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			c, _ := s.openWebSocket("")
			if tc.code != 0 {
				// The library would answer the close frame and end by itself.
				c.SetCloseHandler(func(int, string) error { return nil })
			}
			tc.say(c)
			if tc.code != 0 {
				c.wantClose(tc.code)
			}
			s.wantEnd(tc.reason)
			s.wantGone()
		})
	}
}

// TestCloseByServerPolling: what is queued is still fetched, then the client
// hears of the end.
func TestCloseByServerPolling(t *testing.T) {
	t.Parallel()
	t.Run("held", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		session := s.openPolling("")
		held := s.hold(t.Context(), session)
		session.Close(versions.ReasonServerDisconnect)
		s.wantHeld(held, "1:1")
		s.wantEnd(versions.ReasonServerDisconnect)
		s.wantRefused(session.ID())
		s.wantGone()
	})
	t.Run("between polls", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		session := s.openPolling("")
		if err := send(session, text("last")); err != nil {
			t.Fatal(err)
		}
		session.Close(versions.ReasonServerDisconnect)
		s.wantEnd(versions.ReasonServerDisconnect)
		// The client may be saying something, not knowing of the end yet.
		if a := s.post(session.ID(), "1:1"); a.status != http.StatusOK || a.body != "ok" {
			t.Errorf("post: %d %q", a.status, a.body)
		}
		s.wantPoll(session.ID(), "5:4last1:1")
		s.wantRefused(session.ID())
		s.wantGone()
	})
	t.Run("more than one answer holds", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		session := s.openPolling("")
		m := strings.Repeat("x", 3<<20)
		for range 2 {
			if err := send(session, text(m)); err != nil {
				t.Fatal(err)
			}
		}
		session.Close(versions.ReasonServerDisconnect)
		s.wantPoll(session.ID(), "3145729:4"+m)
		s.wantPoll(session.ID(), "3145729:4"+m+"1:1")
		s.wantRefused(session.ID())
	})
}

// TestCloseNobodyPolls: a session that was ended waits for its last poll for a
// while, and then is gone.
func TestCloseNobodyPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := startClockwork(t)
		session := c.polling()
		if err := send(session, text("last")); err != nil {
			t.Fatal(err)
		}
		session.Close(versions.ReasonServerDisconnect)
		c.wantEnd(versions.ReasonServerDisconnect)
		time.Sleep(lingerTime - time.Second)
		if c.engine.Sessions() != 0 || c.engine.lookup(session.ID()) == nil {
			t.Error("it counts though it has ended, or was forgotten too early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n, _ := session.out.Len(); c.engine.lookup(session.ID()) != nil || n != 0 {
			t.Errorf("not forgotten, %d frames", n)
		}
	})
}

func TestCloseByServerWebSocket(t *testing.T) {
	t.Parallel()
	s := start(t)
	c, session := s.openWebSocket("")
	for i := range 100 {
		if err := send(session, text(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	session.Close(versions.ReasonServerDisconnect)
	if err := send(session, text("late")); !errors.Is(err, versions.ErrClosed) {
		t.Errorf("sending after the close: %v", err)
	}
	for i := range 100 {
		c.want(fmt.Sprint("4", i))
	}
	c.wantClose(websocket.CloseNoStatusReceived)
	s.wantEnd(versions.ReasonServerDisconnect)
	s.wantGone()
}

// TestCloseUnanswered: a client that does not answer the close frame is cut
// off.
func TestCloseUnanswered(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, session := s.openWebSocket("") // and never read again
	session.Close(versions.ReasonServerDisconnect)
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), patienceOfTests)
	defer cancel()
	if err := s.engine.Close(ctx); err != nil || time.Since(began) > lingerTime/2 {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestCloseServer(t *testing.T) {
	t.Parallel()
	s := start(t)
	held := s.hold(t.Context(), s.openPolling(""))
	between := s.openPolling("")
	c, _ := s.openWebSocket("")
	probing := s.openPolling("")
	probe := s.probe(probing.ID(), "")
	if err := s.engine.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantHeld(held, "1:1")
	c.wantClose(websocket.CloseNoStatusReceived)
	probe.wantClose(websocket.CloseAbnormalClosure)
	for range 4 {
		s.wantEnd(versions.ReasonServerShutdown)
	}
	s.wantPoll(between.ID(), "1:1")
	s.wantPoll(probing.ID(), "1:1")
	s.wantGone()
	if err := s.engine.Close(t.Context()); err != nil {
		t.Errorf("second close: %v", err)
	}
}

// stall fills the way to a client that does not read, until the writer is
// stuck.
func (s *server) stall(c *socket, session *Session) {
	s.t.Helper()
	// With it the network takes less than the queue below, so that the writer is
	// stuck for good and not only slow.
	if err := c.NetConn().(*net.TCPConn).SetReadBuffer(16 << 10); err != nil {
		s.t.Fatal(err)
	}
	m := text(strings.Repeat("x", 1<<20))
	s.until("the writer is stuck", func() bool {
		_ = send(session, m)
		_, bytes := session.out.Len()
		return bytes > 8<<20 || session.ended()
	})
}

// TestCloseServerStalled: the context bounds the wait for a client that does
// not read.
func TestCloseServerStalled(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) { s.params.WriteTimeout = time.Minute })
	c, session := s.openWebSocket("")
	s.stall(c, session)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := s.engine.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > patienceOfTests {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	s.wantEnd(versions.ReasonServerShutdown)
	s.wantGone()
}

// TestCloseStalledWebSocket: a client that does not read is gone after the
// write timeout.
func TestCloseStalledWebSocket(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) { s.params.WriteTimeout = 100 * time.Millisecond })
	c, session := s.openWebSocket("")
	s.stall(c, session)
	s.wantEnd(versions.ReasonTransportError)
	s.wantGone()
}

// TestCloseSlowWebSocket: over the bound of the outbox the end does not wait
// for the write timeout.
func TestCloseSlowWebSocket(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) {
		s.params.WriteTimeout = time.Minute
		s.params.Outbox.Bytes = 4 << 20
	})
	_, session := s.openWebSocket("")
	m := text(strings.Repeat("x", 1<<20))
	var err error
	s.until("the client is slow", func() bool {
		err = send(session, m)
		return err != nil
	})
	if !errors.Is(err, versions.ErrSlow) {
		t.Errorf("error %v", err)
	}
	s.wantEnd(versions.ReasonSlowConsumer)
	s.wantGone()
}

// TestCloseOnce: however many ends come together, the handler hears of one.
func TestCloseOnce(t *testing.T) {
	t.Parallel()
	for _, duplex := range []bool{true, false} {
		t.Run(fmt.Sprint("duplex ", duplex), func(t *testing.T) {
			t.Parallel()
			s := start(t)
			for range 20 {
				var session *Session
				var sayGoodbye func()
				if duplex {
					var c *socket
					c, session = s.openWebSocket("")
					sayGoodbye = func() { _ = c.WriteMessage(websocket.TextMessage, []byte("1")) }
				} else {
					session = s.openPolling("")
					sayGoodbye = func() { s.post(session.ID(), "1:1") }
				}
				var wg sync.WaitGroup
				wg.Go(sayGoodbye)
				for range 4 {
					wg.Go(func() { session.Close(versions.ReasonServerDisconnect) })
				}
				wg.Wait()
			}
			if err := s.engine.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			ids := map[string]bool{}
			for range 20 {
				e := <-s.app.closed
				if ids[e.id] {
					t.Errorf("session %s ended twice", e.id)
				}
				ids[e.id] = true
			}
			s.wantAlive()
		})
	}
}

// TestCloseWithinAccept: an end that comes before there is a handler is told to
// it all the same.
func TestCloseWithinAccept(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) {
		s.app.accepted = func(session *Session) error {
			_ = send(session, text("go away"))
			session.Close(versions.ReasonServerDisconnect)
			return nil
		}
	})
	a := s.do(http.MethodGet, "transport=polling", "")
	if !strings.HasSuffix(a.body, "}8:4go away1:1") {
		t.Errorf("polling: %q", a.body)
	}
	s.wantEnd(versions.ReasonServerDisconnect)
	c := s.mustDial("")
	parseOpen(t, c.read())
	c.want("4go away")
	c.wantClose(websocket.CloseNoStatusReceived)
	s.wantEnd(versions.ReasonServerDisconnect)
	s.wantGone()
}

// TestCloseWithinMessage: a handler may end its own session.
func TestCloseWithinMessage(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) {
		s.app.message = func(session *Session, m received) {
			_ = send(session, m)
			session.Close(versions.ReasonServerDisconnect)
		}
	})
	session := s.openPolling("")
	s.post(session.ID(), "2:4a2:4b")
	s.wantPoll(session.ID(), "2:4a1:1")
	c, _ := s.openWebSocket("")
	c.write("4a")
	c.want("4a")
	c.wantClose(websocket.CloseNoStatusReceived)
	if got, _ := s.app.received(); len(got) != 2 {
		t.Errorf("messages: %v", got)
	}
	s.wantGone()
}

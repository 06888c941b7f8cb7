package engine

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heirloom-io/socketio/versions"
)

// clockwork is a server without a network, to be used under synctest: its
// websocket is a pigeon, its polls are recorded.
type clockwork struct {
	*server
	profile *Profile
	house   *pigeonhouse
}

const (
	testInterval = 25 * time.Second
	testTimeout  = 20 * time.Second
)

func startClockwork(t *testing.T, change ...func(*setup)) *clockwork {
	t.Helper()
	s := newSetup()
	c := &clockwork{profile: &s.profile, house: newPigeonhouse()}
	if err := s.params.Registry.Register(c.house); err != nil {
		t.Fatal(err)
	}
	s.profile.PingInterval, s.profile.PingTimeout = testInterval, testTimeout
	s.profile.Transports["pigeon"] = true
	for _, f := range change {
		f(s)
	}
	c.server = &server{t: t, engine: NewServer(s.params), app: s.app}
	t.Cleanup(func() {
		if err := c.engine.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (c *clockwork) serve(ctx context.Context, method, query, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "/engine.io/?EIO=3&"+query, strings.NewReader(body)).WithContext(ctx)
	c.engine.Serve(w, r, c.profile, "test")
	return w
}

// duplex starts a session on a duplex carrier.
func (c *clockwork) duplex() (*pigeon, *Session) {
	c.t.Helper()
	c.serve(c.t.Context(), http.MethodGet, "transport=pigeon", "")
	p := c.house.next(c.t)
	parseOpen(c.t, p.receive(c.t))
	return p, c.session()
}

// polling starts a polling session.
func (c *clockwork) polling() *Session {
	c.t.Helper()
	c.serve(c.t.Context(), http.MethodGet, "transport=polling", "")
	return c.session()
}

// probe opens a duplex carrier for a polling session and exchanges the probe.
func (c *clockwork) probe(session *Session) *pigeon {
	c.t.Helper()
	c.serve(c.t.Context(), http.MethodGet, "transport=pigeon&sid="+session.ID(), "")
	p := c.house.next(c.t)
	p.send("2probe")
	if got := p.receive(c.t); got != "3probe" {
		c.t.Fatalf("probe: %q", got)
	}
	return p
}

// pollFor sends a poll and returns where its body will come.
func (c *clockwork) pollFor(session *Session) <-chan string {
	body := make(chan string, 1)
	ctx := c.t.Context()
	go func() {
		body <- c.serve(ctx, http.MethodGet, "transport=polling&sid="+session.ID(), "").Body.String()
	}()
	synctest.Wait()
	return body
}

// wantEndAfter checks that the session lives for d, and no longer.
func (c *clockwork) wantEndAfter(d time.Duration, reason versions.Reason) {
	c.t.Helper()
	time.Sleep(d - time.Millisecond)
	synctest.Wait()
	c.wantAlive()
	time.Sleep(2 * time.Millisecond)
	synctest.Wait()
	c.wantEnd(reason)
}

func TestHeartbeatSilence(t *testing.T) {
	t.Parallel()
	t.Run("duplex", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t)
			p, _ := c.duplex()
			c.wantEndAfter(testInterval+testTimeout, versions.ReasonPingTimeout)
			if !p.ended() || c.engine.Sessions() != 0 {
				t.Error("the connection outlives the session")
			}
		})
	})
	t.Run("polling", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t)
			session := c.polling()
			c.wantEndAfter(testInterval+testTimeout, versions.ReasonPingTimeout)
			if w := c.serve(t.Context(), http.MethodGet, "transport=polling&sid="+session.ID(), ""); w.Code != http.StatusBadRequest {
				t.Errorf("poll after the end: %d", w.Code)
			}
		})
	})
	t.Run("held poll", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t)
			session := c.polling()
			time.Sleep(10 * time.Second)
			body := c.pollFor(session) // no packet, so no sign of life
			c.wantEndAfter(testInterval+testTimeout-10*time.Second, versions.ReasonPingTimeout)
			if got := <-body; got != "1:1" {
				t.Errorf("held poll: %q", got)
			}
			if c.engine.Sessions() != 0 {
				t.Error("session kept")
			}
		})
	})
}

// TestHeartbeatAnyPacket: every packet counts as a sign of life.
func TestHeartbeatAnyPacket(t *testing.T) {
	t.Parallel()
	for _, m := range []string{"2", "4hello", "6", "3"} {
		t.Run(m, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := startClockwork(t)
				p, _ := c.duplex()
				for range 50 {
					time.Sleep(testInterval + testTimeout - time.Second)
					p.send(m)
					synctest.Wait()
				}
				c.wantAlive()
				c.wantEndAfter(testInterval+testTimeout, versions.ReasonPingTimeout)
			})
		})
	}
}

func TestHeartbeatPings(t *testing.T) {
	t.Parallel()
	t.Run("duplex", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t)
			p, _ := c.duplex()
			for range 100 {
				time.Sleep(testInterval)
				p.send("2with data")
				if got := p.receive(t); got != "3" {
					t.Fatalf("pong: %q", got)
				}
			}
			c.wantAlive()
		})
	})
	t.Run("polling", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t)
			session := c.polling()
			for range 100 {
				body := c.pollFor(session)
				time.Sleep(testInterval)
				c.serve(t.Context(), http.MethodPost, "transport=polling&sid="+session.ID(), "1:2")
				if got := <-body; got != "1:3" {
					t.Fatalf("pong: %q", got)
				}
			}
			c.wantAlive()
		})
	})
}

// TestHeartbeatBlockedHandler: while a handler blocks the server does not read,
// which must not count as the client's silence, nor must the moment after it.
func TestHeartbeatBlockedHandler(t *testing.T) {
	t.Parallel()
	for _, block := range []time.Duration{
		testInterval + testTimeout, 10 * (testInterval + testTimeout),
		// The watch comes round just before the handler is done.
		testInterval + testTimeout + 3*testTimeout + time.Millisecond,
		// The watch comes round just after it.
		testInterval + testTimeout + 3*testTimeout - time.Millisecond,
	} {
		t.Run(block.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := startClockwork(t, func(s *setup) {
					s.app.message = func(*Session, received) { time.Sleep(block) }
				})
				p, _ := c.duplex()
				p.send("4block")
				synctest.Wait()
				time.Sleep(block)
				// A polling client can send its next packets only when the
				// post has been answered.
				time.Sleep(testInterval)
				p.send("2")
				if got := p.receive(t); got != "3" {
					t.Fatalf("pong: %q", got)
				}
				c.wantAlive()
				c.wantEndAfter(testInterval+testTimeout, versions.ReasonPingTimeout)
			})
		})
	}
}

// asking is a revision of the other direction, with the framing of revision 3.
var asking = &Revision{
	Number: 3, Framing: Framing3, Heartbeat: ServerPings,
	OverlapStatus: http.StatusBadRequest, payload: payload3{},
}

func TestHeartbeatServerPings(t *testing.T) {
	t.Parallel()
	ask := func(s *setup) { s.profile.Revision = asking }
	t.Run("answered", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t, ask)
			p, _ := c.duplex()
			for range 100 {
				began := time.Now()
				if got := p.receive(t); got != "2" || time.Since(began) != testInterval {
					t.Fatalf("%q after %v", got, time.Since(began))
				}
				p.send("3")
				synctest.Wait()
			}
			c.wantAlive()
		})
	})
	t.Run("not answered", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t, ask)
			p, _ := c.duplex()
			c.wantEndAfter(testInterval+testTimeout, versions.ReasonPingTimeout)
			if !p.ended() {
				t.Error("the connection outlives the session")
			}
		})
	})
	t.Run("asked by the client", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t, ask)
			p, _ := c.duplex()
			p.send("2")
			synctest.Wait()
			c.wantEnd(versions.ReasonTransportError)
		})
	})
	t.Run("blocked handler", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := startClockwork(t, ask, func(s *setup) {
				s.app.message = func(*Session, received) { time.Sleep(10 * testInterval) }
			})
			p, _ := c.duplex()
			p.send("4block")
			if got := p.receive(t); got != "2" {
				t.Fatalf("ping: %q", got)
			}
			time.Sleep(9*testInterval + testTimeout - time.Millisecond)
			p.send("3") // as late after the handler as can be
			synctest.Wait()
			c.wantAlive()
			time.Sleep(testInterval)
			c.wantAlive()
		})
	})
}

// TestHeartbeatAfterUpgrade: the watch goes on over the new carrier.
func TestHeartbeatAfterUpgrade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := startClockwork(t)
		session := c.polling()
		p := c.probe(session)
		p.send("5")
		p.send("4last")
		if got := p.receive(t); got != "4last" {
			t.Fatalf("echo: %q", got)
		}
		c.wantEndAfter(testInterval+testTimeout, versions.ReasonPingTimeout)
		if !p.ended() {
			t.Error("the connection outlives the session")
		}
	})
}

// TestHeartbeatUpgradeTimeout: a probe that leads to nothing ends in time, and
// nothing but the probe.
func TestHeartbeatUpgradeTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := startClockwork(t)
		session := c.polling()
		p := c.probe(session)
		began := time.Now()
		if got := <-c.pollFor(session); got != "1:6" || time.Since(began) != nudgeInterval {
			t.Errorf("held poll: %q after %v", got, time.Since(began))
		}
		time.Sleep(patienceOfTests - nudgeInterval - time.Millisecond)
		if p.ended() {
			t.Error("closed too early")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if !p.ended() {
			t.Error("not closed")
		}
		c.wantAlive()
		body := c.pollFor(session)
		time.Sleep(time.Second) // no noop any more
		synctest.Wait()
		if err := send(session, text("x")); err != nil {
			t.Fatal(err)
		}
		if got := <-body; got != "2:4x" {
			t.Errorf("poll: %q", got)
		}
	})
}

// TestHeartbeatWebSocket: the same over a real connection, as far as a clock
// that cannot be turned allows.
func TestHeartbeatWebSocket(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) {
		s.profile.PingInterval, s.profile.PingTimeout = 100*time.Millisecond, 100*time.Millisecond
	})
	began := time.Now()
	c, _ := s.openWebSocket("")
	c.SetPingHandler(func(string) error { return nil })
	_, _, err := c.ReadMessage()
	if d := time.Since(began); err == nil || d < 200*time.Millisecond || d > patienceOfTests {
		t.Errorf("%v after %v", err, d)
	}
	s.wantEnd(versions.ReasonPingTimeout)
	s.wantGone()
}

package engine

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// upgraded returns a session that has moved to a websocket.
func (s *server) upgraded() (*socket, *Session) {
	s.t.Helper()
	session := s.openPolling("")
	c := s.probe(session.ID(), "")
	c.write("5")
	c.write("4up")
	c.want("4up")
	return c, session
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	held := s.hold(t.Context(), session)
	c := s.probe(session.ID(), "")
	if session.Duplex() || session.Transport() != "polling" {
		t.Error("moved before the upgrade packet")
	}
	s.wantHeld(held, "1:6") // so that the client can stop polling
	if err := send(session, text("waiting")); err != nil {
		t.Fatal(err)
	}
	c.write("5")
	c.want("4waiting")
	c.write("4hello")
	c.want("4hello")
	if !session.Duplex() || session.Transport() != "websocket" {
		t.Errorf("transport %q", session.Transport())
	}
	c.write("2anything")
	c.want("3")
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		a := s.do(method, "transport=polling&sid="+session.ID(), "")
		if a.status != http.StatusBadRequest || a.body != `{"code":3,"message":"Bad request"}` {
			t.Errorf("%s after the upgrade: %d %q", method, a.status, a.body)
		}
	}
	s.wantAlive()
}

// TestUpgradeKeepsPolling: between probe and upgrade packets still travel by
// polling, and polls go on being ended by noops.
func TestUpgradeKeepsPolling(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	c := s.probe(session.ID(), "")
	s.wantPollAfterSend(session.ID())
	for range 2 {
		s.wantPoll(session.ID(), "1:6")
	}
	c.write("5")
	c.write("4done")
	c.want("4done")
}

// TestUpgradeHeldPoll: a client that upgrades while a poll is held gets the
// poll back.
func TestUpgradeHeldPoll(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	c := s.mustDial("sid=" + session.ID())
	held := s.hold(t.Context(), session)
	c.write("5") // without a probe, as genuine servers accept it
	s.wantHeld(held, "1:6")
	c.write("4done")
	c.want("4done")
}

// TestUpgradeOrder: the server sends numbers all the time; the client reads
// polls, then the websocket, and misses none.
func TestUpgradeOrder(t *testing.T) {
	t.Parallel()
	for round := range 5 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			s := start(t)
			session := s.openPolling("")
			var wg sync.WaitGroup
			stop := make(chan struct{})
			sent := 0
			wg.Go(func() {
				for ; ; sent++ {
					select {
					case <-stop:
						return
					default:
						_ = send(session, text(fmt.Sprint(sent)))
						if sent%10 == round {
							time.Sleep(100 * time.Microsecond)
						}
					}
				}
			})

			next := 0
			take := func(packets ...string) {
				for _, p := range packets {
					if p == "6" {
						continue
					}
					if p != fmt.Sprint("4", next) {
						t.Errorf("got %q, want number %d", p, next)
					}
					next++
				}
			}
			poll := func() {
				packets, err := DecodePayloadText([]byte(s.poll(session.ID()).body), PayloadLimits{})
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range packets {
					take(string(p))
				}
			}
			poll()
			c := s.mustDial("sid=" + session.ID())
			poll()
			c.write("2probe")
			poll()
			c.want("3probe")
			poll()
			c.write("5")
			for range 100 {
				take(c.read())
			}
			close(stop)
			wg.Wait()
			for next < sent && !t.Failed() {
				take(c.read())
			}
		})
	}
}

// TestUpgradeOrderUplink: messages posted before the upgrade packet are handled
// before those that follow it.
func TestUpgradeOrderUplink(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	c := s.probe(session.ID(), "")
	s.post(session.ID(), "2:4a2:4b")
	c.write("5")
	c.write("4c")
	c.want("4a", "4b", "4c")
	got, _ := s.app.received()
	if diff := cmp.Diff([]received{text("a"), text("b"), text("c")}, got, cmp.AllowUnexported(received{})); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestUpgradeSecondWebSocket(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	first := s.probe(session.ID(), "")
	s.mustDial("sid=" + session.ID()).wantClose(websocket.CloseNoStatusReceived)
	first.write("5")
	first.write("4up")
	first.want("4up")
	s.mustDial("sid=" + session.ID()).wantClose(websocket.CloseNoStatusReceived)
	first.write("4still")
	first.want("4still")
	s.wantAlive()

	duplex, other := s.openWebSocket("")
	s.mustDial("sid=" + other.ID()).wantClose(websocket.CloseNoStatusReceived)
	duplex.write("4still")
	duplex.want("4still")
}

// TestUpgradeWrong: a connection that does not go on as it must is closed, and
// polling goes on, also towards another upgrade.
func TestUpgradeWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		frames []string
	}{
		{"message", []string{"4hello"}},
		{"ping that is no probe", []string{"2"}},
		{"ping with other data", []string{"2prob"}},
		{"no packet", []string{"x"}},
		{"empty", []string{""}},
		{"second probe", []string{"2probe", "2probe"}},
		{"message after the probe", []string{"2probe", "4hello"}},
		{"close after the probe", []string{"2probe", "1"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			session := s.openPolling("")
			c := s.mustDial("sid=" + session.ID())
			for _, f := range tc.frames {
				c.write(f)
			}
			c.wantClose(websocket.CloseNoStatusReceived)
			s.wantAlive()
			if got, _ := s.app.received(); len(got) != 0 {
				t.Errorf("messages: %v", got)
			}
			s.wantPollAfterSend(session.ID())
			c = s.probe(session.ID(), "")
			c.write("5")
			c.write("4up")
			c.want("4up")
		})
	}
}

func TestUpgradeTimeout(t *testing.T) {
	t.Parallel()
	for _, probed := range []bool{false, true} {
		t.Run(fmt.Sprint("probed ", probed), func(t *testing.T) {
			t.Parallel()
			s := start(t, func(s *setup) { s.params.UpgradeTimeout = 150 * time.Millisecond })
			session := s.openPolling("")
			c := s.mustDial("sid=" + session.ID())
			if probed {
				c.write("2probe")
				c.want("3probe")
			}
			c.wantClose(websocket.CloseAbnormalClosure)
			s.wantAlive()
			s.wantPollAfterSend(session.ID())
			s.until("the probe is over", func() bool {
				session.mu.Lock()
				defer session.mu.Unlock()
				return !session.probing
			})
		})
	}
}

// TestUpgradeDies: a client whose websocket dies within the upgrade goes on
// polling; one that has upgraded is gone.
func TestUpgradeDies(t *testing.T) {
	t.Parallel()
	cut := func(c *socket) {
		_ = c.NetConn().(*net.TCPConn).SetLinger(0)
		_ = c.NetConn().Close()
	}
	s := start(t)
	for _, frames := range [][]string{nil, {"2probe"}} {
		session := s.openPolling("")
		c := s.mustDial("sid=" + session.ID())
		for _, f := range frames {
			c.write(f)
			c.read()
		}
		cut(c)
		s.until("the probe is over", func() bool {
			session.mu.Lock()
			defer session.mu.Unlock()
			return !session.probing
		})
		s.wantPollAfterSend(session.ID())
		s.wantAlive()
	}
	c, _ := s.upgraded()
	before := s.engine.Sessions()
	cut(c)
	s.until("the session is gone", func() bool { return s.engine.Sessions() == before-1 })
	if e := <-s.app.closed; e.reason != versions.ReasonTransportError && e.reason != versions.ReasonTransportClose {
		t.Errorf("ended by %q", e.reason)
	}
}

// TestUpgradeOvertakes: a poll that was let in before the session moved must
// not take the websocket's place.
func TestUpgradeOvertakes(t *testing.T) {
	t.Parallel()
	s := start(t)
	c, session := s.upgraded()
	w := httptest.NewRecorder()
	session.poll(w, httptest.NewRequest(http.MethodGet, "/engine.io/", nil))
	if w.Code != http.StatusBadRequest {
		t.Errorf("poll: %d", w.Code)
	}
	c.write("4still")
	c.want("4still")
}

// TestUpgradeSessionEnds: the end of a session takes the websocket of a probe
// with it.
func TestUpgradeSessionEnds(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) { s.params.UpgradeTimeout = time.Hour })
	session := s.openPolling("")
	c := s.probe(session.ID(), "")
	s.post(session.ID(), "1:1")
	s.wantEnd(versions.ReasonTransportClose)
	began := time.Now()
	c.wantClose(websocket.CloseAbnormalClosure)
	if d := time.Since(began); d > patienceOfTests {
		t.Errorf("closed after %v", d)
	}
	s.wantGone()
}

// TestUpgradeBase64: the parameter counts for the websocket on which it stands.
func TestUpgradeBase64(t *testing.T) {
	t.Parallel()
	s := start(t)
	for query, want := range map[string]string{"": "bin:\x04\x01\x02", "&b64=1": "b4AQI="} {
		session := s.openPolling("b64=1")
		c := s.probe(session.ID(), query)
		c.write("5")
		c.write("b4AQI=") // node clients up to 1.3 write so
		c.want(want)
		if err := c.WriteMessage(websocket.BinaryMessage, []byte("\x04\x01\x02")); err != nil {
			t.Fatal(err)
		}
		c.want(want)
	}
}

// TestUpgradeDoubleText: which websocket text is decoded a second time.
func TestUpgradeDoubleText(t *testing.T) {
	t.Parallel()
	const clef = "é€😀"
	double := string(EncodeDouble(nil, []byte(clef)))
	tests := []struct {
		name, query, origin, in, want string
		upgrade                       bool
	}{
		{name: "revision 2", query: "EIO=2", in: double, want: clef},
		{name: "revision 2, encoded once", query: "EIO=2", in: clef, want: clef},
		{name: "revision 2, upgraded", query: "EIO=2", in: double, want: clef, upgrade: true},
		{name: "revision 3", in: double, want: double},
		{name: "revision 3 of an old node client", origin: "127.0.0.1:3000", in: double, want: clef},
		{name: "old node client, upgraded", origin: "127.0.0.1:3000", in: double, want: clef, upgrade: true},
		{name: "old node client, encoded once", origin: "127.0.0.1:3000", in: clef, want: clef},
		{name: "origin of a page", origin: "http://127.0.0.1:3000", in: double, want: double},
		{name: "origin of a page in a sandbox", origin: "null", in: double, want: double},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			var header []string
			if tc.origin != "" {
				header = []string{"Origin", tc.origin}
			}
			var c *socket
			if tc.upgrade {
				session := s.openPolling(tc.query)
				c = s.mustDial(tc.query+"&sid="+session.ID(), header...)
				c.write("2probe")
				c.want("3probe")
				c.write("5")
			} else {
				c = s.mustDial(tc.query, header...)
				c.read()
			}
			c.write("4" + tc.in)
			c.want("4" + tc.want)
		})
	}
}

// TestUpgradeCompression: offered or not, refused unless configured.
func TestUpgradeCompression(t *testing.T) {
	t.Parallel()
	for _, enabled := range []bool{false, true} {
		s := start(t, func(s *setup) {
			if enabled {
				s.params.Deflate = &transports.Deflate{Threshold: 100}
			}
		})
		d := websocket.Dialer{EnableCompression: true}
		c, resp, err := d.Dial("ws://"+s.host+"/engine.io/?EIO=3&transport=websocket", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(resp.Header.Get("Sec-Websocket-Extensions"), "permessage-deflate"); got != enabled {
			t.Errorf("enabled %v: agreed %v", enabled, got)
		}
		ws := &socket{Conn: c, t: t}
		ws.read()
		long := "4" + strings.Repeat("long ", 1000)
		ws.write(long)
		ws.want(long)
		_ = c.Close()
	}
}

package engine

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// startSuite runs the server that the public test suite of Engine.IO 3 asks
// for: an echo with short heartbeats.
func startSuite(t *testing.T) *server {
	t.Helper()
	return start(t, func(s *setup) {
		s.profile.PingInterval, s.profile.PingTimeout = suiteInterval, suiteTimeout
		s.profile.Cookie = nil
	})
}

const (
	suiteInterval = 300 * time.Millisecond
	suiteTimeout  = 200 * time.Millisecond
)

// suiteOpen makes a handshake as the suite does, and reads the length of the
// only element of its payload.
func suiteOpen(s *server) string {
	s.t.Helper()
	a := s.do(http.MethodGet, "transport=polling", "")
	length, packet, _ := strings.Cut(a.body, ":")
	if a.status != http.StatusOK || length != strconv.Itoa(len(packet)) {
		s.t.Fatalf("handshake: %d %q", a.status, a.body)
	}
	return parseOpen(s.t, packet).SID
}

// suiteGet is a GET that may also find the connection closed.
func (s *server) suiteGet(sid string) int {
	return s.request(context.Background(), http.MethodGet, "transport=polling&sid="+sid, "").status
}

// TestSuite goes through the cases of the public suite.
func TestSuite(t *testing.T) {
	t.Parallel()
	want := openPacket{Upgrades: []string{"websocket"}, PingInterval: 300, PingTimeout: 200}
	cases := []struct {
		name string
		run  func(*testing.T, *server)
	}{
		{"handshake/polling opens a session", func(t *testing.T, s *server) {
			a := s.do(http.MethodGet, "transport=polling", "")
			_, packet, _ := strings.Cut(a.body, ":")
			o := parseOpen(t, packet)
			want := want
			want.SID = o.SID
			if diff := cmp.Diff(want, o); diff != "" || o.SID == "" {
				t.Errorf("open (-want +got):\n%s", diff)
			}
		}},
		{"handshake/polling with an unknown transport", func(t *testing.T, s *server) {
			for _, query := range []string{"", "transport=abc"} {
				if a := s.do(http.MethodGet, query, ""); a.status != http.StatusBadRequest {
					t.Errorf("%q: %d", query, a.status)
				}
			}
		}},
		{"handshake/polling with a wrong method", func(t *testing.T, s *server) {
			for _, method := range []string{http.MethodPost, http.MethodPut} {
				if a := s.do(method, "transport=polling", ""); a.status != http.StatusBadRequest {
					t.Errorf("%s: %d", method, a.status)
				}
			}
		}},
		{"handshake/websocket opens a session", func(t *testing.T, s *server) {
			o := parseOpen(t, s.mustDial("").read())
			want := want
			want.SID, want.Upgrades = o.SID, []string{}
			if diff := cmp.Diff(want, o); diff != "" || o.SID == "" {
				t.Errorf("open (-want +got):\n%s", diff)
			}
		}},
		{"handshake/websocket with an unknown transport", func(t *testing.T, s *server) {
			d := websocket.Dialer{}
			for _, query := range []string{"EIO=3", "EIO=3&transport=abc"} {
				if c, _, err := d.Dial("ws://"+s.host+"/engine.io/?"+query, nil); err == nil {
					_ = c.Close()
					t.Errorf("%q: opened", query)
				}
			}
		}},
		{"message/polling, text", func(t *testing.T, s *server) {
			sid := suiteOpen(s)
			if a := s.post(sid, "6:4hello"); a.status != http.StatusOK || a.body != "ok" {
				t.Errorf("post: %d %q", a.status, a.body)
			}
			s.wantPoll(sid, "6:4hello")
		}},
		{"message/polling, several packets in one answer", func(t *testing.T, s *server) {
			sid := suiteOpen(s)
			s.post(sid, "6:4test16:4test26:4test3")
			s.wantPoll(sid, "6:4test16:4test26:4test3")
		}},
		{"message/polling, text and binary", func(t *testing.T, s *server) {
			sid := suiteOpen(s)
			const body = "\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04"
			if a := s.do(http.MethodPost, "transport=polling&sid="+sid, body, "Content-Type", octetType); a.body != "ok" {
				t.Errorf("post: %d %q", a.status, a.body)
			}
			s.wantPoll(sid, body)
		}},
		{"message/polling, text and binary as base64", func(t *testing.T, s *server) {
			sid := s.openPolling("b64=1").ID()
			s.post(sid, "6:4hello10:b4AQIDBA==")
			s.wantPoll(sid, "6:4hello10:b4AQIDBA==")
		}},
		{"message/polling, no payload", func(t *testing.T, s *server) {
			sid := suiteOpen(s)
			if a := s.post(sid, "abc"); a.status != http.StatusOK {
				t.Errorf("post: %d", a.status)
			}
			s.wantRefused(sid)
		}},
		{"message/polling, two polls at once", func(t *testing.T, s *server) {
			session := s.openPolling("")
			held := s.hold(t.Context(), session)
			if got := s.suiteGet(session.ID()); got != http.StatusInternalServerError {
				t.Errorf("second poll: %d", got)
			}
			s.wantHeld(held, "1:1")
			s.wantRefused(session.ID())
		}},
		{"message/polling, cancelled poll", func(t *testing.T, s *server) {
			session := s.openPolling("")
			ctx, cancel := context.WithCancel(t.Context())
			held := s.hold(ctx, session)
			cancel()
			<-held
			s.until("the session is gone", func() bool { return s.suiteGet(session.ID()) == http.StatusBadRequest })
		}},
		{"message/websocket, text", func(_ *testing.T, s *server) {
			c, _ := s.openWebSocket("")
			c.write("4hello")
			c.want("4hello")
		}},
		{"message/websocket, binary", func(t *testing.T, s *server) {
			c, _ := s.openWebSocket("")
			if err := c.WriteMessage(websocket.BinaryMessage, []byte("\x04\x01\x02\x03\x04")); err != nil {
				t.Fatal(err)
			}
			c.want("bin:\x04\x01\x02\x03\x04")
		}},
		{"message/websocket, no packet", func(_ *testing.T, s *server) {
			c, _ := s.openWebSocket("")
			c.write("abc")
			c.wantClose(websocket.CloseNoStatusReceived)
		}},
		{"heartbeat/polling", func(_ *testing.T, s *server) {
			sid := suiteOpen(s)
			for range 3 {
				s.post(sid, "1:2")
				s.wantPoll(sid, "1:3")
			}
		}},
		{"heartbeat/polling, silent client", func(t *testing.T, s *server) {
			sid := suiteOpen(s)
			s.wantGone() // a packet that comes too early would keep it
			if a := s.post(sid, "1:2"); a.status != http.StatusBadRequest {
				t.Errorf("post: %d", a.status)
			}
		}},
		{"heartbeat/websocket", func(_ *testing.T, s *server) {
			c, _ := s.openWebSocket("")
			for range 3 {
				c.write("2")
				c.want("3")
			}
		}},
		{"heartbeat/websocket, silent client", func(_ *testing.T, s *server) {
			c, _ := s.openWebSocket("")
			c.wantClose(websocket.CloseAbnormalClosure)
		}},
		{"close/polling", func(t *testing.T, s *server) {
			session := s.openPolling("")
			held := s.hold(t.Context(), session)
			if a := s.post(session.ID(), "1:1"); a.status != http.StatusOK {
				t.Errorf("post: %d", a.status)
			}
			s.wantHeld(held, "1:6")
			s.wantRefused(session.ID())
		}},
		{"close/websocket", func(_ *testing.T, s *server) {
			c, _ := s.openWebSocket("")
			c.write("1")
			c.wantClose(websocket.CloseNoStatusReceived)
		}},
		{"upgrade/succeeds", func(_ *testing.T, s *server) {
			sid := suiteOpen(s)
			c := s.probe(sid, "")
			s.wantPoll(sid, "1:6")
			c.write("5")
			c.write("4hello")
			c.want("4hello")
		}},
		{"upgrade/polls after it are refused", func(t *testing.T, s *server) {
			c, session := s.upgraded()
			if got := s.suiteGet(session.ID()); got != http.StatusBadRequest {
				t.Errorf("poll: %d", got)
			}
			c.write("4hello")
			c.want("4hello")
		}},
		{"upgrade/a second websocket is closed", func(_ *testing.T, s *server) {
			c, session := s.upgraded()
			s.mustDial("sid=" + session.ID()).wantClose(websocket.CloseNoStatusReceived)
			c.write("4hello")
			c.want("4hello")
		}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.run(t, startSuite(t))
		})
	}
}

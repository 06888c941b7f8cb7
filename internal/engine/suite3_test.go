package engine

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// open3 makes a handshake as the suite does, and reads the length of the only
// element of its payload.
func open3(s *server) string {
	s.t.Helper()
	a := s.do(http.MethodGet, "transport=polling", "")
	length, packet, _ := strings.Cut(a.body, ":")
	if a.status != http.StatusOK || length != strconv.Itoa(len(packet)) {
		s.t.Fatalf("handshake: %d %q", a.status, a.body)
	}
	return parseOpen(s.t, packet).SID
}

// TestSuite3 goes through the cases of the public suite of Engine.IO 3.
func TestSuite3(t *testing.T) {
	t.Parallel()
	want := openPacket{Upgrades: []string{"websocket"}, PingInterval: 300, PingTimeout: 200}
	runSuite(t, []suiteCase{
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
			sid := open3(s)
			if a := s.post(sid, "6:4hello"); a.status != http.StatusOK || a.body != "ok" {
				t.Errorf("post: %d %q", a.status, a.body)
			}
			s.wantPoll(sid, "6:4hello")
		}},
		{"message/polling, several packets in one answer", func(t *testing.T, s *server) {
			sid := open3(s)
			s.post(sid, "6:4test16:4test26:4test3")
			s.wantPoll(sid, "6:4test16:4test26:4test3")
		}},
		{"message/polling, text and binary", func(t *testing.T, s *server) {
			sid := open3(s)
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
			sid := open3(s)
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
			sid := open3(s)
			for range 3 {
				s.post(sid, "1:2")
				s.wantPoll(sid, "1:3")
			}
		}},
		{"heartbeat/polling, silent client", func(t *testing.T, s *server) {
			sid := open3(s)
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
		{"close/polling", func(t *testing.T, s *server) {
			session := s.openPolling("")
			held := s.hold(t.Context(), session)
			if a := s.post(session.ID(), "1:1"); a.status != http.StatusOK {
				t.Errorf("post: %d", a.status)
			}
			s.wantHeld(held, "1:6")
			s.wantRefused(session.ID())
		}},
		{"upgrade/succeeds", func(_ *testing.T, s *server) {
			sid := open3(s)
			c := s.probe(sid, "")
			s.wantPoll(sid, "1:6")
			c.write("5")
			c.write("4hello")
			c.want("4hello")
		}},
	}, startSuite)
}

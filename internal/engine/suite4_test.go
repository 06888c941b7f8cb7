package engine

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// startSuite4 is startSuite for revision 4.
func startSuite4(t *testing.T, change ...func(*setup)) *server {
	t.Helper()
	return startSuite(t, append([]func(*setup){func(s *setup) { s.profile.Revision = Revision4 }}, change...)...)
}

// open4 makes a handshake over polling and returns the session's id.
func open4(s *server) string {
	s.t.Helper()
	a := s.do(http.MethodGet, "transport=polling", "")
	if a.status != http.StatusOK {
		s.t.Fatalf("handshake: %d %q", a.status, a.body)
	}
	return parseOpen(s.t, a.body).SID
}

// TestSuite4 goes through the cases of the public suite of Engine.IO 4, without those
// about the parameter EIO, which never gets here: package negotiate has looked at it.
func TestSuite4(t *testing.T) {
	t.Parallel()
	runSuite(t, []suiteCase{
		{"handshake/polling opens a session", func(t *testing.T, s *server) {
			a := s.do(http.MethodGet, "transport=polling", "")
			o := parseOpen(t, a.body)
			want := `0{"sid":"` + o.SID + `","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":100000}`
			if diff := cmp.Diff(want, a.body); diff != "" || len(o.SID) != 20 {
				t.Errorf("open (-want +got):\n%s", diff)
			}
			if got := a.header.Get("Content-Type"); got != "text/plain; charset=UTF-8" {
				t.Errorf("content type %q", got)
			}
			if got := a.header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("cache control %q", got)
			}
		}},
		{"handshake/polling with an unknown transport", func(t *testing.T, s *server) {
			for _, query := range []string{"EIO=4", "EIO=4&transport=abc"} {
				if a := s.do(http.MethodGet, query, ""); a.status != http.StatusBadRequest {
					t.Errorf("%q: %d", query, a.status)
				}
			}
		}},
		{"handshake/websocket opens a session", func(t *testing.T, s *server) {
			got := s.mustDial("").read()
			want := `0{"sid":"` + parseOpen(t, got).SID + `","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":100000}`
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("open (-want +got):\n%s", diff)
			}
		}},
		{"message/polling, text", func(t *testing.T, s *server) {
			sid := open4(s)
			if a := s.post(sid, "4hello"); a.status != http.StatusOK || a.body != "ok" {
				t.Errorf("post: %d %q", a.status, a.body)
			}
			s.wantPoll(sid, "4hello")
		}},
		{"message/polling, several packets in one answer", func(_ *testing.T, s *server) {
			sid := open4(s)
			s.post(sid, "4test1\x1e4test2\x1e4test3")
			s.wantPoll(sid, "4test1\x1e4test2\x1e4test3")
		}},
		{"message/polling, text and binary", func(_ *testing.T, s *server) {
			sid := open4(s)
			s.post(sid, "4hello\x1ebAQIDBA==")
			s.wantPoll(sid, "4hello\x1ebAQIDBA==")
		}},
		{"message/polling, text beyond ASCII as it is", func(_ *testing.T, s *server) {
			sid := open4(s)
			s.post(sid, "4é€😀Ã©")
			s.wantPoll(sid, "4é€😀Ã©")
		}},
		{"message/polling, no payload", func(t *testing.T, s *server) {
			for _, body := range []string{"abc", "", "4a\x1e", "\x1e4a"} {
				sid := open4(s)
				if a := s.post(sid, body); a.status != http.StatusOK || a.body != "ok" {
					t.Errorf("post %q: %d %q", body, a.status, a.body)
				}
				s.wantRefused(sid)
			}
		}},
		{"message/polling, two polls at once", func(t *testing.T, s *server) {
			session := s.openPolling("")
			held := s.hold(t.Context(), session)
			if got := s.suiteGet(session.ID()); got != http.StatusBadRequest {
				t.Errorf("second poll: %d", got)
			}
			s.wantHeld(held, "1")
			s.wantRefused(session.ID())
		}},
		{"message/websocket, binary is the data alone", func(t *testing.T, s *server) {
			c, _ := s.openWebSocket("b64=1") // which some releases send, and nobody means
			if err := c.WriteMessage(websocket.BinaryMessage, []byte("\x01\x02\x03\x04")); err != nil {
				t.Fatal(err)
			}
			c.want("bin:\x01\x02\x03\x04")
		}},
		{"message/websocket, no packet", func(_ *testing.T, s *server) {
			for _, text := range []string{"abc", "", "7"} {
				c, _ := s.openWebSocket("")
				c.write(text)
				c.wantClose(websocket.CloseNoStatusReceived)
			}
		}},
		{"heartbeat/polling", func(t *testing.T, s *server) {
			sid := open4(s)
			for range 3 {
				s.wantPoll(sid, "2")
				if a := s.post(sid, "3"); a.status != http.StatusOK {
					t.Errorf("pong: %d", a.status)
				}
			}
		}},
		{"heartbeat/polling, silent client", func(_ *testing.T, s *server) {
			sid := open4(s)
			s.wantGone()
			s.wantRefused(sid)
		}},
		{"heartbeat/websocket", func(_ *testing.T, s *server) {
			c, _ := s.openWebSocket("")
			for range 3 {
				c.want("2")
				c.write("3")
			}
		}},
		{"close/polling", func(t *testing.T, s *server) {
			session := s.openPolling("")
			held := s.hold(t.Context(), session)
			if a := s.post(session.ID(), "1"); a.status != http.StatusOK {
				t.Errorf("post: %d", a.status)
			}
			s.wantHeld(held, "6")
			s.wantRefused(session.ID())
		}},
		{"upgrade/succeeds", func(_ *testing.T, s *server) {
			sid := open4(s)
			c := s.probe(sid, "")
			s.wantPoll(sid, "6")
			c.write("5")
			c.write("4hello")
			c.want("4hello")
		}},
	}, startSuite4)
}

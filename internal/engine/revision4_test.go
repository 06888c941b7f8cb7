package engine

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/versions"
)

// start4 runs a server for revision 4 whose heartbeats are out of the way.
func start4(t *testing.T, change ...func(*setup)) *server {
	t.Helper()
	return startSuite4(t, append([]func(*setup){patient}, change...)...)
}

func TestBinaryBodyOfRevision4(t *testing.T) {
	t.Parallel()
	s := start4(t)
	sid := open4(s)
	a := s.do(http.MethodPost, "transport=polling&sid="+sid, "\x00\x06\xff4hello", "Content-Type", octetType)
	if a.status != http.StatusBadRequest || a.body != "" {
		t.Errorf("%d %q, want an empty 400", a.status, a.body)
	}
	s.wantEnd(versions.ReasonTransportError)
	s.wantRefused(sid)
	if got, _ := s.app.received(); len(got) > 0 {
		t.Errorf("received %v", got)
	}
}

// TestTooLargeForRevision4 has a body over the limit cost nothing but itself.
func TestTooLargeForRevision4(t *testing.T) {
	t.Parallel()
	s := start4(t, func(s *setup) { s.profile.MaxPayload = 1000 })
	sid := open4(s)
	if a := s.post(sid, "4"+strings.Repeat("x", 1000)); a.status != http.StatusRequestEntityTooLarge || a.body != "" {
		t.Errorf("%d %q, want an empty 413", a.status, a.body)
	}
	s.wantAlive()
	s.post(sid, "4"+strings.Repeat("x", 999))
	s.wantPoll(sid, "4"+strings.Repeat("x", 999))
}

func TestPingOfTheClientIsWrong(t *testing.T) {
	t.Parallel()
	s := start4(t)
	sid := open4(s)
	if a := s.post(sid, "2"); a.status != http.StatusOK || a.body != "ok" {
		t.Errorf("%d %q", a.status, a.body)
	}
	s.wantEnd(versions.ReasonTransportError)
	s.wantRefused(sid)
	c, _ := s.openWebSocket("")
	c.write("2")
	s.wantEnd(versions.ReasonTransportError)
}

func TestCookieOnce(t *testing.T) {
	t.Parallel()
	s := start4(t, func(s *setup) { s.profile.Cookie = func(sid string) string { return "io=" + sid } })
	a := s.do(http.MethodGet, "transport=polling", "")
	sid := parseOpen(t, a.body).SID
	if got := a.header.Get("Set-Cookie"); got != "io="+sid {
		t.Errorf("handshake: cookie %q", got)
	}
	if got := s.post(sid, "4x").header.Get("Set-Cookie"); got != "" {
		t.Errorf("post: cookie %q", got)
	}
	if got := s.poll(sid).header.Get("Set-Cookie"); got != "" {
		t.Errorf("poll: cookie %q", got)
	}
}

// TestLastMessagesOfRevision4 has the end come in an answer of its own: clients
// since 4.5 handle it before messages beside it.
func TestLastMessagesOfRevision4(t *testing.T) {
	t.Parallel()
	s := start4(t)
	session := s.openPolling("")
	if err := send(session, text("bye")); err != nil {
		t.Fatal(err)
	}
	session.Close(versions.ReasonServerDisconnect)
	s.wantPoll(session.ID(), "4bye")
	s.wantPoll(session.ID(), "1")
	s.wantRefused(session.ID())
}

// TestJSONPOfRevision4 is for clients up to 4.2.
func TestJSONPOfRevision4(t *testing.T) {
	t.Parallel()
	s := start4(t)
	a := s.do(http.MethodGet, "transport=polling&j=0", "")
	session := s.session()
	if want := `___eio[0]("0{\"sid\":\"` + session.ID() + `\"`; !strings.HasPrefix(a.body, want) {
		t.Errorf("handshake %q, want %q...", a.body, want)
	}
	query := "transport=polling&j=0&sid=" + session.ID()
	s.do(http.MethodPost, query, "d=4a%5C%5Cnb%1EbAQI%3D", "Content-Type", "application/x-www-form-urlencoded")
	if a := s.do(http.MethodGet, query, ""); a.body != "___eio[0](\"4a\\\\nb\\u001ebAQI=\");" {
		t.Errorf("poll %q", a.body)
	}
}

// TestTextOfRevision4 takes text as it is even from a client whose headers look
// like those of old libraries that encode it twice.
func TestTextOfRevision4(t *testing.T) {
	t.Parallel()
	s := start4(t)
	c := s.mustDial("", "Origin", "localhost:80")
	parseOpen(t, c.read())
	c.write("4Ã©")
	c.want("4Ã©")
}

// TestPreflightOfRevision4 lets pages of other origins send headers of their own,
// with a session and without, and costs no session.
func TestPreflightOfRevision4(t *testing.T) {
	t.Parallel()
	s := start4(t)
	ask := []string{"Origin", "http://app.test", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-token"}
	want := map[string][]string{
		"Access-Control-Allow-Origin":      {"http://app.test"},
		"Access-Control-Allow-Credentials": {"true"},
		"Access-Control-Allow-Methods":     {"GET,HEAD,PUT,PATCH,POST,DELETE"},
		"Access-Control-Allow-Headers":     {"content-type,x-token"},
		"Vary":                             {"Origin", "Access-Control-Request-Headers"},
	}
	session := s.openPolling("")
	for _, query := range []string{"transport=polling", "transport=polling&sid=" + session.ID()} {
		a := s.do(http.MethodOptions, query, "", ask...)
		if a.status != http.StatusNoContent || a.body != "" {
			t.Errorf("%s: %d %q", query, a.status, a.body)
		}
		for name, values := range want {
			if diff := cmp.Diff(values, a.header.Values(name)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", query, name, diff)
			}
		}
	}
	if a := s.do(http.MethodOptions, "transport=polling", "", ask[:2]...); a.status != http.StatusBadRequest || a.body != `{"code":2,"message":"Bad handshake method"}` {
		t.Errorf("OPTIONS that asks nothing: %d %q", a.status, a.body)
	}
	s.wantAlive()
	if n := s.engine.Sessions(); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

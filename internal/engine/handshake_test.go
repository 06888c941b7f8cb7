package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

const openFormat = `0{"sid":"%s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}`

func TestHandshakePolling(t *testing.T) {
	t.Parallel()
	const id = "an-id-of-twenty-char"
	open := fmt.Sprintf(openFormat, id)
	octet := "\x00\x09\x07\xff" + open
	tests := []struct {
		name, query string
		contentType string
		body        string
	}{
		{"no stamp", "transport=polling", "text/plain; charset=UTF-8", "97:" + open},
		{"no EIO", "EIO=&transport=polling", "text/plain; charset=UTF-8", "97:" + open},
		{"short stamp", "transport=polling&t=Q7w56R0", "text/plain; charset=UTF-8", "97:" + open},
		{"repeated short stamp", "transport=polling&t=Q7w56R0.0", "text/plain; charset=UTF-8", "97:" + open},
		{"base64", "transport=polling&b64=1", "text/plain; charset=UTF-8", "97:" + open},
		{"date stamp", "transport=polling&t=1795197040665-0", "application/octet-stream", octet},
		{"date without counter", "transport=polling&t=1795197040665", "text/plain; charset=UTF-8", "97:" + open},
		{"date stamp and base64", "transport=polling&b64=1&t=1795197040665-0", "text/plain; charset=UTF-8", "97:" + open},
		{"revision 2", "EIO=2&transport=polling", "application/octet-stream", octet},
		{"revision 2 and base64", "EIO=2&transport=polling&b64=1", "text/plain; charset=UTF-8", "97:" + open},
		{
			"jsonp", "transport=polling&j=7&b64=1", "text/javascript; charset=UTF-8",
			`___eio[7]("97:` + strings.ReplaceAll(open, `"`, `\"`) + `");`,
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(s *setup) {
				s.params.GenerateID = func(*http.Request) (string, error) { return id, nil }
			})
			a := s.do(http.MethodGet, tc.query, "")
			if a.status != http.StatusOK || a.body != tc.body {
				t.Errorf("%d %q, want %q", a.status, a.body, tc.body)
			}
			a.header.Del("Date")
			want := http.Header{
				"Content-Type":           {tc.contentType},
				"Content-Length":         {fmt.Sprint(len(tc.body))},
				"Set-Cookie":             {"io=" + id + "; Path=/; HttpOnly"},
				"X-Content-Type-Options": {"nosniff"},
			}
			if !strings.Contains(tc.query, "j=") {
				want.Set("Access-Control-Allow-Origin", "*")
			}
			if diff := cmp.Diff(want, a.header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHandshakeOrigin(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, query := range []string{"transport=polling", "transport=none"} {
		a := s.do(http.MethodGet, query, "", "Origin", "http://app.test:8000")
		got := []string{a.header.Get("Access-Control-Allow-Origin"), a.header.Get("Access-Control-Allow-Credentials"), a.header.Get("Vary")}
		if diff := cmp.Diff([]string{"http://app.test:8000", "true", "Origin"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestHandshakeExplorer(t *testing.T) {
	t.Parallel()
	s := start(t)
	for agent, want := range map[string]string{
		"Mozilla/4.0 (compatible;MSIE 8.0; Windows NT 5.1)":  "0",
		"Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0)": "0",
		"Mozilla/5.0 (X11; Linux x86_64)":                    "",
	} {
		a := s.do(http.MethodGet, "transport=polling", "", "User-Agent", agent)
		if got := a.header.Get("X-XSS-Protection"); got != want {
			t.Errorf("%s: %q, want %q", agent, got, want)
		}
	}
}

func TestHandshakeWebSocket(t *testing.T) {
	t.Parallel()
	s := start(t)
	c, resp, err := s.dial("")
	if err != nil {
		t.Fatal(err)
	}
	if cookies := resp.Header["Set-Cookie"]; cookies != nil {
		t.Errorf("cookies on the 101: %q", cookies)
	}
	o := parseOpen(t, c.read())
	want := openPacket{SID: s.session().ID(), Upgrades: []string{}, PingInterval: 25000, PingTimeout: 20000}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
}

func TestHandshakeNoUpgrades(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) { s.params.NoUpgrades = true })
	if a := s.do(http.MethodGet, "transport=polling", ""); !strings.Contains(a.body, `"upgrades":[]`) {
		t.Errorf("open: %q", a.body)
	}
}

// TestHandshakeTogether: what the layer above sends at once comes with the open
// packet, as from genuine servers of 2.x.
func TestHandshakeTogether(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) {
		s.app.accepted = func(session *Session) error { return send(session, text("0")) }
	})
	if a := s.do(http.MethodGet, "transport=polling", ""); !strings.HasSuffix(a.body, "}2:40") {
		t.Errorf("polling: %q", a.body)
	}
	c := s.mustDial("")
	parseOpen(t, c.read())
	c.want("40")
}

func TestHandshakeRefused(t *testing.T) {
	t.Parallel()
	const (
		unknownTransport = `{"code":0,"message":"Transport unknown"}`
		unknownSession   = `{"code":1,"message":"Session ID unknown"}`
		badMethod        = `{"code":2,"message":"Bad handshake method"}`
		badRequest       = `{"code":3,"message":"Bad request"}`
	)
	tests := []struct{ name, method, query, body string }{
		{"no transport", "GET", "", unknownTransport},
		{"unknown transport", "GET", "transport=tarot", unknownTransport},
		{"name from the table of a language", "GET", "transport=constructor", unknownTransport},
		{"transport of others", "GET", "transport=carrier-pigeon", unknownTransport},
		{"unknown transport before unknown session", "GET", "transport=tarot&sid=none", unknownTransport},
		{"unknown session", "GET", "transport=polling&sid=none", unknownSession},
		{"unknown session, POST", "POST", "transport=polling&sid=none", unknownSession},
		{"unknown session, OPTIONS", "OPTIONS", "transport=polling&sid=none", unknownSession},
		{"unknown session, plain GET for a websocket", "GET", "transport=websocket&sid=none", unknownSession},
		{"POST", "POST", "transport=polling", badMethod},
		{"PUT", "PUT", "transport=polling", badMethod},
		{"OPTIONS", "OPTIONS", "transport=polling", badMethod},
		{"plain GET for a websocket", "GET", "transport=websocket", badRequest},
		{"jsonp index with letters", "GET", "transport=polling&j=alert(1)", badRequest},
		{"jsonp index with sign", "GET", "transport=polling&j=-1", badRequest},
		{"jsonp index too long", "GET", "transport=polling&j=" + strings.Repeat("1", 21), badRequest},
		{"query that is none", "GET", "%zz", unknownTransport},
	}
	s := start(t)
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			a := s.do(tc.method, tc.query, "")
			if a.status != http.StatusBadRequest || a.body != tc.body {
				t.Errorf("%d %q, want 400 %q", a.status, a.body, tc.body)
			}
			a.header.Del("Date")
			want := http.Header{
				"Content-Type":                {"application/json"},
				"Content-Length":              {fmt.Sprint(len(tc.body))},
				"Access-Control-Allow-Origin": {"*"},
				"X-Content-Type-Options":      {"nosniff"},
			}
			if diff := cmp.Diff(want, a.header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
	if n := s.engine.Sessions(); n != 0 {
		t.Errorf("%d sessions of refused requests", n)
	}
}

// TestHandshakeRefusedWebSocket looks at the bytes, since libraries show little
// of an answer that is not 101.
func TestHandshakeRefusedWebSocket(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) {
		s.params.Admit = func(r *http.Request) error {
			if r.URL.Query().Get("deny") != "" {
				return errors.New("a detail of the server")
			}
			return nil
		}
	})
	for query, body := range map[string]string{
		"transport=tarot":              "Transport unknown",
		"transport=websocket&sid=none": "Session ID unknown",
		"transport=websocket&deny=1":   "Forbidden",
	} {
		conn, err := net.Dial("tcp", s.host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "GET /engine.io/?EIO=3&%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", query, s.host)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		got := make([]byte, len(body)+1)
		n, _ := resp.Body.Read(got)
		if resp.StatusCode != http.StatusBadRequest || string(got[:n]) != body || !resp.Close || resp.Header.Get("Content-Type") != "text/html" ||
			resp.ContentLength != int64(len(body)) {
			t.Errorf("%s: %d %q %v", query, resp.StatusCode, got[:n], resp.Header)
		}
		_ = conn.Close()
	}
}

func TestHandshakeAdmit(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) {
		s.params.Admit = func(r *http.Request) error {
			switch r.Header.Get("X-Try") {
			case "message":
				return fmt.Errorf("wrapped: %w", &RefusedError{Message: `no "way"`})
			case "plain":
				return errors.New("a detail of the server")
			}
			return nil
		}
	})
	for try, body := range map[string]string{
		"message": `{"code":4,"message":"no \"way\""}`,
		"plain":   `{"code":4,"message":"Forbidden"}`,
	} {
		a := s.do(http.MethodGet, "transport=polling", "", "X-Try", try, "Origin", "http://app.test")
		if a.status != http.StatusForbidden || a.body != body {
			t.Errorf("%s: %d %q, want 403 %q", try, a.status, a.body, body)
		}
		if h := a.header.Get("Access-Control-Allow-Origin"); h != "" {
			t.Errorf("%s: CORS header %q", try, h)
		}
	}
	// Only the start of a session is asked about.
	session := s.openPolling("")
	a := s.do(http.MethodPost, "transport=polling&sid="+session.ID(), "2:4x", "X-Try", "plain")
	if a.status != http.StatusOK {
		t.Errorf("later request: %d", a.status)
	}
}

func TestHandshakeNotAccepted(t *testing.T) {
	t.Parallel()
	refusal := errors.New("a detail of the server")
	s := start(t, func(s *setup) {
		s.app.accepted = func(session *Session) error {
			if session.Handshake().URL().Query().Get("busy") != "" {
				return ErrBusy
			}
			return refusal
		}
	})
	a := s.do(http.MethodGet, "transport=polling", "")
	if a.status != http.StatusServiceUnavailable || a.body != "" {
		t.Errorf("refused: %d %q", a.status, a.body)
	}
	a = s.do(http.MethodGet, "transport=polling&busy=1", "")
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("busy: %d %v", a.status, a.header)
	}
	if c, _, err := s.dial(""); err == nil {
		if _, _, err := c.ReadMessage(); err == nil {
			t.Error("websocket: a message on a refused session")
		}
	}
	s.wantGone()
	s.wantAlive() // a handler that never was hears of no end
}

func TestHandshakeID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 10_000 {
		id := NewID()
		if len(id) != 20 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" || seen[id] {
			t.Fatalf("bad or repeated id %q", id)
		}
		seen[id] = true
	}
}

func TestHandshakeGenerateID(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) {
		s.params.GenerateID = func(r *http.Request) (string, error) {
			if r.Header.Get("X-ID") == "fail" {
				return "", errors.New("a detail of the server")
			}
			return r.Header.Get("X-ID"), nil
		}
	})
	tests := []struct {
		name, id string
		status   int
	}{
		{"any text", "custom:id:1", 200},
		{"in use", "custom:id:1", 400},
		{"longest", strings.Repeat("i", 512), 200},
		{"too long", strings.Repeat("i", 513), 400},
		{"empty", "", 400},
		{"failing", "fail", 400},
	}
	for _, tc := range tests {
		a := s.do(http.MethodGet, "transport=polling", "", "X-ID", tc.id)
		if a.status != tc.status || strings.Contains(a.body, "detail") {
			t.Errorf("%s: %d %q, want %d", tc.name, a.status, a.body, tc.status)
		}
	}
	s.wantPollAfterSend("custom:id:1")
}

func (s *server) wantPollAfterSend(sid string) {
	s.t.Helper()
	if a := s.post(sid, "2:4x"); a.body != "ok" {
		s.t.Errorf("post: %d %q", a.status, a.body)
	}
	s.wantPoll(sid, "2:4x")
}

// TestHandshakeUnclaimed: sessions that nobody comes back to are bounded, and
// those of clients that did are not touched.
func TestHandshakeUnclaimed(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) { s.params.MaxUnclaimed = 3 })
	claimed := s.openPolling("")
	s.wantPollAfterSend(claimed.ID())
	upgraded := s.openPolling("")
	s.probe(upgraded.ID(), "")
	var ids []string
	for range 8 {
		ids = append(ids, s.openPolling("").ID())
	}
	if n := s.engine.Sessions(); n != 5 {
		t.Errorf("%d sessions, want 5", n)
	}
	for range 5 {
		s.wantEnd(versions.ReasonPingTimeout)
	}
	s.wantAlive()
	for _, id := range ids[:5] {
		s.wantRefused(id)
	}
	for _, id := range append(ids[5:], claimed.ID()) {
		s.wantPollAfterSend(id)
	}
}

func TestHandshakeAfterClose(t *testing.T) {
	t.Parallel()
	s := start(t)
	if err := s.engine.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if a := s.do(http.MethodGet, "transport=polling", ""); a.status != http.StatusServiceUnavailable {
		t.Errorf("polling: %d %q", a.status, a.body)
	}
	_, resp, err := s.dial("")
	if err == nil || resp == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("websocket: %v, %v", resp, err)
	}
}

// TestHandshakeOwnTransport registers a transport by name, which sessions then
// start on and move to like any other.
func TestHandshakeOwnTransport(t *testing.T) {
	t.Parallel()
	own := newPigeonhouse()
	s := start(t, func(s *setup) {
		if err := s.params.Registry.Register(own); err != nil {
			t.Fatal(err)
		}
		s.profile.Transports["pigeon"] = true
		s.profile.Upgrades = []string{"pigeon", "websocket"}
	})

	go s.request(context.Background(), http.MethodGet, "transport=pigeon", "")
	p := own.next(t)
	if o := parseOpen(t, p.receive(t)); len(o.Upgrades) != 0 {
		t.Errorf("upgrades of a duplex session: %q", o.Upgrades)
	}
	session := s.session()
	p.send("4hello")
	if got := p.receive(t); got != "4hello" || session.Transport() != "pigeon" || !session.Duplex() {
		t.Errorf("%q over %s", got, session.Transport())
	}

	a := s.do(http.MethodGet, "transport=polling", "")
	if !strings.Contains(a.body, `"upgrades":["pigeon","websocket"]`) {
		t.Errorf("open: %q", a.body)
	}
	session = s.session()
	go s.request(context.Background(), http.MethodGet, "transport=pigeon&sid="+session.ID(), "")
	p = own.next(t)
	p.send("2probe")
	if got := p.receive(t); got != "3probe" {
		t.Errorf("probe: %q", got)
	}
	p.send("5")
	p.send("4up")
	if got := p.receive(t); got != "4up" || session.Transport() != "pigeon" {
		t.Errorf("%q over %s", got, session.Transport())
	}
}

var _ transports.DuplexTransport = (*pigeonhouse)(nil)

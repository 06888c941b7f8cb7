package v0

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/versions"
)

const announced = ":60:60:websocket,htmlfile,xhr-polling,jsonp-polling,flashsocket"

func TestHandshake(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	id := `[A-Za-z0-9_-]{20}`
	tests := []struct {
		name, method, path, origin string
		contentType, body          string // a pattern
		cors                       bool
	}{
		{name: "plain", path: "/?t=1", contentType: "text/plain", body: id + announced},
		{name: "without a slash", path: "", contentType: "text/plain", body: id + announced},
		{name: "own parameters", path: "/?foo=bar&t=1", contentType: "text/plain", body: id + announced},
		{name: "POST", method: "POST", path: "/?t=1", contentType: "text/plain", body: id + announced},
		{name: "names a transport", path: "/websocket", contentType: "text/plain", body: id + announced},
		{name: "names any transport", path: "/nonsense/", contentType: "text/plain", body: id + announced},
		{name: "origin", path: "/?t=1", origin: "http://ex.com", contentType: "text/plain", body: id + announced, cors: true},
		{name: "odd origin of node", path: "/?t=1", origin: "127.0.0.1:7310", contentType: "text/plain", body: id + announced, cors: true},
		{name: "jsonp", path: "/?t=1&jsonp=3", origin: "http://ex.com", contentType: "application/javascript", body: `io\.j\[3\]\("` + id + announced + `"\);`},
		{name: "jsonp that is no number", path: "/?jsonp=alert(1)", contentType: "text/plain", body: id + announced},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			method, header := tt.method, []string{}
			if method == "" {
				method = http.MethodGet
			}
			if tt.origin != "" {
				header = []string{"Origin", tt.origin}
			}
			a, err := s.do(method, tt.path, "", header...)
			if err != nil {
				t.Fatal(err)
			}
			if a.status != 200 || !regexp.MustCompile("^"+tt.body+"$").MatchString(a.body) {
				t.Errorf("%d %s", a.status, a.body)
			}
			wantOrigin, wantCredentials := "", ""
			if tt.cors {
				wantOrigin, wantCredentials = tt.origin, "true"
			}
			for key, want := range map[string]string{
				"Content-Type":                     tt.contentType,
				"X-Content-Type-Options":           "nosniff",
				"Access-Control-Allow-Origin":      wantOrigin,
				"Access-Control-Allow-Credentials": wantCredentials,
			} {
				if got := a.header.Get(key); got != want {
					t.Errorf("%s: %q, want %q", key, got, want)
				}
			}
		})
	}
	if a, err := s.do(http.MethodOptions, "/", "", "Origin", "http://ex.com"); err != nil || a.status != 200 || a.body != "" || a.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("OPTIONS: %+v, %v", a, err)
	}
	if a, err := s.do(http.MethodPut, "/", ""); err != nil || a.status != 405 || a.header.Get("Allow") == "" {
		t.Errorf("PUT: %+v, %v", a, err)
	}
}

func TestHandshakeFields(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), func(p *Params) {
		p.Transports = []string{"xhr-polling"}
		p.HeartbeatInterval, p.HeartbeatTimeout = 10*time.Millisecond, 200*time.Millisecond
		p.CloseTimeout, p.PollingDuration = 1100*time.Millisecond, 100*time.Millisecond
	})
	if a := s.get("/"); !strings.HasSuffix(a.body, ":1:2:xhr-polling") {
		t.Errorf("times are rounded up: %s", a.body)
	}
	s = newSite(t, newHost(), func(p *Params) { p.DisableHeartbeats = true })
	if a := s.get("/"); !strings.Contains(a.body, ":2147483:2147483:") {
		t.Errorf("without heartbeats: %s", a.body)
	}
}

func TestHandshakeRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), func(p *Params) {
		p.Admit = func(r *http.Request) error {
			switch r.URL.Query().Get("who") {
			case "stranger":
				return errors.New("not for the client's eyes")
			case "unlucky":
				return fmt.Errorf("%w: not for the client's eyes", ErrHandshake)
			}
			return nil
		}
	})
	tests := []struct {
		path, body string
		status     int
		cors       string
	}{
		{"/?who=stranger", "handshake unauthorized", 403, "http://ex.com"},
		{"/?who=unlucky", "handshake error", 500, "http://ex.com"},
		{"/?who=stranger&jsonp=0", `io.j[0](new Error("handshake unauthorized"));`, 200, ""},
		{"/?who=unlucky&jsonp=0", `io.j[0](new Error("handshake error"));`, 200, ""},
	}
	for _, tt := range tests {
		a := s.get(tt.path, "Origin", "http://ex.com")
		if a.status != tt.status || a.body != tt.body || a.header.Get("Access-Control-Allow-Origin") != tt.cors {
			t.Errorf("%s: %+v", tt.path, a)
		}
	}
	if n := s.srv.Sessions(); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	var why Refusal
	s := newSite(t, newHost(), nil)
	hs := &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.srv.Refuse(w, r, why) }),
		ReadHeaderTimeout: patience,
	}
	l := listen(t)
	go func() { _ = hs.Serve(l) }()
	defer func() { _ = hs.Close() }()
	s.base = "http://" + l.Addr().String()
	tests := []struct {
		why        Refusal
		path, body string
		status     int
		cors       bool
	}{
		{RefuseProtocol, "/?jsonp=0", "Protocol version not supported.", 500, true},
		{RefuseOrigin, "/", "handshake bad origin", 403, false},
		{RefuseOrigin, "/?jsonp=2", `io.j[2](new Error("handshake bad origin"));`, 200, false},
		{RefuseRequest, "/", "Welcome to socket.io.", 200, false},
	}
	for _, tt := range tests {
		why = tt.why
		a := s.get(tt.path, "Origin", "http://ex.com")
		if a.status != tt.status || a.body != tt.body || (a.header.Get("Access-Control-Allow-Origin") != "") != tt.cors {
			t.Errorf("%d: %+v", tt.why, a)
		}
	}
	why = RefuseTransport
	if _, err := s.do(http.MethodGet, "/", ""); err == nil {
		t.Error("a transport that is not admitted got an answer")
	}
}

func TestUnclaimedBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), func(p *Params) { p.MaxUnclaimed = 2 })
	first := s.handshake()
	s.handshake()
	s.handshake()
	if n := s.srv.Sessions(); n != 2 {
		t.Errorf("%d sessions", n)
	}
	if a := s.get("/xhr-polling/" + first); a.body != "7:::1+0" {
		t.Errorf("the oldest is there still: %+v", a)
	}
}

func TestAcceptRefuses(t *testing.T) {
	t.Parallel()
	h := newHost()
	h.refuse = errors.New("full")
	s := newSite(t, h, nil)
	if a := s.get("/xhr-polling/" + s.handshake()); a.body != "7:::1+0" {
		t.Errorf("%+v", a)
	}
	s.until("session gone", func() bool { return s.srv.Sessions() == 0 })
}

func TestUnknownSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	tests := []struct{ path, body, contentType string }{
		{"/xhr-polling/none", "7:::1+0", "text/plain; charset=UTF-8"},
		{"/jsonp-polling/none?i=2", `io.j[2]("7:::1+0");`, "text/javascript; charset=UTF-8"},
		{"/htmlfile/none", string(colonPage.preamble) + `<script>_("7:::1+0");</script>`, "text/html; charset=UTF-8"},
	}
	for _, tt := range tests {
		if a := s.get(tt.path); a.status != 200 || a.body != tt.body || a.header.Get("Content-Type") != tt.contentType {
			t.Errorf("%s: %+v", tt.path, a)
		}
	}
	for _, sid := range []string{"none", ""} {
		ws := s.websocket(sid)
		ws.want("7:::1+0")
		ws.wantEnd()
	}
	for _, path := range []string{"/xhr-polling/none", "/jsonp-polling/none", "/htmlfile/none"} {
		if a := s.post(path, "0::"); a.status != 200 || a.body != "1" {
			t.Errorf("POST %s: %+v", path, a)
		}
	}
	if a := s.get("//none/?disconnect=1"); a.status != 200 || a.body != "" {
		t.Errorf("disconnect: %+v", a)
	}
	for _, path := range []string{"/xhr-multipart/none", "/none/none", "//none/"} {
		if a, err := s.do(http.MethodGet, path, ""); !errors.Is(err, io.EOF) {
			t.Errorf("%s is no transport: %+v, %v", path, a, err)
		}
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	a := s.get("/?t=1", "User-Agent", "node.js")
	sid, _, _ := strings.Cut(a.body, ":")
	s.get("/xhr-polling/" + sid + "?t1795196254333")
	c := s.conn()
	info := c.Info()
	if info.Generation != "0.7-0.9" || info.Dialect != "0.7.0-0.7.4" || info.Transport != "xhr-polling" || len(info.Evidence) != 2 {
		t.Errorf("%+v", info)
	}
	if c.ID() != sid || c.Handshake().RequestURI != "/socket.io/1/?t=1" {
		t.Errorf("%s, %+v", c.ID(), c.Handshake())
	}
	var _ versions.Conn = c
}

// TestUnclaimedPerPeer has one peer open more sessions than it may, which must not
// end those of others.
func TestUnclaimedPerPeer(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), func(p *Params) { p.MaxUnclaimedPerPeer = 2 })
	shake := func(agent string) (sid string) {
		sid, _, _ = strings.Cut(s.get("/?t=1795195938441", "User-Agent", agent).body, ":")
		return sid
	}
	other, taken := shake("other"), shake("greedy")
	if a := s.get("/xhr-polling/" + taken); a.body != "1::" {
		t.Fatalf("%+v", a)
	}
	var all []string
	for range 4 {
		all = append(all, shake("greedy"))
	}
	for _, sid := range append(all[2:], other) {
		if a := s.get("/xhr-polling/" + sid); a.body != "1::" {
			t.Errorf("%+v", a)
		}
	}
	for _, sid := range all[:2] {
		if a := s.get("/xhr-polling/" + sid); a.body != "7:::1+0" {
			t.Errorf("%+v", a)
		}
	}
	s.srv.mu.Lock()
	defer s.srv.mu.Unlock()
	if n := len(s.srv.offers.callers); n != 0 {
		t.Errorf("%d peers are remembered", n)
	}
}

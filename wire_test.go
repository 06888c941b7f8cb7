package socketio_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/transports"
)

// start serves a configuration on loopback and returns the URL of its host.
func start(t *testing.T, config socketio.Config, next http.Handler, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	srv, err := socketio.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	return startServer(t, srv, next, wrap)
}

// startServer does the same for a server that exists.
func startServer(t *testing.T, srv *socketio.Server, next http.Handler, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	h := srv.Attach(next)
	if wrap != nil {
		h = wrap(h)
	}
	web := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	return web.URL
}

// fetch makes one request and returns status, body and headers.
func fetch(t *testing.T, method, url string, header ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header
}

const polling = "/socket.io/?EIO=3&transport=polling"

const polling4 = "/socket.io/?EIO=4&transport=polling"

// renamed is the websocket carrier by another name.
type renamed struct {
	transports.WebSocket
	name string
}

func (r renamed) Name() string { return r.name }

func TestConfigReachesTheWire(t *testing.T) {
	t.Parallel()
	refuse := func(*http.Request) error { return errors.New("a secret of the server") }
	webTransport := socketio.Config{Carriers: []transports.Transport{renamed{name: "webtransport"}}}
	tests := []struct {
		name   string
		config socketio.Config
		path   string
		header []string
		status int
		body   string // contained in the answer
	}{
		{name: "zero value", path: polling, status: 200, body: `"upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}`},
		{name: "1.x has its own ping timeout", config: socketio.Config{V1: socketio.V1Config{PingTimeout: time.Minute}}, path: "/socket.io/?EIO=2&transport=polling", status: 200, body: `"pingTimeout":60000}`},
		{name: "path", config: socketio.Config{Path: "/chat/"}, path: "/chat/?EIO=3&transport=polling", status: 200, body: `"sid"`},
		{name: "no upgrades", config: socketio.Config{DisableUpgrades: true}, path: polling, status: 200, body: `"upgrades":[]`},
		{name: "transport off for all", config: socketio.Config{Transports: []string{"websocket"}}, path: polling, status: 400, body: `{"code":0,"message":"Transport unknown"}`},
		{name: "transport off for 2.x", config: socketio.Config{V2: socketio.V2Config{Transports: []string{"websocket"}}}, path: polling + "&t=Q7w5LR8", status: 200, body: `"sid"`}, // it may be 1.x
		{name: "transport off for 1.x", config: socketio.Config{V1: socketio.V1Config{Transports: []string{"websocket"}}}, path: "/socket.io/?EIO=2&transport=polling", status: 400, body: `"code":0`},
		{name: "generation off", config: socketio.Config{Generations: ">= 2.0"}, path: "/socket.io/?EIO=2&transport=polling", status: 400, body: `{"code":5,"message":"Unsupported protocol version"}`},
		{name: "generation no release has", path: "/socket.io/?EIO=5&transport=polling", status: 400, body: `{"code":5,"message":"Unsupported protocol version"}`},
		{name: "defaults of 4.x", path: polling4, status: 200, body: `"upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`},
		{name: "4.x obeys the smaller payload", config: socketio.Config{MaxPayload: 5000}, path: polling4, status: 200, body: `"maxPayload":5000}`},
		{name: "4.x has its own settings", config: socketio.Config{V4: socketio.V4Config{PingTimeout: time.Minute, MaxPayload: 9_000_000}}, path: polling4, status: 200, body: `"pingTimeout":60000,"maxPayload":9000000}`},
		{name: "webtransport is offered to 4.x", config: webTransport, path: polling4, status: 200, body: `"upgrades":["websocket","webtransport"]`},
		{name: "and not to releases before it", config: webTransport, path: polling, status: 200, body: `"upgrades":["websocket"]`},
		{name: "nor to 1.x", config: webTransport, path: "/socket.io/?EIO=2&transport=polling", status: 200, body: `"upgrades":["websocket"]`},
		{name: "4.x is named once", path: polling4 + "&EIO=3", status: 200, body: `"maxPayload":1000000`},
		{name: "transport off for 4.x", config: socketio.Config{V4: socketio.V4Config{Transports: []string{"websocket"}}}, path: polling4, status: 400, body: `{"code":0,"message":"Transport unknown"}`},
		{name: "4.x off", config: socketio.Config{Generations: "< 3"}, path: polling4, status: 400, body: `{"code":5,"message":"Unsupported protocol version"}`},
		{name: "origin off", config: socketio.Config{Origins: []string{"https://ours.example"}}, path: polling, header: []string{"Origin", "https://ours.example.evil.example"}, status: 403, body: `{"code":4,"message":"Forbidden"}`},
		{name: "origin on", config: socketio.Config{Origins: []string{"https://ours.example"}}, path: polling, header: []string{"Origin", "https://ours.example"}, status: 200, body: `"sid"`},
		{name: "origin off for a websocket", config: socketio.Config{Origins: []string{"https://ours.example"}}, path: "/socket.io/?EIO=3&transport=websocket", header: []string{"Origin", "https://theirs.example", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}, status: 400, body: "Forbidden"},
		{name: "origin function", config: socketio.Config{OriginFunc: func(o string, _ *http.Request) error {
			if o != "https://ours.example" {
				return &socketio.Error{Message: "not you"}
			}
			return nil
		}}, path: polling, header: []string{"Origin", "https://theirs.example"}, status: 403, body: `{"code":4,"message":"not you"}`},
		{name: "an error's own text stays here", config: socketio.Config{AllowRequest: refuse}, path: polling, status: 403, body: `{"code":4,"message":"Forbidden"}`},
		{name: "own id", config: socketio.Config{GenerateID: func(*http.Request) (string, error) { return "custom:id:1", nil }}, path: polling, status: 200, body: `"sid":"custom:id:1"`},
		{name: "no id", config: socketio.Config{GenerateID: func(*http.Request) (string, error) { return "", nil }}, path: polling, status: 400, body: `{"code":3,"message":"Bad request"}`},
		{name: "jsonp index that is none", path: polling + "&j=1%29%3Balert(1", status: 400, body: `{"code":3`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, body, header := fetch(t, http.MethodGet, start(t, test.config, nil, nil)+test.path, test.header...)
			if status != test.status || !strings.Contains(body, test.body) {
				t.Errorf("status %d, body %q, want %d and %q", status, body, test.status, test.body)
			}
			if strings.Contains(body, "secret") {
				t.Error("the answer holds an internal error")
			}
			if header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("no nosniff")
			}
		})
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		config socketio.Config
		want   string
	}{
		{"default", socketio.Config{}, "io=x%3Ay; Path=/; HttpOnly; SameSite=Strict"},
		{"none", socketio.Config{DisableCookie: true}, ""},
		{"template", socketio.Config{Cookie: socketio.Cookie{Name: "lb", Path: "/a", Secure: true, SameSite: http.SameSiteLaxMode, ScriptAccess: true}}, "lb=x%3Ay; Path=/a; Secure; SameSite=Lax"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.config.GenerateID = func(*http.Request) (string, error) { return "x:y", nil }
			_, _, header := fetch(t, http.MethodGet, start(t, test.config, nil, nil)+polling)
			if got := header.Get("Set-Cookie"); got != test.want {
				t.Errorf("cookie %q, want %q", got, test.want)
			}
		})
	}
}

func TestBadConfigIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		field  string
		config socketio.Config
	}{
		{"Generations", socketio.Config{Generations: ">= 1.4"}},
		{"Generations", socketio.Config{Generations: "^2"}},
		{"Generations", socketio.Config{Generations: ">= 5"}},
		{"V4.PingTimeout", socketio.Config{V4: socketio.V4Config{PingTimeout: -1}}},
		{"V4.ConnectTimeout", socketio.Config{V4: socketio.V4Config{ConnectTimeout: time.Microsecond}}},
		{"V4.MaxPayload", socketio.Config{V4: socketio.V4Config{MaxPayload: -1}}},
		{"V4.Transports", socketio.Config{V4: socketio.V4Config{Transports: []string{"carrier pigeon"}}}},
		{"Transports", socketio.Config{Transports: []string{"carrier-pigeon"}}},
		{"V1.Transports", socketio.Config{V1: socketio.V1Config{Transports: []string{"x"}}}},
		{"Origins", socketio.Config{Origins: []string{"https://*.co.uk"}}},
		{"Path", socketio.Config{Path: "relative"}},
	} {
		_, err := socketio.NewServer(test.config)
		var bad *socketio.ConfigError
		if !errors.As(err, &bad) || bad.Field != test.field {
			t.Errorf("%+v: got %v, want an error of the field %s", test.config, err, test.field)
		}
	}
}

func TestClientFiles(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"socket.io.js":       {Data: []byte("newest")},
		"socket.io.js.map":   {Data: []byte("{}")},
		"1.7.4/socket.io.js": {Data: []byte("older")},
		"secret.txt":         {Data: []byte("secret")},
	}
	url := start(t, socketio.Config{ClientFiles: files}, nil, nil) + "/socket.io/"
	for path, want := range map[string]string{
		"socket.io.js":        "newest",
		"socket.io.js?v=1":    "newest",
		"socket.io.js.map":    "{}",
		"socket.io-1.7.4.js":  "older",
		"socket.io.v1.7.4.js": "older",
		"1.7.4/socket.io.js":  "older",
	} {
		status, body, header := fetch(t, http.MethodGet, url+path)
		if status != http.StatusOK || body != want || header.Get("ETag") == "" {
			t.Errorf("%s: status %d, body %q, want %q", path, status, body, want)
		}
		status, body, _ = fetch(t, http.MethodGet, url+path, "If-None-Match", header.Get("ETag"))
		if status != http.StatusNotModified || body != "" {
			t.Errorf("%s: status %d with its own tag, want 304", path, status)
		}
	}
	for _, path := range []string{"secret.txt", "1.7.4/../secret.txt", "%2e%2e/secret.txt", "1.7.4/secret.txt"} {
		if _, body, _ := fetch(t, http.MethodGet, url+path); strings.Contains(body, "secret") {
			t.Errorf("%s was served", path)
		}
	}
	if status, _, _ := fetch(t, http.MethodGet, start(t, socketio.Config{}, nil, nil)+"/socket.io/socket.io.js"); status != http.StatusNotFound {
		t.Errorf("status %d without files, want 404", status)
	}
}

// TestAttach proves that old URLs survive when the server stands before a
// router, and that a server behind one says so, once.
func TestAttach(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	url := start(t, socketio.Config{}, mux, nil)
	if status, body, _ := fetch(t, http.MethodGet, url+"/hello"); status != http.StatusOK || body != "hello" {
		t.Errorf("the router got status %d, body %q", status, body)
	}
	if status, _, header := fetch(t, http.MethodGet, url+"/socket.io/1//sid/?disconnect=1"); status != http.StatusOK {
		t.Errorf("the disconnect of a page that is left: status %d, Location %q", status, header.Get("Location"))
	}

	var log safeBuffer
	behind := start(t, socketio.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, nil, func(h http.Handler) http.Handler {
		outer := http.NewServeMux()
		outer.Handle("/socket.io/", h)
		return outer
	})
	for range 3 {
		fetch(t, http.MethodGet, behind+polling)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings about the wrong mounting, want 1:\n%s", n, log.String())
	}
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

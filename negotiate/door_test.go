package negotiate

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/compat"
)

// engine is a handler that says what it was called with.
type engine struct{ name string }

func (e engine) ServeHTTP(w http.ResponseWriter, _ *http.Request, v Verdict) {
	_, _ = io.WriteString(w, e.name+" serves "+v.Transport+" "+v.Session)
}

func (e engine) Refuse(w http.ResponseWriter, _ *http.Request, _ Verdict, r Refusal) {
	w.WriteHeader(http.StatusTeapot)
	_, _ = io.WriteString(w, e.name+" refuses: "+r.Kind.String())
}

func newDoor(t *testing.T, change func(*Params)) *Door {
	t.Helper()
	params := Params{Handlers: map[compat.ID]Handler{
		compat.V1: engine{"1.x"},
		compat.V2: engine{"2.x"},
	}}
	if change != nil {
		change(&params)
	}
	d, err := NewDoor(params)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newPolicy(t *testing.T, rules Rules) *Policy {
	t.Helper()
	p, err := NewPolicy(rules)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// say sends a request as it stands over TCP, and returns the answer; nil if the
// connection was closed without one.
func say(t *testing.T, h http.Handler, request string) (*http.Response, string) {
	t.Helper()
	s := httptest.NewServer(h)
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	text := strings.ReplaceAll(request, "\n", "\r\n") + "\r\nHost: app.test\r\n\r\n"
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

const upgradeLines = "\nConnection: Upgrade\nUpgrade: websocket"

func TestDoor(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "app: "+r.URL.Path)
	})
	withApp := func(p *Params) { p.Next = mux }
	listed := func(p *Params) {
		p.Policy = newPolicy(t, Rules{
			Generations: compat.SetOf(compat.V1, compat.V2),
			Transports:  map[compat.ID][]string{compat.V1: {"polling"}, compat.V2: {"polling"}},
			Origins:     []string{"http://page.test"},
		})
	}
	tests := []struct {
		name    string
		params  func(*Params)
		request string
		status  int
		body    string
	}{
		{"2.x", withApp, "GET /socket.io/?EIO=3&transport=polling HTTP/1.1", 200, "2.x serves polling "},
		{"1.x", withApp, "GET /socket.io/?EIO=2&transport=polling&sid=a HTTP/1.1", 200, "1.x serves polling a"},
		{"absolute form", withApp, "GET http://app.test/socket.io/?EIO=3&transport=polling HTTP/1.1", 200, "2.x serves polling "},
		{"double slash", withApp, "GET /socket.io//?EIO=3&transport=polling HTTP/1.1", 200, "2.x serves polling "},
		{"app", withApp, "GET /index.html HTTP/1.1", 200, "app: /index.html"},
		{"no slash", withApp, "GET /socket.io?EIO=3&transport=polling HTTP/1.1", 200, "app: /socket.io"},
		{"longer name", withApp, "GET /socket.iofoo/?EIO=3&transport=polling HTTP/1.1", 200, "app: /socket.iofoo/"},
		{"in front of the path", withApp, "GET /x/socket.io/?EIO=3&transport=polling HTTP/1.1", 200, "app: /x/socket.io/"},
		{"not cleaned", withApp, "GET /x/../socket.io/?EIO=3&transport=polling HTTP/1.1", 307, ""},
		{"options for the server", withApp, "OPTIONS * HTTP/1.1", 200, ""},
		{"no app", nil, "GET /index.html HTTP/1.1", 404, "404 page not found\n"},
		{
			"own path", func(p *Params) { p.Path = "/a/b/" },
			"GET /a/b/?EIO=3&transport=polling HTTP/1.1", 200, "2.x serves polling ",
		},
		{
			"own path, not the default one", func(p *Params) { p.Path = "/a/b" },
			"GET /socket.io/?EIO=3&transport=polling HTTP/1.1", 404, "404 page not found\n",
		},
		{
			"path at the root", func(p *Params) { p.Path = "/" },
			"GET /?EIO=3&transport=polling HTTP/1.1", 200, "2.x serves polling ",
		},
		{
			"files", func(p *Params) { p.Files = mux },
			"GET /socket.io/socket.io.js HTTP/1.1", 200, "app: /socket.io/socket.io.js",
		},
		{"no files", nil, "GET /socket.io/socket.io.js HTTP/1.1", 404, "404 page not found\n"},
		{
			"transport refused", listed,
			"GET /socket.io/?EIO=3&transport=websocket HTTP/1.1" + upgradeLines, 418, "2.x refuses: transport unknown",
		},
		{
			"origin refused", listed,
			"GET /socket.io/?EIO=2&transport=polling HTTP/1.1\nOrigin: http://evil.test", 418, "1.x refuses: origin forbidden",
		},
		{
			"EIO=4 refused by policy and not served", listed,
			"GET /socket.io/?EIO=4&transport=polling HTTP/1.1", 400, `{"code":5,"message":"Unsupported protocol version"}`,
		},
		{
			"EIO=4 not served, nor its transport", listed,
			"GET /socket.io/?EIO=4&transport=webtransport HTTP/1.1\nOrigin: http://evil.test", 400, `{"code":5,"message":"Unsupported protocol version"}`,
		},
		{
			"guessed 2.x where only 1.x is served", func(p *Params) { delete(p.Handlers, compat.V2) },
			"GET /socket.io/?EIO=3&transport=polling HTTP/1.1", 200, "1.x serves polling ",
		},
		{
			"EIO=4 not served", withApp,
			"GET /socket.io/?EIO=4&transport=polling HTTP/1.1", 400, `{"code":5,"message":"Unsupported protocol version"}`,
		},
		{
			"EIO=4 websocket not served", withApp,
			"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1" + upgradeLines, 400, "Unsupported protocol version",
		},
		{
			"EIO=5", withApp,
			"GET /socket.io/?EIO=5&transport=polling HTTP/1.1", 400, `{"code":5,"message":"Unsupported protocol version"}`,
		},
		{
			"a flood", withApp,
			"GET /socket.io/?EIO=3&" + strings.Repeat("a&", maxPairs) + " HTTP/1.1", 400, `{"code":3,"message":"Bad request"}`,
		},
		{"0.9 not served", withApp, "GET /socket.io/1/?t=1&jsonp=0 HTTP/1.1", 500, "Protocol version not supported."},
		{"0.9 double slash", withApp, "GET /socket.io/1//abc/?disconnect=1 HTTP/1.1", 500, "Protocol version not supported."},
		{
			"0.9 served", func(p *Params) { p.Handlers[compat.V07] = engine{"0.9"} },
			"GET /socket.io/1//abc/?disconnect=1 HTTP/1.1", 200, "0.9 serves  abc",
		},
		{
			"protocol 2 with 0.9 served", func(p *Params) { p.Handlers[compat.V07] = engine{"0.9"} },
			"GET /socket.io/2/ HTTP/1.1", 418, "0.9 refuses: unsupported version",
		},
		{"0.6 polling not served", withApp, "GET /socket.io/xhr-polling//1300000000000 HTTP/1.1", 0, ""},
		{"0.6 websocket not served", withApp, "GET /socket.io/websocket HTTP/1.1" + upgradeLines, 404, "Not found"},
		{
			"0.6 served", func(p *Params) { p.Handlers[compat.V05] = engine{"0.6"} },
			"GET /socket.io/xhr-polling//1300000000000 HTTP/1.1", 200, "0.6 serves xhr-polling ",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resp, body := say(t, newDoor(t, tt.params), tt.request)
			if resp == nil {
				if tt.status != 0 {
					t.Fatalf("no answer, want %d %q", tt.status, tt.body)
				}
				return
			}
			if resp.StatusCode != tt.status || tt.body != "" && body != tt.body {
				t.Errorf("answer %d %q, want %d %q", resp.StatusCode, body, tt.status, tt.body)
			}
			ours := !strings.HasPrefix(body, "app: ") || strings.Contains(body, ".js")
			if ours && tt.status != 307 && !strings.Contains(tt.name, "options") && resp.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("no nosniff")
			}
		})
	}
}

func TestUnservedHeaders(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	get := func(target string, headers ...string) http.Header {
		r := httptest.NewRequest("GET", target, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		h := w.Result().Header
		h.Del("Content-Length")
		return h
	}
	tests := []struct {
		name      string
		got, want http.Header
	}{
		{
			"without origin", get("/socket.io/?EIO=4&transport=polling"),
			http.Header{
				"Access-Control-Allow-Origin": {"*"},
				"Content-Type":                {"application/json"},
				"X-Content-Type-Options":      {"nosniff"},
			},
		},
		{
			"with origin", get("/socket.io/?EIO=4&transport=polling", "Origin", "http://page.test"),
			http.Header{
				"Access-Control-Allow-Origin":      {"http://page.test"},
				"Access-Control-Allow-Credentials": {"true"},
				"Vary":                             {"Origin"},
				"Content-Type":                     {"application/json"},
				"X-Content-Type-Options":           {"nosniff"},
			},
		},
		{
			"0.9", get("/socket.io/1/", "Origin", "http://page.test"),
			http.Header{
				"Access-Control-Allow-Origin":      {"http://page.test"},
				"Access-Control-Allow-Credentials": {"true"},
				"Vary":                             {"Origin"},
				"Content-Type":                     {"text/plain"},
				"X-Content-Type-Options":           {"nosniff"},
			},
		},
		{
			"websocket", get("/socket.io/?EIO=4&transport=websocket", "Connection", "upgrade", "Upgrade", "websocket"),
			http.Header{
				"Connection":             {"close"},
				"Content-Type":           {"text/html"},
				"X-Content-Type-Options": {"nosniff"},
			},
		},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestRefuseEngineForbidden(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/socket.io/?EIO=4", nil)
	r.Header.Set("Origin", "http://evil.test")
	refuseEngine(w, r, Verdict{}, refuse(OriginForbidden))
	if w.Code != 403 || w.Body.String() != `{"code":4,"message":"Forbidden"}` || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
}

func TestObserveAndCensus(t *testing.T) {
	t.Parallel()
	var seen []string
	d := newDoor(t, func(p *Params) {
		p.Observe = func(v Verdict, o Outcome) { seen = append(seen, v.Generation.String()+" "+o.String()) }
	})
	for _, target := range []string{
		"/socket.io/?EIO=3&transport=polling", "/socket.io/?EIO=4&transport=polling",
		"/socket.io/socket.io.js", "/elsewhere",
	} {
		d.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", target, nil))
	}
	want := []string{"2.x admitted", "3.x-4.x unsupported version", "unknown file missing"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
	tallies := []Tally{
		{"unknown", "", "file missing", 1},
		{"2.x", "polling", "admitted", 1},
		{"3.x-4.x", "polling", "unsupported version", 1},
	}
	if diff := cmp.Diff(tallies, d.Census().Snapshot()); diff != "" {
		t.Errorf("census (-want +got):\n%s", diff)
	}
}

// journal is a log in memory.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func TestMounting(t *testing.T) {
	t.Parallel()
	mounted := func(pattern string) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler {
			mux := http.NewServeMux()
			mux.Handle(pattern, h)
			return mux
		}
	}
	tests := []struct {
		name   string
		mount  func(http.Handler) http.Handler
		target string
		warns  bool
		body   string
	}{
		{"first", func(h http.Handler) http.Handler { return h }, "/socket.io/?EIO=3&transport=polling", false, "2.x serves polling "},
		{"first, escaped path", func(h http.Handler) http.Handler { return h }, "/socket.io/a%2fb%22?EIO=3&transport=polling", false, "2.x serves polling "},
		{"first, double slash", func(h http.Handler) http.Handler { return h }, "/socket.io//?EIO=3&transport=polling", false, "2.x serves polling "},
		{"behind a mux", mounted("/socket.io/"), "/socket.io/?EIO=3&transport=polling", true, "2.x serves polling "},
		{"behind a mux, not ours", mounted("/"), "/elsewhere", false, "404 page not found\n"},
		{
			"behind a rewriter",
			func(h http.Handler) http.Handler { return http.StripPrefix("/app", h) },
			"/app/socket.io/?EIO=3&transport=polling", true, "2.x serves polling ",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log journal
			d := newDoor(t, func(p *Params) { p.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			h := tt.mount(d)
			for range 3 {
				_, body := say(t, h, "GET "+tt.target+" HTTP/1.1")
				if body != tt.body {
					t.Errorf("answer %q, want %q", body, tt.body)
				}
			}
			want := 0
			if tt.warns {
				want = 1
			}
			if got := strings.Count(log.String(), "io.Attach(mux)"); got != want {
				t.Errorf("%d warnings, want %d:\n%s", got, want, log.String())
			}
		})
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	var log journal
	d := newDoor(t, func(p *Params) {
		p.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	get := func(target string) {
		d.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", target, nil))
	}
	get("/socket.io/?EIO=3&transport=polling&sid=secret")
	get("/socket.io/socket.io.js")
	if log.String() != "" {
		t.Errorf("logged what happens all the time:\n%s", log.String())
	}
	get("/socket.io/?EIO=4&transport=" + strings.Repeat("A", 5000) + "%0aforged&token=secret")
	get("/socket.io/?EIO=3&transport=polling&token=secret")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2:\n%s", len(lines), log.String())
	}
	for i, level := range []string{"level=INFO", "level=DEBUG"} {
		if !strings.Contains(lines[i], level) || len(lines[i]) > 500 || strings.Contains(lines[i], "secret") {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
}

func TestNewDoorRefused(t *testing.T) {
	t.Parallel()
	for name, params := range map[string]Params{
		"relative path":      {Path: "socket.io"},
		"path with a query":  {Path: "/a?b"},
		"unknown generation": {Handlers: map[compat.ID]Handler{compat.Unknown: engine{}}},
		"nil handler":        {Handlers: map[compat.ID]Handler{compat.V1: nil}},
	} {
		if _, err := NewDoor(params); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

package socketio_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	socketio "github.com/heirloom-io/socketio"
)

// firstRequests are the requests that open a session in each generation, and what
// the answers hold.
var firstRequests = []struct {
	name, path, body string
	websocket        bool
}{
	{name: "0.1-0.6", path: "/socket.io/xhr-polling//1300000000000"},
	{name: "0.7-0.9", path: "/socket.io/1/?t=1300000000000", body: "websocket"},
	{name: "1.x", path: "/socket.io/?EIO=2&transport=polling", body: `"sid"`},
	{name: "2.x", path: "/socket.io/?EIO=3&transport=polling", body: `"sid"`},
	{name: "2.x websocket", path: "/socket.io/?EIO=3&transport=websocket", websocket: true},
	{name: "4.x", path: "/socket.io/?EIO=4&transport=polling", body: `"sid"`},
	{name: "4.x websocket", path: "/socket.io/?EIO=4&transport=websocket", websocket: true},
}

// open makes a first request and returns the headers and the body of the answer,
// which is not read of a websocket.
func open(t *testing.T, url string, ws bool) (int, http.Header, string) {
	t.Helper()
	if !ws {
		status, body, header := fetch(t, http.MethodGet, url)
		return status, header, body
	}
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http"), nil)
	if resp == nil {
		t.Fatal(err)
	}
	if err == nil {
		defer conn.Close()
	}
	return resp.StatusCode, resp.Header, ""
}

// journal collects lines of several goroutines.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprint(args...))
}

func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
}

// TestEngineMiddleware: middlewares see the requests of every generation, and
// nothing else.
func TestEngineMiddleware(t *testing.T) {
	t.Parallel()
	srv, err := socketio.NewServer(socketio.Config{ClientFiles: fstest.MapFS{"socket.io.js": {Data: []byte("js")}}})
	if err != nil {
		t.Fatal(err)
	}
	var calls journal
	layer := func(name string) func(http.Handler) http.Handler {
		calls.note("wrap ", name)
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.note(name)
				w.Header().Set("X-Layer", name)
				if r.URL.Query().Has("stop") {
					http.Error(w, "stopped by "+name, http.StatusTeapot)
					return
				}
				next.ServeHTTP(w, r)
			})
		}
	}
	srv.Engine().Use(layer("outer"))
	srv.Engine().Use(layer("inner"))
	base := startServer(t, srv, http.NotFoundHandler(), nil)
	calls.take()
	for _, first := range firstRequests {
		t.Run(first.name, func(t *testing.T) {
			status, header, body := open(t, base+first.path, first.websocket)
			if want := map[bool]int{false: 200, true: 101}[first.websocket]; status != want || !strings.Contains(body, first.body) {
				t.Errorf("status %d, body %q", status, body)
			}
			if d := cmp.Diff([]string{"outer", "inner"}, calls.take()); d != "" {
				t.Error(d)
			}
			if got := header.Values("X-Layer"); !slices.Equal(got, []string{"inner"}) {
				t.Errorf("the header is %q", got)
			}
		})
	}
	status, _, body := open(t, base+polling+"&stop", false)
	if d := cmp.Diff([]string{"outer"}, calls.take()); d != "" || status != http.StatusTeapot || !strings.Contains(body, "stopped by outer") {
		t.Error(status, body, d)
	}
	for _, path := range []string{"/elsewhere", "/socket.io/socket.io.js"} {
		open(t, base+path, false)
		if got := calls.take(); got != nil {
			t.Errorf("%s went through %q", path, got)
		}
	}
}

// TestEngineMiddlewareRewrites: a middleware may hand on another request.
func TestEngineMiddlewareRewrites(t *testing.T) {
	t.Parallel()
	srv, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	srv.Engine().Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "EIO=9", "EIO=3", 1)
			next.ServeHTTP(w, r)
		})
	})
	base := startServer(t, srv, nil, nil)
	if status, _, body := open(t, base+"/socket.io/?EIO=9&transport=polling", false); status != http.StatusOK || !strings.Contains(body, `"sid"`) {
		t.Error(status, body)
	}
}

// TestEngineHeaders: hooks set headers on the answers of every generation, the
// initial ones on the first answer alone.
func TestEngineHeaders(t *testing.T) {
	t.Parallel()
	srv, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	e := srv.Engine()
	e.OnInitialHeaders(func(h http.Header, _ *http.Request) { panic(h) })
	e.OnInitialHeaders(func(h http.Header, r *http.Request) { h.Add("Set-Cookie", "node=1; Path="+r.URL.Path) })
	e.OnHeaders(func(h http.Header, _ *http.Request) { h.Set("X-Served", "yes") })
	base := startServer(t, srv, nil, nil)
	var sid string
	for _, first := range firstRequests {
		t.Run(first.name, func(t *testing.T) {
			_, header, body := open(t, base+first.path, first.websocket)
			if header.Get("X-Served") != "yes" || !strings.HasPrefix(header.Get("Set-Cookie"), "node=1; ") {
				t.Errorf("headers %v", header)
			}
			if first.name == "2.x" {
				if n := len(header.Values("Set-Cookie")); n != 2 {
					t.Errorf("%d cookies, want that of the hook and the library's own", n)
				}
				_, sid, _ = strings.Cut(body, `"sid":"`)
				sid, _, _ = strings.Cut(sid, `"`)
			}
		})
	}
	resp, err := http.Post(base+polling+"&sid="+sid, "text/plain", strings.NewReader("1:2"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.Header.Get("X-Served") != "yes" || strings.Contains(fmt.Sprint(resp.Header["Set-Cookie"]), "node=1") {
		t.Errorf("headers of a later answer: %v", resp.Header)
	}
}

// TestBarePath: the path without a slash is the server's own if it is to be.
func TestBarePath(t *testing.T) {
	t.Parallel()
	for bare, want := range map[bool]int{true: http.StatusOK, false: http.StatusNotFound} {
		base := start(t, socketio.Config{BarePath: bare}, nil, nil)
		for _, test := range []struct {
			path string
			want int
		}{
			{"/socket.io?EIO=4&transport=polling", want},
			{"/socket.io/?EIO=4&transport=polling", http.StatusOK},
			{"/socket.io2?EIO=4&transport=polling", http.StatusNotFound},
		} {
			if status, _, body := open(t, base+test.path, false); status != test.want {
				t.Errorf("bare %v: %s: %d %s", bare, test.path, status, body)
			}
		}
	}
}

// TestConnectionErrors: a refusal of any generation is told, with the number
// Engine.IO has for it.
func TestConnectionErrors(t *testing.T) {
	t.Parallel()
	srv, err := socketio.NewServer(socketio.Config{
		Transports: []string{"polling", "xhr-polling", "jsonp-polling"},
		AllowRequest: func(r *http.Request) error {
			if r.URL.Query().Has("no") {
				return &socketio.Error{Message: "not you"}
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var told journal
	srv.Engine().OnConnectionError(func(socketio.ConnectionError) { panic("boom") })
	srv.Engine().OnConnectionError(func(e socketio.ConnectionError) {
		told.note(e.Generation, "|", e.Code, "|", e.Message, "|", e.Context, "|", e.Request.Method)
		e.Context["sid"] = "changed"
	})
	srv.Engine().OnConnectionError(func(e socketio.ConnectionError) {
		if e.Context["sid"] == "changed" {
			t.Error("hooks share a map")
		}
	})
	base := startServer(t, srv, nil, nil)
	for _, test := range []struct{ method, path, want string }{
		{"GET", "/socket.io/?EIO=3&transport=polling&x", ""},
		{"GET", "/socket.io/?EIO=3&transport=carrier-pigeon", "2.x|0|Transport unknown|map[transport:carrier-pigeon]|GET"},
		{"GET", "/socket.io/?EIO=3&transport=polling&sid=nobody", "2.x|1|Session ID unknown|map[sid:nobody]|GET"},
		{"PUT", "/socket.io/?EIO=3&transport=polling", "2.x|2|Bad handshake method|map[method:PUT]|PUT"},
		{"GET", "/socket.io/?EIO=3&transport=polling&j=%29", "2.x|3|Bad request|map[]|GET"},
		{"GET", "/socket.io/?EIO=3&transport=polling&no", "2.x|4|not you|map[message:not you]|GET"},
		{"GET", "/socket.io/?EIO=77&transport=polling", "unknown|5|Unsupported protocol version|map[]|GET"},
		{"GET", "/socket.io/?EIO=4&transport=polling&sid=nobody", "3.x-4.x|1|Session ID unknown|map[sid:nobody]|GET"},
		{"GET", "/socket.io/?EIO=4&transport=polling&no", "3.x-4.x|4|not you|map[message:not you]|GET"},
		{"GET", "/socket.io/1/xhr-polling/nobody?t=1", "0.7-0.9|1||map[sid:nobody]|GET"},
		{"GET", "/socket.io/1/?t=1&no", "0.7-0.9|4|handshake unauthorized|map[message:handshake unauthorized]|GET"},
		{"GET", "/socket.io/2/?t=1", "0.7-0.9|5|Protocol version not supported.|map[]|GET"},
	} {
		status, _, _ := fetch(t, test.method, base+test.path)
		got := told.take()
		if test.want == "" {
			if got != nil {
				t.Errorf("%s: status %d, told %q", test.path, status, got)
			}
			continue
		}
		if len(got) != 1 || got[0] != test.want {
			t.Errorf("%s: status %d, told %q, want %q", test.path, status, got, test.want)
		}
	}
	// Clients of 0.1 to 0.6 are not answered at all.
	fresh := &http.Transport{DisableKeepAlives: true}
	for path, want := range map[string]string{
		"/socket.io/xhr-polling/nobody/1": "0.5-0.6|1||map[sid:nobody]|GET",
		"/socket.io/xhr-multipart//1":     "0.5-0.6|0||map[transport:xhr-multipart]|GET",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := fresh.RoundTrip(r); err == nil {
			resp.Body.Close()
			t.Errorf("%s: status %d", path, resp.StatusCode)
		}
		if got := told.take(); len(got) != 1 || got[0] != want {
			t.Errorf("%s: told %q, want %q", path, got, want)
		}
	}
}

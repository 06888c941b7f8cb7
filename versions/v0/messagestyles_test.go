package v0

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/versions"
)

// messageSite is a server of 0.1 to 0.6 on the loopback.
func messageSite(t *testing.T, h *host, change func(*MessageParams)) (*MessageServer, string) {
	t.Helper()
	p := messageParams(h)
	if change != nil {
		change(&p)
	}
	srv, err := NewMessageServer(p)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.EscapedPath(), "/socket.io/")
		transport, rest, slash := strings.Cut(path, "/")
		sid, _, _ := strings.Cut(rest, "/")
		q := MessageRequest{
			Transport: transport, Session: sid, Bare: !slash, Handshake: sid == "",
			Candidates: compat.SetOf(compat.V01, compat.V05), Guess: compat.V05, Evidence: "path",
		}
		if transport == nameServerEvents || transport == nameXHRPolling && !slash {
			q.Guess, q.Candidates = compat.V01, compat.SetOf(compat.V01)
		}
		srv.ServeHTTP(w, r, q)
	}))
	ts.Config.ConnContext = holdLittle
	ts.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Error(err)
		}
		ts.CloseClientConnections()
		ts.Close()
	})
	return srv, ts.Listener.Addr().String()
}

// readTo reads up to the end of a text.
func readTo(t *testing.T, r io.Reader, end string) string {
	t.Helper()
	var b []byte
	for !strings.HasSuffix(string(b), end) {
		var one [1]byte
		if _, err := io.ReadFull(r, one[:]); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		b = append(b, one[0])
	}
	return string(b)
}

// TestMessageStreams shows each stream as it is on the wire.
func TestMessageStreams(t *testing.T) {
	t.Parallel()
	const part = "Content-Type: text/plain; charset=UTF-8\n\n"
	for _, tt := range []struct {
		name, path, accept string
		contentType        string
		chunked            bool
		opening            string
		before, after      string // of a payload
		say, payload       string
		pulse              string
	}{
		{
			"multipart, framed", "xhr-multipart/", "", `multipart/x-mixed-replace;boundary="socketio"`, false,
			"--socketio\n", part, "\n--socketio\n", "~m~1~m~a", "~m~2~m~é!", "",
		},
		{
			"multipart, array", "xhr-multipart/", "", `multipart/x-mixed-replace;boundary="socketio"`, false,
			"--socketio\n", part, "\n--socketio\n", `["a"]`, `{"messages":["é!"]}`,
			"Content-Type: text/plain; charset=us-ascii\n\n\x06\n--socketio\n",
		},
		{
			"htmlfile, framed", "htmlfile//1", "", "text/html; charset=UTF-8", true,
			"<html><body>" + strings.Repeat(" ", 244), "<script>parent.s._(", ", document);</script>",
			"~m~1~m~a", `"~m~2~m~\u00e9!"`, "",
		},
		{
			"htmlfile, array", "htmlfile//1", "", "text/html; charset=UTF-8", true,
			"<html><body>" + strings.Repeat(" ", 244), "<script>parent.s._(", ", document);</script>",
			`["a"]`, `"{\"messages\":[\"\u00e9!\"]}"`, "<!-- heartbeat -->",
		},
		{
			"server-events of Opera", "server-events", "", "application/x-dom-event-stream", true,
			"", "Event: socket.io\ndata: ", "\n\n", "", `{"messages":["é!"]}`, "Event: socket.io\ndata: {\"heartbeat\":\"1\"}\n\n",
		},
		{
			"server-events of today", "server-events", "text/event-stream", "text/event-stream", true,
			"", "data: ", "\n\n", "", `{"messages":["é!"]}`, ":\n\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHost()
			srv, addr := messageSite(t, h, func(p *MessageParams) {
				if tt.pulse != "" {
					p.HeartbeatInterval = 300 * time.Millisecond
				}
			})
			s := &site{t: t, addr: addr}
			c := s.dial("GET /socket.io/" + tt.path + " HTTP/1.1\r\nHost: h\r\nAccept: " + tt.accept + "\r\n\r\n")
			resp, err := http.ReadResponse(c.r, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if got := resp.Header.Get("Content-Type"); got != tt.contentType || (len(resp.TransferEncoding) == 1) != tt.chunked || resp.ContentLength >= 0 {
				t.Fatalf("%q %v %d", got, resp.TransferEncoding, resp.ContentLength)
			}
			head := make([]byte, len(tt.opening))
			if _, err := io.ReadFull(resp.Body, head); err != nil || string(head) != tt.opening {
				t.Fatalf("opening %q, %v", head, err)
			}
			greeting := readTo(t, resp.Body, tt.after)
			if !strings.HasPrefix(greeting, tt.before) || !strings.Contains(greeting, "sessionid") {
				t.Fatalf("greeting %q", greeting)
			}
			if tt.say != "" {
				readTo(t, resp.Body, tt.after) // the other dialect
				readTo(t, resp.Body, tt.after) // and its heartbeat
				srv.core.mu.Lock()
				var sid string
				for id := range srv.core.sessions {
					sid = id
				}
				srv.core.mu.Unlock()
				post, err := http.Post("http://"+addr+"/socket.io/"+tt.path[:strings.IndexByte(tt.path, '/')]+"/"+sid+"/send", "text/plain", strings.NewReader("data="+tt.say))
				if err != nil {
					t.Fatal(err)
				}
				_ = post.Body.Close()
			}
			conn := receive(t, h.conns)
			conn.send("é!")
			if got := readTo(t, resp.Body, tt.after); got != tt.before+tt.payload+tt.after {
				t.Errorf("payload %q", got)
			}
			if tt.pulse != "" {
				if got := readTo(t, resp.Body, tt.pulse); got != tt.pulse {
					t.Errorf("pulse %q", got)
				}
			}
			_ = c.Close()
			if r := receive(t, h.closings); r != versions.ReasonTransportClose && r != versions.ReasonTransportError {
				t.Errorf("reason %q", r)
			}
		})
	}
}

// TestMessagesOverWebSocket takes the transport of a page in a browser of today.
func TestMessagesOverWebSocket(t *testing.T) {
	t.Parallel()
	h := newHost()
	_, addr := messageSite(t, h, nil)
	ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+addr+"/socket.io/websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	c := &wsClient{t, ws}
	for range 3 {
		if _, err := c.read(); err != nil {
			t.Fatal(err)
		}
	}
	c.write("~m~4~m~~h~1", "~m~11~m~~j~{\"a\":[]}", "~m~1~m~b")
	for _, want := range []string{`{"a":[]}`, `"b"`} {
		if p := receive(t, h.packets); p.Name != "message" || string(p.Args) != want {
			t.Errorf("%s %s, want %s", p.Name, p.Args, want)
		}
	}
	conn := receive(t, h.conns)
	conn.send("last")
	conn.Close(versions.ReasonServerDisconnect)
	c.want("~m~4~m~last")
	c.wantEnd()
}

// TestMessageRefusals: the end of the connection is what clients understand.
func TestMessageRefusals(t *testing.T) {
	t.Parallel()
	srv, _ := messageSite(t, newHost(), nil)
	for _, tt := range []struct {
		path, upgrade string
		why           Refusal
		status        int
		body          string
	}{
		{"xhr-polling//1", "", RefuseOrigin, aborted, ""},
		{"xhr-polling//1", "", RefuseTransport, aborted, ""},
		{"jsonp-polling//1/0", "", RefuseOrigin, 200, "alert('Cross domain security restrictions not met');"},
		{"jsonp-polling//1/0", "", RefuseProtocol, aborted, ""},
		{"websocket", "WebSocket", RefuseOrigin, 403, ""},
		{"websocket", "websocket", RefuseProtocol, 404, ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/socket.io/"+tt.path, nil)
		if tt.upgrade != "" {
			r.Header.Set("Upgrade", tt.upgrade)
		}
		w := httptest.NewRecorder()
		srv.Refuse(w, r, tt.why)
		if w.Code != tt.status || w.Body.String() != tt.body {
			t.Errorf("%s: %d %q", tt.path, w.Code, w.Body)
		}
	}
}

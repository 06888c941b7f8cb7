package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/net/websocket"

	socketio "github.com/heirloom-io/socketio"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

const patience = 30 * time.Second

// serve starts the whole program but for its listener.
func serve(t *testing.T, clients string) *httptest.Server {
	t.Helper()
	sio, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	serveChat(sio)
	server := httptest.NewServer(sio.Attach(pages(clients)))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := sio.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		server.Client().CloseIdleConnections()
		server.Close()
	})
	return server
}

func get(t *testing.T, server *httptest.Server, path string) (*http.Response, string) {
	t.Helper()
	res, err := server.Client().Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// client speaks what the page speaks.
type client struct {
	t  *testing.T
	ws *websocket.Conn
}

func dial(t *testing.T, server *httptest.Server) *client {
	t.Helper()
	url := "ws" + strings.TrimPrefix(server.URL, "http") + "/socket.io/?EIO=3&transport=websocket"
	ws, err := websocket.Dial(url, "", server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	if err := ws.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	c := &client{t, ws}
	if open := c.receive(); !strings.HasPrefix(open, "0{") {
		t.Fatalf("first message %q, want open", open)
	}
	if connect := c.receive(); connect != "40" {
		t.Fatalf("second message %q, want 40", connect)
	}
	return c
}

func (c *client) receive() string {
	c.t.Helper()
	var message string
	if err := websocket.Message.Receive(c.ws, &message); err != nil {
		c.t.Fatal(err)
	}
	return message
}

func (c *client) emit(args ...any) {
	c.t.Helper()
	text, err := json.Marshal(args)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := websocket.Message.Send(c.ws, "42"+string(text)); err != nil {
		c.t.Fatal(err)
	}
}

// await returns the argument of the next event of that name which the given
// function wants.
func await[T any](c *client, event string, wanted func(T) bool) T {
	c.t.Helper()
	for {
		text, ok := strings.CutPrefix(c.receive(), "42")
		if !ok {
			continue
		}
		var args []json.RawMessage
		var name string
		if err := json.Unmarshal([]byte(text), &args); err != nil || len(args) < 2 {
			c.t.Fatalf("event %q: %v", text, err)
		}
		if err := json.Unmarshal(args[0], &name); err != nil {
			c.t.Fatal(err)
		}
		if name != event {
			continue
		}
		var value T
		if err := json.Unmarshal(args[len(args)-1], &value); err != nil {
			c.t.Fatal(err)
		}
		if wanted(value) {
			return value
		}
	}
}

func TestChat(t *testing.T) {
	t.Parallel()
	server := serve(t, t.TempDir())
	ada, bob := dial(t, server), dial(t, server)
	ada.emit("nick", "Ada")
	ada.emit("join", "lobby")
	bob.emit("nick", "  Bob\n ")
	// Once Bob sees both of them, both are in.
	await(ada, "members", func(p presence) bool { return len(p.Members) == 1 })
	bob.emit("join", "lobby")
	there := await(bob, "members", func(p presence) bool { return len(p.Members) == 2 })
	for i, want := range []string{"Ada", "Bob"} {
		got := there.Members[i]
		if got.Nick != want || got.Transport != "websocket" || got.Generation == "" {
			t.Errorf("member %d is %+v, want %s on websocket", i, got, want)
		}
	}

	text := `<b>"hello"</b> é € 😀`
	ada.emit("say", "lobby", text)
	said := func(l line) bool { return l.ID != "" }
	got := await(bob, "line", said)
	got.At, got.ID = 0, ""
	if diff := cmp.Diff(line{Room: "lobby", From: "Ada", Text: text}, got); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}

	// Who has left neither hears nor speaks; who comes back sees what was said.
	bob.emit("leave", "lobby")
	await(ada, "members", func(p presence) bool { return len(p.Members) == 1 })
	bob.emit("say", "lobby", "nobody hears this")
	ada.emit("say", "lobby", "alone at last")
	bob.emit("join", "lobby")
	history := await(bob, "history", func([]line) bool { return true })
	var spoken []string
	for _, l := range history {
		if said(l) {
			spoken = append(spoken, l.Text)
		}
	}
	if diff := cmp.Diff([]string{text}, spoken[:1]); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if strings.Contains(strings.Join(spoken, " "), "nobody hears this") {
		t.Errorf("history has a line of somebody who was not there: %q", spoken)
	}

	_ = bob.ws.Close()
	await(ada, "line", func(l line) bool { return strings.HasPrefix(l.Text, "Bob is gone") })
	await(ada, "members", func(p presence) bool { return len(p.Members) == 1 })
}

func TestPages(t *testing.T) {
	t.Parallel()
	modules := t.TempDir()
	for _, file := range []string{
		"sio-client-0.9.17/dist/socket.io.js", "sio-client-1.0.6/socket.io.js", "sio-client-10.0.0/dist/socket.io.js", "sio-client-2.5.0/dist/socket.io.js",
		"sio-client-3.0.0/README.md", "ws/index.js", "sio-server-2.5.1/socket.io.js",
		"sio-client-0.2.4/test/client/socket.io.js", "sio-client-0.6.3/support/socket.io-client/socket.io.js",
	} {
		name := filepath.Join(modules, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("// "+file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := serve(t, modules)
	tests := []struct {
		path, holds string
		status      int
	}{
		{"/", `<script src="chat.js" defer>`, 200},
		{"/clients.html", `<script src="clients.js" defer>`, 200},
		{"/wire.js", "EIO=3", 200},
		{"/frame.html?version=0.2.4", `<script src="frame.js" defer>`, 200},
		{"/clients.json", `{"clients":[{"version":"0.2.4"},{"version":"0.6.3"},{"version":"0.9.17"},{"version":"1.0.6"},{"version":"2.5.0"},{"version":"10.0.0"}],"install":"make demo-clients"}`, 200},
		{"/clients/0.2.4/socket.io.js", "// sio-client-0.2.4/test/client/socket.io.js", 200},
		{"/clients/0.5.3/socket.io.js", "404", 404},
		{"/clients/1.0.6/socket.io.js", "// sio-client-1.0.6/socket.io.js", 200},
		{"/clients/2.5.0/socket.io.js", "// sio-client-2.5.0/dist/socket.io.js", 200},
		{"/clients/3.0.0/socket.io.js", "404", 404},
		{"/clients/..%2Fws/socket.io.js", "404", 404},
		{"/nothing", "404", 404},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			res, body := get(t, server, tt.path)
			if res.StatusCode != tt.status || !strings.Contains(body, tt.holds) {
				t.Errorf("status %d, body %.200q; want %d and %q", res.StatusCode, body, tt.status, tt.holds)
			}
			if tt.status != http.StatusOK {
				return
			}
			if res.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("nosniff is missing")
			}
			if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
				t.Errorf("policy %q", policy)
			}
			if eval := strings.Contains(res.Header.Get("Content-Security-Policy"), "unsafe"); eval != strings.HasPrefix(tt.path, "/frame.html") {
				t.Errorf("policy with code made of text: %v", eval)
			}
			// Nothing comes from elsewhere, and nothing is written as HTML.
			for _, foreign := range []string{`src="http`, `href="http`, `src="//`, "innerHTML", "insertAdjacentHTML"} {
				if strings.Contains(body, foreign) {
					t.Errorf("page holds %s", foreign)
				}
			}
		})
	}
}

func TestClientsMissing(t *testing.T) {
	t.Parallel()
	server := serve(t, filepath.Join(t.TempDir(), "not", "there"))
	_, body := get(t, server, "/clients.json")
	if want := `{"clients":[],"install":"make demo-clients"}`; strings.TrimSpace(body) != want {
		t.Errorf("got %s, want %s", body, want)
	}
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, "127.0.0.1:0", t.TempDir()); err != nil {
		t.Error(err)
	}
}

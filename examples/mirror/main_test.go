package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/websocket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

// TestRun watches the program while a client reports to it.
func TestRun(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, listener, 20*time.Millisecond) }()
	addr := listener.Addr().String()
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()

	get := func(path string) *http.Response {
		t.Helper()
		res, err := client.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: status %d", path, res.StatusCode)
		}
		return res
	}
	for path, holds := range map[string]string{"/": "dashboard.js", "/dashboard.js": "EventSource('watch')", "/style.css": "dl {"} {
		res := get(path)
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || !strings.Contains(string(body), holds) {
			t.Errorf("%s: %v %.100q, want %q in it", path, err, body, holds)
		}
	}

	stream := get("/watch")
	defer stream.Body.Close()
	lines := bufio.NewReader(stream.Body)
	await := func(want string) {
		t.Helper()
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("%v, want %s", err, want)
			}
			if line == "data: "+want+"\n" {
				return
			}
		}
	}
	await(`{"name":"reading","args":["watchers",1]}`)
	await(`{"name":"reading","args":["clients",0]}`)

	ws, err := websocket.Dial("ws://"+addr+"/socket.io/?EIO=3&transport=websocket", "", "http://"+addr)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	for _, text := range []string{`42["report","",1]`, `42["report","` + strings.Repeat("x", 65) + `",1]`, `42["report","cellar",11.5]`} {
		if err := websocket.Message.Send(ws, text); err != nil {
			t.Fatal(err)
		}
	}
	await(`{"name":"reading","args":["cellar",11.5]}`)
	await(`{"name":"reading","args":["clients",1]}`)

	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(lines); err != nil {
		t.Errorf("the stream ended with %v", err)
	}
}

// TestRunFails has the listener closed, which ends the program with an error.
func TestRunFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := run(t.Context(), listener, time.Hour); err == nil {
		t.Error("no error")
	}
}

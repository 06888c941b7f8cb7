package mirror

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	socketio "github.com/heirloom-io/socketio"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news", "sport"}})
	news, again, sport := s.watch("/?room=news", ""), s.watch("/?room=news", ""), s.watch("/?room=sport", "")
	want := map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store",
		"X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff",
	}
	for name, value := range want {
		if got := news.res.Header.Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}

	s.emit("sport", "goal", 1, "nil")
	s.emit("news", "headline", "é € 😀 \u2028 <b>", map[string]any{"blob": []byte{1, 2, 3}})
	s.emit("news", "injected\nid: 7\r\ndata: x", json.RawMessage("{\r\n\"a\":\n[1,\r2]}"))
	s.emit("news", "message")
	if err := s.io.Emit("all", true); err != nil {
		t.Fatal(err)
	}
	lines := []string{
		`{"name":"headline","args":["é € 😀 \u2028 <b>",{"blob":{"base64":true,"data":"AQID"}}]}`,
		`{"name":"injected\nid: 7\r\ndata: x","args":[{"a":[1,2]}]}`,
		`{"name":"message","args":[]}`,
		`{"name":"all","args":[true]}`,
	}
	for _, w := range []*stream{news, again} {
		for i, line := range lines {
			want := event{id: s.mirror.epoch + "-" + strconv.Itoa(i+1), data: line}
			got := w.next()
			if !json.Valid([]byte(got.data)) {
				t.Errorf("not JSON: %s", got.data)
			}
			got.data = strings.ReplaceAll(got.data, "\u2028", `\u2028`)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(event{})); diff != "" {
				t.Errorf("event %d (-want +got):\n%s", i, diff)
			}
		}
	}
	for _, line := range []string{`{"name":"goal","args":[1,"nil"]}`, lines[3]} {
		if got := sport.next(); got.data != line {
			t.Errorf("got %q, want %q", got.data, line)
		}
	}
	if got := s.mirror.Stats(); got != (Stats{Watchers: 3, Events: 6}) {
		t.Errorf("stats %+v", got)
	}
}

// TestResume has watchers come back with the id they heard last.
func TestResume(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}, ReplayEvents: 4})
	for n := 1; n <= 10; n++ {
		s.emit("news", "n", n)
	}
	id := func(n int) string { return s.mirror.epoch + "-" + strconv.Itoa(n) }
	tests := []struct {
		name, last string
		gap        int
		from       int
	}{
		{"nothing missed", id(10), 0, 11},
		{"all held", id(8), 0, 9},
		{"as much as is held", id(6), 0, 7},
		{"one more", id(5), 1, 7},
		{"many more", id(1), 5, 7},
		{"of another mirror", "x-9", 6, 7},
		{"no id of ours", "tail", 6, 7},
		{"from the future", id(11), 0, 11},
		{"far too large", s.mirror.epoch + "-99999999999999999999", 6, 7},
		{"none", "", 0, 11},
	}
	streams := make([]*stream, len(tests))
	for i, tt := range tests {
		streams[i] = s.watch("/", tt.last)
	}
	s.emit("news", "n", 11)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := streams[i]
			w.t = t
			if tt.gap > 0 {
				e := w.next()
				if n, gap := numbered(t, e); !gap || n != tt.gap || e.id != id(tt.from-1) {
					t.Errorf("got %+v, want a gap of %d", e, tt.gap)
				}
			}
			for want := tt.from; want <= 11; want++ {
				e := w.next()
				if n, gap := numbered(t, e); gap || n != want || e.id != id(want) {
					t.Errorf("got %+v, want number %d", e, want)
				}
			}
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}, MaxEventBytes: 100, ReplayEvents: 50, ReplayBytes: 60})
	s.emit("news", "large", strings.Repeat("x", 100))
	for n := range 5 {
		s.emit("news", "n", n+10)
	}
	f := s.mirror.feeds[0]
	f.mu.Lock()
	held, size := len(f.held), f.bytes
	f.mu.Unlock()
	// Each is 24 bytes: {"name":"n","args":[10]}
	if held != 2 || size != 48 {
		t.Errorf("%d events of %d bytes are held", held, size)
	}
	if got := s.mirror.Stats(); got.Oversized != 1 || got.Events != 5 {
		t.Errorf("stats %+v", got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{
		Rooms:       []string{"news", "staff"},
		MaxWatchers: 1,
		Authorize: func(r *http.Request, room string) bool {
			return room != "staff" || r.Header.Get("Authorization") == "Bearer key"
		},
	})
	s.watch("/?room=news", "")
	tests := []struct {
		method, query string
		status        int
	}{
		{http.MethodPost, "/?room=news", http.StatusMethodNotAllowed},
		{http.MethodHead, "/?room=news", http.StatusMethodNotAllowed},
		{http.MethodGet, "/", http.StatusNotFound},
		{http.MethodGet, "/?room=", http.StatusNotFound},
		{http.MethodGet, "/?stream=0", http.StatusNotFound},
		{http.MethodGet, "/?room=0", http.StatusNotFound},
		{http.MethodGet, "/?room=staff", http.StatusForbidden},
		{http.MethodGet, "/?room=news&stream=1", http.StatusServiceUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.query, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tt.method, s.http.URL+tt.query, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := s.http.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != tt.status {
				t.Errorf("status %d, want %d", res.StatusCode, tt.status)
			}
		})
	}
	t.Run("no deadlines", func(t *testing.T) {
		w := httptest.NewRecorder()
		s.mirror.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?room=news", http.NoBody))
		if w.Code != http.StatusInternalServerError {
			t.Errorf("status %d", w.Code)
		}
	})
}

// TestPlace frees the place of a watcher who goes.
func TestPlace(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}, MaxWatchers: 1})
	for range 3 {
		w := s.watch("/", "")
		w.stop()
		until(t, "the watcher has gone", func() bool { return s.mirror.Stats().Watchers == 0 })
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}, Heartbeat: 10 * time.Millisecond})
	w := s.watch("/", "")
	for range 3 {
		if got := w.block(); got != ": heartbeat\n" {
			t.Fatalf("got %q", got)
		}
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}})
	watchers := make([]*stream, 20)
	for i := range watchers {
		watchers[i] = s.watch("/", "")
	}
	if ids, err := s.io.In("news").Clients(t.Context()); err != nil || len(ids) != 1 || !strings.HasPrefix(ids[0], "mirror:") {
		t.Errorf("members %q, %v", ids, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range 2 {
		if err := s.mirror.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range watchers {
		if got := w.block(); got != "" {
			t.Errorf("got %q after the end", got)
		}
	}
	if ids, err := s.io.In("news").Clients(t.Context()); err != nil || len(ids) != 0 {
		t.Errorf("members %q, %v", ids, err)
	}
	s.emit("news", "n", 1)
	res, err := s.http.Client().Get(s.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestCloseWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}})
	s.mirror.watching.Add(1) // somebody who does not go
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := s.mirror.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	s.mirror.watching.Done()
}

func TestConfig(t *testing.T) {
	t.Parallel()
	server, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close(context.Background())
	ns := server.Of("/")
	for name, c := range map[string]Config{
		"no namespace":   {Rooms: []string{"a"}},
		"no rooms":       {Namespace: ns},
		"named twice":    {Namespace: ns, Rooms: []string{"a", "b", "a"}},
		"MaxWatchers":    {Namespace: ns, Rooms: []string{"a"}, MaxWatchers: -1},
		"MaxEventBytes":  {Namespace: ns, Rooms: []string{"a"}, MaxEventBytes: -1},
		"WriteTimeout":   {Namespace: ns, Rooms: []string{"a"}, WriteTimeout: -1},
		"Heartbeat":      {Namespace: ns, Rooms: []string{"a"}, Heartbeat: -1},
		"Retry is negat": {Namespace: ns, Rooms: []string{"a"}, Retry: -1},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBytes reads the stream as the simplest client would, without chunks.
func TestBytes(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}, Retry: 1500 * time.Millisecond})
	s.emit("news", "before", 1)
	conn, err := net.Dial("tcp", s.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("GET /?room=news HTTP/1.0\r\nLast-Event-ID: 0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	until(t, "somebody watches", func() bool { return s.mirror.Stats().Watchers == 1 })
	const first, second = `{"name":"before","args":[1]}`, `{"name":"after","args":["x"]}`
	want := "retry: 1500\n\n" +
		"id: " + s.mirror.epoch + "-1\ndata: " + first + "\n\n" +
		"id: " + s.mirror.epoch + "-2\ndata: " + second + "\n\n"
	s.emit("news", "after", "x")
	read := bufio.NewReader(conn)
	for line := ""; line != "\r\n"; {
		if line, err = read.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(read, got); err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if err := s.mirror.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if rest, err := io.ReadAll(read); len(rest) > 0 || err != nil {
		t.Errorf("then %q, %v", rest, err)
	}
}

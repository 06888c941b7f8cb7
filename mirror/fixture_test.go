package mirror

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

const patience = 30 * time.Second

// stage is a server whose rooms are mirrored.
type stage struct {
	t      *testing.T
	io     *socketio.Server
	mirror *Mirror
	http   *httptest.Server
}

func newStage(t *testing.T, c Config) *stage {
	t.Helper()
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c.Namespace = io.Of("/")
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, io: io, mirror: m, http: httptest.NewServer(m)}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := m.Close(ctx); err != nil {
			t.Errorf("closing the mirror: %v", err)
		}
		if err := io.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		s.http.Client().CloseIdleConnections()
		s.http.Close()
	})
	return s
}

// serve has another HTTP server in place of the usual one.
func (s *stage) serve(server *httptest.Server, start func()) {
	s.http.Close()
	start()
	s.http = server
}

func (s *stage) emit(room, event string, args ...any) {
	s.t.Helper()
	if err := s.io.To(room).Emit(event, args...); err != nil {
		s.t.Fatal(err)
	}
}

// stream is what one watcher reads.
type stream struct {
	t    *testing.T
	res  *http.Response
	read *bufio.Reader
	stop context.CancelFunc
}

// watch opens a stream, and returns when the server has taken the watcher in.
func (s *stage) watch(query, lastID string) *stream {
	s.t.Helper()
	return s.watchContext(context.Background(), query, lastID)
}

func (s *stage) watchContext(ctx context.Context, query, lastID string) *stream {
	s.t.Helper()
	// It may be read for as long as a test takes.
	ctx, stop := context.WithTimeout(ctx, 4*patience)
	s.t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+query, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := s.http.Client().Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("status %d", res.StatusCode)
	}
	w := &stream{s.t, res, bufio.NewReader(res.Body), stop}
	if first := w.block(); first != "retry: 2000\n" {
		s.t.Fatalf("the stream begins with %q", first)
	}
	return w
}

// block returns the lines up to the next empty one, or "" at the end.
func (w *stream) block() string {
	w.t.Helper()
	var all strings.Builder
	for {
		line, err := w.read.ReadString('\n')
		switch {
		case err != nil && all.Len() == 0 && line == "":
			return ""
		case err != nil:
			w.t.Fatalf("%v after %q", err, all.String()+line)
		case line == "\n":
			return all.String()
		}
		all.WriteString(line)
	}
}

// event is one as an EventSource would understand it.
type event struct {
	id, kind, data string
}

// next returns the next event, past heartbeats.
func (w *stream) next() event {
	w.t.Helper()
	for {
		block := w.block()
		if block == "" {
			w.t.Fatal("the stream has ended")
		}
		var e event
		for line := range strings.SplitSeq(strings.TrimSuffix(block, "\n"), "\n") {
			field, value, _ := strings.Cut(line, ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data += value
			case "": // a comment
			default:
				w.t.Fatalf("line %q", line)
			}
		}
		if e != (event{}) {
			return e
		}
	}
}

// numbered returns the n of the event n(N), or the missed of a gap.
func numbered(t *testing.T, e event) (n int, gap bool) {
	t.Helper()
	var got struct {
		Args   []int
		Missed int
	}
	if err := json.Unmarshal([]byte(e.data), &got); err != nil {
		t.Fatalf("%+v: %v", e, err)
	}
	if e.kind == "gap" {
		return got.Missed, true
	}
	return got.Args[0], false
}

// until waits for something that happens on its own.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if is() {
			return
		}
	}
	t.Fatalf("%s: not after %v", what, patience)
}

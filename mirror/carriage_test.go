package mirror

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"
	"time"
)

// TestDeadlines has an HTTP server that bounds the time for a request to be read and
// answered. Both go on counting while the mirror answers.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Second
	s := newStage(t, Config{Rooms: []string{"news"}, Heartbeat: limit / 20})
	server := httptest.NewUnstartedServer(s.mirror)
	server.Config.ReadTimeout = limit
	server.Config.WriteTimeout = limit
	s.serve(server, server.Start)
	w := s.watch("/", "")
	for range 30 {
		if got := w.block(); got != ": heartbeat\n" {
			t.Fatalf("got %q", got)
		}
	}
	w.stop()
}

// TestHTTP2 watches two rooms by one connection, which stays fit for further
// requests. The end of a stream is a clean one.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}})
	server := httptest.NewUnstartedServer(s.mirror)
	server.EnableHTTP2 = true
	s.serve(server, server.StartTLS)
	var reused []bool
	watch := func() *stream {
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(info httptrace.GotConnInfo) { reused = append(reused, info.Reused) },
		})
		return s.watchContext(ctx, "/", "")
	}
	first := watch()
	if first.res.ProtoMajor != 2 || first.res.Header.Get("Connection") != "" {
		t.Fatalf("%s with Connection: %q", first.res.Proto, first.res.Header.Get("Connection"))
	}
	s.emit("news", "n", 1)
	watchers := []*stream{first, watch()}
	s.emit("news", "n", 2)
	for i, w := range watchers {
		for want := i + 1; want <= 2; want++ {
			if n, gap := numbered(t, w.next()); gap || n != want {
				t.Errorf("watcher %d got %d, want %d", i, n, want)
			}
		}
	}
	if len(reused) != 2 || reused[0] || !reused[1] {
		t.Errorf("the connection has been used again: %v", reused)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.mirror.Close(ctx); err != nil {
		t.Error(err)
	}
	for _, w := range watchers {
		if got := w.block(); got != "" {
			t.Errorf("got %q after the end", got)
		}
	}
}

// TestForeignPages: no page of another origin may read a stream, unless the
// application, which is before the mirror, lets it.
func TestForeignPages(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}})
	const header, origin = "Access-Control-Allow-Origin", "https://dashboard.example"
	w := s.watch("/", "")
	if got := w.res.Header.Get(header); got != "" {
		t.Errorf("%s is %q", header, got)
	}
	w.stop()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set(header, origin)
		s.mirror.ServeHTTP(rw, r)
	}))
	s.serve(server, server.Start)
	w = s.watch("/", "")
	if got := w.res.Header.Get(header); got != origin {
		t.Errorf("%s is %q, want %q", header, got, origin)
	}
	w.stop()
}

package interop

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

const (
	// confusedRounds is how often a client that understands no answer is answered on
	// one connection; the next request ends it. A client may use two, as it asks
	// again before the first is free, and stops when one of them ends.
	confusedRounds   = 6
	confusedRequests = 2*confusedRounds + 1
	// confusedPause is longer than the server ever holds an answer back.
	confusedPause = 3 * time.Second
)

// TestPinnedDialect serves one dialect of 0.1 to 0.6 only. A client of the right one
// comes in at once. One of the other asks again and again, until its connection is
// closed: it has cost a few requests and no client, and the server's counter shows
// it.
func TestPinnedDialect(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	hook := func(d socketio.MessageDialect) func(*http.Request) socketio.MessageDialect {
		return func(*http.Request) socketio.MessageDialect { return d }
	}
	for _, tt := range []struct {
		name, release string
		messages      socketio.MessagesConfig
		understood    bool
	}{
		{"0.2.4 set", "0.2.4", socketio.MessagesConfig{Dialect: socketio.DialectJSON}, true},
		{"0.2.4 chosen", "0.2.4", socketio.MessagesConfig{Dialect: socketio.DialectFramed, ChooseDialect: hook(socketio.DialectJSON)}, true},
		{"0.2.4 confused", "0.2.4", socketio.MessagesConfig{Dialect: socketio.DialectFramed}, false},
		{"0.6.3 set", "0.6.3", socketio.MessagesConfig{Dialect: socketio.DialectFramed}, true},
		{"0.6.3 confused", "0.6.3", socketio.MessagesConfig{ChooseDialect: hook(socketio.DialectJSON)}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			io, err := socketio.NewServer(socketio.Config{Messages: tt.messages})
			if err != nil {
				t.Fatal(err)
			}
			var came atomic.Int64
			var evidence atomic.Value
			io.OnConnection(func(s *socketio.Socket) {
				came.Add(1)
				evidence.Store(strings.Join(s.Conn().Info().Evidence, "; "))
				s.On("echo", func() { _ = s.Emit("echo", 1) })
			})
			var asked atomic.Int64
			attached := io.Attach(http.NotFoundHandler())
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				read(r)
				attached.ServeHTTP(w, r)
			}))
			t.Cleanup(func() {
				ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
				defer cancel()
				if err := io.Close(ctx); err != nil {
					t.Error(err)
				}
				server.CloseClientConnections()
				server.Close()
			})
			var client row
			for _, r := range messageSuite {
				if r.release == tt.release {
					client = r
				}
			}
			p, results := startNode(t, task{
				Release: client.release, Era: client.era, Program: "hold", Mode: xhrPolling, URL: server.URL,
				Tag: "pinned", Generation: client.generation, Bundle: client.bundle,
			})
			if tt.understood {
				if _, err := await(results, "ready", clientLimit); err != nil {
					t.Fatalf("%v; it wrote: %s", err, p.said())
				}
				if again := io.Stats().Rehandshakes; again != 0 {
					t.Errorf("it asked again %d times", again)
				}
				if why := evidence.Load().(string); !strings.Contains(why, "dialect set by configuration") {
					t.Errorf("the evidence is %s", why)
				}
				return
			}
			quiet, seen := time.Now(), int64(0)
			pause := func() time.Duration {
				if seen < confusedRounds { // it is slow to start, or to go on
					return clientLimit
				}
				return confusedPause
			}
			for time.Since(quiet) < pause() {
				<-time.After(takeTime)
				if n := asked.Load(); n != seen {
					quiet, seen = time.Now(), n
				}
				if seen > confusedRequests {
					break
				}
			}
			again, sessions := io.Stats().Rehandshakes, io.Stats().Clients
			if seen < confusedRounds || seen > confusedRequests || again != uint64(seen-1) || sessions > int(seen) || came.Load() != 0 {
				t.Errorf("%d requests, %d of them again, %d sessions, %d clients; it wrote: %s", seen, again, sessions, came.Load(), p.said())
			}
			for end := time.Now().Add(clientLimit); io.Stats().Clients > 0; <-time.After(takeTime) {
				if time.Now().After(end) {
					t.Fatalf("%d sessions are left", io.Stats().Clients)
				}
			}
		})
	}
}

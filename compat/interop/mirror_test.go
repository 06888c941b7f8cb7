package interop

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/mirror"
)

// watched is a server with a room whose members are clients of any generation,
// and which pages watch.
type watched struct {
	url    string
	io     *socketio.Server
	mirror *mirror.Mirror
	mail   *mailbox
	joined chan string // ids of members, as they come in

	mu  sync.Mutex
	cut context.CancelFunc // under mu: ends the stream that was opened last
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{io: io, mail: newMailbox(), joined: make(chan string, 16)}
	io.OnConnection(func(s *socketio.Socket) {
		s.Join(hall)
		w.joined <- s.ID()
		s.On("say", func(text string, more map[string]any) {
			_ = io.To(hall).Emit("said", text, more, []byte(s.Conn().Info().Generation))
		})
	})
	// The page comes back at once, so that it is the stream's loss that it misses
	// something by, and not its pause.
	w.mirror, err = mirror.New(mirror.Config{Namespace: io.Of("/"), Rooms: []string{hall}, Retry: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /watch", w.watch)
	mux.HandleFunc("POST /report", w.mail.post)
	mux.Handle("GET /programs/", http.StripPrefix("/programs/", http.FileServer(http.Dir(clientDir))))
	mux.HandleFunc("GET /bundles/0.6.3.js", func(rw http.ResponseWriter, r *http.Request) {
		http.ServeFile(rw, r, filepath.Join(clientDir, "node_modules/sio-client-0.6.3/support/socket.io-client/socket.io.js"))
	})
	server := httptest.NewServer(io.Attach(mux))
	w.url = server.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		if err := w.mirror.Close(ctx); err != nil {
			t.Errorf("closing the mirror: %v", err)
		}
		if err := io.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		server.CloseClientConnections()
		server.Close()
	})
	return w
}

// watch serves the room until the test ends the stream.
func (w *watched) watch(rw http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	w.mu.Lock()
	w.cut = cancel
	w.mu.Unlock()
	w.mirror.ServeHTTP(rw, r.WithContext(ctx))
}

// drop ends the stream that was opened last.
func (w *watched) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut()
}

// TestMirror has a page watch a room by the browser's own EventSource, while
// genuine clients of four generations speak in it, one of them in the same page.
// It must get what the room got, each once and in order, though its stream breaks.
func TestMirror(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	w := newWatched(t)
	reports := w.mail.open("mirror")
	browser := awaitBrowser(t).open(w.url + "/programs/mirror.html")

	seen := map[string]int{} // what the page has reported
	next := func(check string) string {
		t.Helper()
		limit := time.After(clientLimit)
		for {
			select {
			case r := <-reports:
				seen[r.Check]++
				if r.Check == check {
					return r.Detail
				}
				if r.Check == "event" || r.Check == "gap" {
					t.Fatalf("got %s %s while waiting for %q", r.Check, r.Detail, check)
				}
			case <-limit:
				t.Fatalf("no %q from the page; the browser wrote: %s", check, browser.said())
			}
		}
	}
	next("open")
	// The client is connected before the server knows its dialect, and is a member
	// only then.
	select {
	case <-w.joined:
	case <-time.After(clientLimit):
		t.Fatalf("the page's client does not join; the browser wrote: %s", browser.said())
	}

	said := func(text, release, generation string) string {
		return fmt.Sprintf(`{"name":"said","args":["%s",{"from":"%s"},{"base64":true,"data":"%s"}]}`, text, release, generation)
	}
	if err := w.io.To(hall).Send("speak"); err != nil {
		t.Fatal(err)
	}
	if got, want := next("event"), `{"name":"message","args":["speak"]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := next("event"), said("from a page", "0.6.3", "MC41LTAuNg=="); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, speaker := range []struct{ release, generation string }{
		{"0.9.17", "MC43LTAuOQ=="}, {"1.3.7", "MS54"}, {"2.5.0", "Mi54"},
	} {
		start(t, nil, "node", "--no-deprecation", clientDir+"/speaker.js", speaker.release, w.url, "é € 😀")
		if got, want := next("event"), said("é € 😀", speaker.release, speaker.generation); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}

	const rounds, each = 5, 20
	n := 0
	for range rounds {
		w.drop()
		for range each {
			n++
			if err := w.io.To(hall).Emit("n", n); err != nil {
				t.Fatal(err)
			}
		}
		for i := n - each + 1; i <= n; i++ {
			if got, want := next("event"), fmt.Sprintf(`{"name":"n","args":[%d]}`, i); got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
		}
	}
	if seen["open"] < 2 || seen["error"] == 0 {
		t.Errorf("the stream was opened %d times and broke %d times: it has not been lost at all", seen["open"], seen["error"])
	}
	if got := w.mirror.Stats(); got.Oversized != 0 || got.Stalled != 0 {
		t.Errorf("stats %+v", got)
	}
}

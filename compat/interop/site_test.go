package interop

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// siteOptions are what one test's server has of its own.
type siteOptions struct {
	// pingInterval and pingTimeout are the server's; zero is its default.
	pingInterval, pingTimeout time.Duration
	// holdUpgrades keeps clients from upgrading until it is closed; nil lets
	// them.
	holdUpgrades <-chan struct{}
}

// site is the server under test, together with what a test needs round it: the
// ledger of who came and went, the means to break a client's connections, and
// the pages and the mailbox of the browsers.
type site struct {
	url     string
	backend backend
	ledger  *ledger
	mail    *mailbox
	opts    siteOptions

	mu     sync.Mutex
	conns  map[string]map[net.Conn]bool // under mu: those a client waits on, by its tag
	broken map[string]bool              // under mu: tags whose session has lost its connections
}

// backend is what answers the clients: this server, or a genuine one.
type backend interface {
	// attach returns a handler for the clients' requests and, for all others,
	// next.
	attach(next http.Handler) http.Handler
	// genuine tells a server of the original project from ours, of which more
	// is expected and more is visible.
	genuine() bool
	// broadcast emits an event to a room of the default namespace.
	broadcast(room, event string, args ...any) error
	// close ends every connection and waits for it.
	close(context.Context) error
}

// connKey is the key of a request's connection in its context.
type connKey struct{}

// takeTime is long enough for a request that has arrived to be taken up.
const takeTime = 50 * time.Millisecond

// newSite starts a server on a port of its own, which ends with the test.
func newSite(t *testing.T, opts siteOptions) *site {
	t.Helper()
	s := &site{
		ledger: newLedger(),
		mail:   newMailbox(),
		opts:   opts,
		conns:  make(map[string]map[net.Conn]bool),
		broken: make(map[string]bool),
	}
	s.backend = newBackend(t, s)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /control/drop", s.drop)
	mux.HandleFunc("POST /report", s.mail.post)
	mux.Handle("GET /programs/", http.StripPrefix("/programs/", http.FileServer(http.Dir(clientDir))))
	for _, r := range suite {
		file := filepath.Join(clientDir, "node_modules", "sio-client-"+r.release, filepath.FromSlash(r.bundle))
		mux.HandleFunc("GET /bundles/"+r.release+".js", func(w http.ResponseWriter, q *http.Request) {
			http.ServeFile(w, q, file)
		})
	}

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + ln.Addr().String()
	server := &http.Server{
		Handler:           s.watch(s.backend.attach(mux)),
		ReadHeaderTimeout: 10 * time.Second,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		if err := s.backend.close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		_ = server.Close()
		<-served
	})
	return s
}

// watch notes on which connections each client waits: its WebSockets and its
// polls under way. It holds back upgrades as long as the test wants.
func (s *site) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		tag := q.Get("case")
		if s.isBroken(tag, q.Has("sid")) {
			panic(http.ErrAbortHandler)
		}
		if tag == "" || r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		duplex := q.Get("transport") == websocket
		if hold := s.opts.holdUpgrades; hold != nil && duplex && q.Has("sid") {
			select {
			case <-hold:
			case <-r.Context().Done():
				return
			}
		}
		c := r.Context().Value(connKey{}).(net.Conn)
		s.note(tag, c)
		if !duplex {
			// That of a WebSocket stays when its handler has returned.
			defer s.unnote(tag, c)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *site) note(tag string, c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns[tag] == nil {
		s.conns[tag] = make(map[net.Conn]bool)
	}
	s.conns[tag][c] = true
}

func (s *site) unnote(tag string, c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns[tag], c)
}

// drop resets the connections a client waits on, as soon as there is one and
// the server has had time to take it, and all others that its session tries
// afterwards: a browser repeats a request whose connection was reset. It ends
// when the client starts a new session.
func (s *site) drop(w http.ResponseWriter, r *http.Request) {
	for _, c := range s.takeConns(r.Context(), r.FormValue("tag")) {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *site) takeConns(ctx context.Context, tag string) []net.Conn {
	settled := time.NewTicker(takeTime)
	defer settled.Stop()
	for {
		select {
		case <-settled.C:
		case <-ctx.Done():
			return nil
		}
		s.mu.Lock()
		conns := slices.Collect(maps.Keys(s.conns[tag]))
		s.broken[tag] = len(conns) > 0
		s.mu.Unlock()
		if len(conns) > 0 {
			return conns
		}
	}
}

// isBroken reports whether a request belongs to a session that has lost its
// connections.
func (s *site) isBroken(tag string, hasSession bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !hasSession {
		s.broken[tag] = false
	}
	return s.broken[tag]
}

// task is what a client program gets to do on this site.
func (s *site) task(r row, where, mode, program string) task {
	return task{
		Release:    r.release,
		Program:    program,
		Mode:       mode,
		URL:        s.url,
		Tag:        url.PathEscape(where + "-" + r.release + "-" + mode),
		Generation: r.generation,
		Checks:     names(s.checks(r)),
	}
}

// checks are those of a row that the backend can pass at all.
func (s *site) checks(r row) []check {
	var out []check
	for _, c := range r.checks {
		// The original has no words for what it takes a client for.
		if c.name != "info" || !s.backend.genuine() {
			out = append(out, c.allowing(r.also[c.name]))
		}
	}
	return out
}

// judge compares what the server has seen of a client with what a check says.
func (s *site) judge(t *testing.T, tag string, c check) {
	t.Helper()
	if s.backend.genuine() {
		return
	}
	if got := s.ledger.entries(tag); c.entries != 0 && got != c.entries {
		t.Errorf("the client came in %d times, want %d", got, c.entries)
	}
	if len(c.reasons) == 0 {
		return
	}
	reasons, err := s.ledger.reasons(tag, 1, noticeLimit)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(c.reasons, reasons[0]) {
		t.Errorf("the server's reason is %q, want one of %q", reasons[0], c.reasons)
	}
}

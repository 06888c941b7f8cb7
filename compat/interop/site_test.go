package interop

import (
	"context"
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
	// smallBuffers makes the network's buffers for what the server sends small.
	smallBuffers bool
	// streamCloseTimeout is how long the sessions of 0.1 to 0.6 outlive a stream;
	// zero is the server's default.
	streamCloseTimeout time.Duration
	// messageDefaults leaves all that concerns 0.1 to 0.6 as it is by default.
	messageDefaults bool
	// http2 serves by HTTP/2 over TLS, with a certificate that nobody has signed.
	http2 bool
	// name begins the ids of all sessions, "a-" for "a"; empty leaves them alone.
	name string
	// beside shares its ledger and its mailbox, as another instance of one service.
	beside *site
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

	mu      sync.Mutex
	conns   map[string]map[net.Conn]int // under mu: those a client waits on and for how many requests, by its tag
	broken  map[string]bool             // under mu: tags whose session has lost its connections
	dropped map[string]bool             // under mu: tags that asked for it, over HTTP/2
	seen    map[string]map[string]bool  // under mu: the methods and versions of HTTP of the requests of a tag
	gates   map[string]chan struct{}    // under mu: closed when a tag's client may upgrade
}

// backend is what answers the clients: this server, or a genuine one.
type backend interface {
	// attach returns a handler for the clients' requests and, for all others,
	// next.
	attach(next http.Handler) http.Handler
	// serves reports whether it is for the clients of a row.
	serves(row) bool
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

// newSite starts a server on a port of its own, which ends with the test.
func newSite(t *testing.T, opts siteOptions) *site {
	t.Helper()
	s := &site{
		ledger:  newLedger(),
		mail:    newMailbox(),
		opts:    opts,
		conns:   make(map[string]map[net.Conn]int),
		broken:  make(map[string]bool),
		dropped: make(map[string]bool),
		seen:    make(map[string]map[string]bool),
		gates:   make(map[string]chan struct{}),
	}
	if opts.beside != nil {
		s.ledger, s.mail = opts.beside.ledger, opts.beside.mail
	}
	s.backend = newBackend(t, s)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /control/drop", s.drop)
	mux.HandleFunc("GET /control/upgrade", s.openGate)
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
			if tcp, ok := c.(*net.TCPConn); ok && opts.smallBuffers {
				_ = tcp.SetWriteBuffer(bufferSize)
			}
			return context.WithValue(ctx, connKey{}, c)
		},
	}
	serve := server.Serve
	if opts.http2 {
		s.url = "https://" + ln.Addr().String()
		server.TLSConfig = selfSigned(t)
		serve = func(ln net.Listener) error { return server.ServeTLS(ln, "", "") }
	}
	served := make(chan error, 1)
	go func() { served <- serve(ln) }()
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

// task is what a client program gets to do on this site.
func (s *site) task(r row, where, mode, program string) task {
	var bundle string
	if r.era == messageEra {
		bundle = r.bundle // a script for browsers, in node too
	}
	return task{
		Release:    r.release,
		Era:        r.era,
		Program:    program,
		Mode:       mode,
		URL:        s.url,
		Tag:        url.PathEscape(where + "-" + r.release + "-" + mode),
		Generation: r.generation,
		Checks:     names(s.checks(r, where, mode)),
		Bundle:     bundle,
	}
}

// rows are those of the suite whose clients the backend serves.
func (s *site) rows() []row {
	return slices.DeleteFunc(slices.Clone(suite), func(r row) bool { return !s.backend.serves(r) })
}

// checks are those that the backend and the client of a row can pass at all,
// in node or in a browser, in a mode.
func (s *site) checks(r row, where, mode string) []check {
	var out []check
	for _, c := range r.checks {
		switch {
		case len(c.modes) > 0 && !slices.Contains(c.modes, mode):
		case r.lacks(where, mode, c.name):
		case s.backend.genuine() && slices.Contains(beyondGenuine[r.era], c.name):
		default:
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

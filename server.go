package socketio

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/heirloom-io/socketio/rooms"
	"github.com/heirloom-io/socketio/versions"
)

// Server serves clients of every generation. Its methods that a [Namespace] has
// too act on the namespace "/".
type Server struct {
	config Config
	front  frontDoor
	engine Engine
	root   *Namespace
	// journals bounds what is kept for clients that may come back.
	journals *rooms.JournalPool

	mu sync.RWMutex
	// namespaces holds those that are open; opening holds, for each that is on
	// its way, what is closed when the attempt has ended.
	namespaces map[string]*Namespace
	opening    map[string]chan struct{}
	clients    map[*client]struct{}
	// parents are asked in order for namespaces there are none of, and children
	// counts what they have made. Both slices are copied when appended to.
	parents     []*ParentNamespace
	children    int
	onNamespace []func(*Namespace)
	closing     bool
	// sealed is set when the adapters have been closed.
	sealed bool
	// idle is made by the first Close, and closed when no client is left.
	idle chan struct{}
}

// frontDoor is what takes the requests: it tells the generations apart and
// hands their clients to the server's host.
type frontDoor interface {
	// serve returns a handler that takes the requests of Socket.IO clients and
	// leaves all others to next, which may be nil.
	serve(next http.Handler) http.Handler
	// Shutdown ends every session, takes no new ones, and waits for its
	// goroutines until the context ends.
	Shutdown(ctx context.Context) error
	// Clients returns the number of open sessions.
	Clients() int
	// Rehandshakes and Requests are the counters of Stats.
	Rehandshakes() uint64
	Requests() []Tally
}

// NewServer returns a server that is ready to be attached to an HTTP server.
// The error is a *ConfigError, or that of the part that could not use the
// configuration.
func NewServer(config Config) (*Server, error) {
	config, err := config.settled()
	if err != nil {
		return nil, err
	}
	s := &Server{
		config:     config,
		namespaces: make(map[string]*Namespace),
		opening:    make(map[string]chan struct{}),
		clients:    make(map[*client]struct{}),
		journals:   rooms.NewJournalPool(config.Recovery.MaxTotalBytes, config.Recovery.MaxTotalSessions),
	}
	s.engine.server = s
	s.root = s.Of("/")
	if s.front, err = s.openFrontDoor(); err != nil {
		return nil, err
	}
	return s, nil
}

// Path returns the path under which clients connect, without a trailing slash.
func (s *Server) Path() string { return s.config.Path }

// Clients returns the number of open sessions. A client counts once however many
// namespaces it is in, and also if it is in none: before one has accepted it, and
// of 0.1 to 0.9 from its handshake on, when nobody knows yet whether it will come,
// see Config.MaxUnclaimedSessions. [Namespace.Sockets] has those that are in.
func (s *Server) Clients() int { return s.front.Clients() }

// Use is [Namespace.Use] of "/".
func (s *Server) Use(fn func(*Socket) error) { s.root.Use(fn) }

// OnConnection is [Namespace.OnConnection] of "/".
func (s *Server) OnConnection(fn func(*Socket)) { s.root.OnConnection(fn) }

// OnConnect is [Namespace.OnConnect] of "/".
func (s *Server) OnConnect(fn func(*Socket)) { s.root.OnConnect(fn) }

// To is [Namespace.To] of "/".
func (s *Server) To(rooms ...string) Operator { return s.root.To(rooms...) }

// In is [Namespace.In] of "/".
func (s *Server) In(rooms ...string) Operator { return s.root.In(rooms...) }

// Except is [Namespace.Except] of "/".
func (s *Server) Except(rooms ...string) Operator { return s.root.Except(rooms...) }

// Local is [Namespace.Local] of "/".
func (s *Server) Local() Operator { return s.root.Local() }

// Volatile is [Namespace.Volatile] of "/".
func (s *Server) Volatile() Operator { return s.root.Volatile() }

// Compress is [Namespace.Compress] of "/".
func (s *Server) Compress(compress bool) Operator { return s.root.Compress(compress) }

// Emit is [Namespace.Emit] of "/".
func (s *Server) Emit(event string, args ...any) error { return s.root.Emit(event, args...) }

// Send is [Namespace.Send] of "/".
func (s *Server) Send(args ...any) error { return s.root.Send(args...) }

// Sockets is [Namespace.Sockets] of "/".
func (s *Server) Sockets() []*Socket { return s.root.Sockets() }

// Socket is [Namespace.Socket] of "/".
func (s *Server) Socket(id string) (*Socket, bool) { return s.root.Socket(id) }

func (s *Server) log() *slog.Logger { return s.config.Logger }

// host is the server as the generations see it. It is a type of its own so that
// Accept is no part of the public API.
type host struct{ server *Server }

var _ versions.Host = host{}

func (s *Server) host() versions.Host { return host{s} }

// Accept takes a new client.
func (h host) Accept(conn versions.Conn) (versions.Receiver, error) {
	c := &client{server: h.server, conn: conn}
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	if h.server.closing {
		return nil, ErrServerClosed
	}
	h.server.clients[c] = struct{}{}
	return c, nil
}

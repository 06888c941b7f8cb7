package webtransport

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	wt "github.com/quic-go/webtransport-go"

	"github.com/heirloom-io/socketio/transports"
)

// Config says how a [Server] listens. Only TLS must be set.
type Config struct {
	// TLS holds the certificate. Browsers take one that nobody known has signed
	// only if the page names its hash, and then only an ECDSA one that is valid for
	// two weeks at most; see [Hash].
	TLS *tls.Config
	// QUIC replaces the parameters of connections; default [DefaultQUIC]. Datagrams
	// and partial delivery of streams are always enabled.
	QUIC *quic.Config
	// OpenTimeout is how long a client may take from its request to its first
	// packet, default 10 s.
	OpenTimeout time.Duration
	// Logger gets the faults of connections, at level debug. Default: nobody.
	Logger *slog.Logger
}

// DefaultQUIC returns the parameters of connections unless there are others. They
// bound what a client can have in flight to 1 MiB, and end a connection of which
// nothing is heard for a minute: more than the interval of pings.
func DefaultQUIC() *quic.Config {
	return &quic.Config{
		HandshakeIdleTimeout:           5 * time.Second,
		MaxIdleTimeout:                 time.Minute,
		InitialStreamReceiveWindow:     64 << 10,
		MaxStreamReceiveWindow:         512 << 10,
		InitialConnectionReceiveWindow: 128 << 10,
		MaxConnectionReceiveWindow:     1 << 20,
		// HTTP/3 has three streams that go one way.
		MaxIncomingStreams:    16,
		MaxIncomingUniStreams: 8,
	}
}

const defaultOpenTimeout = 10 * time.Second

// ErrNoTLS is returned for a configuration without a certificate.
var ErrNoTLS = errors.New("webtransport: a certificate is needed")

// Server accepts WebTransport sessions. All methods may be called concurrently.
type Server struct {
	config Config
	wt     *wt.Server

	mu sync.Mutex
	// Guarded by mu:
	handler   http.Handler
	listeners map[*listener]struct{}
	closed    bool

	wg sync.WaitGroup // connections and ends of sessions
}

type listener struct {
	transport *quic.Transport
	quic      *quic.EarlyListener
}

// New returns a server that does not listen yet.
func New(config Config) (*Server, error) {
	if config.TLS == nil || len(config.TLS.Certificates) == 0 && config.TLS.GetCertificate == nil && config.TLS.GetConfigForClient == nil {
		return nil, ErrNoTLS
	}
	if config.OpenTimeout == 0 {
		config.OpenTimeout = defaultOpenTimeout
	}
	if config.QUIC == nil {
		config.QUIC = DefaultQUIC()
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	config.TLS = http3.ConfigureTLSConfig(config.TLS)
	config.QUIC = config.QUIC.Clone()
	config.QUIC.EnableDatagrams = true
	config.QUIC.EnableStreamResetPartialDelivery = true
	s := &Server{config: config, listeners: map[*listener]struct{}{}}
	h3 := &http3.Server{
		TLSConfig:      config.TLS,
		Handler:        http.HandlerFunc(s.serveHTTP),
		MaxHeaderBytes: maxHeaderBytes,
		ConnContext: func(ctx context.Context, c *quic.Conn) context.Context {
			return context.WithValue(ctx, quicKey{}, c)
		},
		Logger: config.Logger,
	}
	s.wt = &wt.Server{
		H3: h3,
		// Origins are decided by the Socket.IO server, as for all transports.
		CheckOrigin: func(*http.Request) bool { return true },
	}
	wt.ConfigureHTTP3Server(h3)
	return s, nil
}

const maxHeaderBytes = 32 << 10

type quicKey struct{}

// Transport returns the transport to be given in the Carriers of the Socket.IO
// server's configuration.
func (s *Server) Transport() transports.Transport { return transport{} }

// ListenAndServe listens on a UDP address and serves sessions until Close; see
// [Server.Serve].
func (s *Server) ListenAndServe(address string, handler http.Handler) error {
	pc, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	defer func() { _ = pc.Close() }()
	return s.Serve(pc, handler)
}

// Serve serves the sessions that come in on pc, which stays the caller's to close.
// The handler is that of the Socket.IO server, from its Attach; it gets no other
// requests than those of sessions. Of several calls the last handler counts for
// all. Serve returns http.ErrServerClosed after Close.
func (s *Server) Serve(pc net.PacketConn, handler http.Handler) error {
	l := &listener{transport: &quic.Transport{Conn: pc}}
	var err error
	if l.quic, err = l.transport.ListenEarly(s.config.TLS, s.config.QUIC); err != nil {
		return errors.Join(err, l.transport.Close())
	}
	if !s.enter(l, handler) {
		return errors.Join(http.ErrServerClosed, l.close())
	}
	defer s.leave(l)
	for {
		c, err := l.quic.Accept(context.Background())
		if err != nil {
			if s.isClosed() {
				return http.ErrServerClosed
			}
			return err
		}
		s.wg.Go(func() { // Serve has been counted in
			if err := s.wt.ServeQUICConn(c); err != nil {
				s.config.Logger.Debug("connection ended", "error", err)
			}
		})
	}
}

func (l *listener) close() error {
	return errors.Join(l.quic.Close(), l.transport.Close())
}

func (s *Server) enter(l *listener, handler http.Handler) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.handler = handler
	s.listeners[l] = struct{}{}
	s.wg.Add(1)
	return true
}

func (s *Server) leave(l *listener) {
	_ = l.close()
	s.mu.Lock()
	delete(s.listeners, l)
	s.mu.Unlock()
	s.wg.Done()
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// end runs what ends a session on a goroutine that Close waits for.
func (s *Server) end(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed { // else all connections end
		s.wg.Go(f)
	}
}

// Close ends all connections at once and waits for them.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	var all []*listener
	for l := range s.listeners {
		all = append(all, l)
	}
	s.mu.Unlock()
	err := s.wt.Close()
	for _, l := range all {
		err = errors.Join(err, l.close())
	}
	s.wg.Wait()
	return err
}

// serveHTTP serves one request over HTTP/3.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	c, ok := r.Context().Value(quicKey{}).(*quic.Conn)
	if !ok || r.Method != http.MethodConnect || !strings.HasPrefix(r.Proto, "webtransport") {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	handler := s.handler
	s.mu.Unlock()
	s.serveSession(w, r, c, handler)
}

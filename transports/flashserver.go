package transports

import (
	"errors"
	"net"
	"sync"
	"time"
)

// PolicyServer answers Flash on a port of its own, where it asks before it
// tries the port of the HTTP server: 843 by itself, and what a page says
// otherwise, which is 10843 with clients since 0.8.3. The policy is sent to
// whoever connects, without waiting for a request, as genuine servers do.
//
// Each connection has a goroutine, for at most the timeout; Close waits for all
// of them. All methods may be called concurrently.
type PolicyServer struct {
	document []byte
	timeout  time.Duration
	max      int
	closing  chan struct{} // closed by Close

	wg sync.WaitGroup // the goroutines of connections

	mu sync.Mutex
	// Guarded by mu:
	closed    bool
	listeners map[net.Listener]struct{}
	conns     map[net.Conn]struct{}
}

// NewPolicyServer returns a server of the policy that p describes.
func NewPolicyServer(p PolicyParams) *PolicyServer {
	p = p.withDefaults()
	return &PolicyServer{
		document:  appendPolicy(nil, p.Origins),
		timeout:   p.Timeout,
		max:       p.MaxPending,
		closing:   make(chan struct{}),
		listeners: map[net.Listener]struct{}{},
		conns:     map[net.Conn]struct{}{},
	}
}

// Pauses after a failed Accept, doubled from the first to the last.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

// Serve answers the connections of l, and closes it in the end. It returns the
// error that ended l, net.ErrClosed or one that wraps it after Close; what the
// system calls temporary, a lack of file descriptors for example, is waited out.
func (s *PolicyServer) Serve(l net.Listener) error {
	defer func() { _ = l.Close() }()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return net.ErrClosed
	}
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.listeners, l)
		s.mu.Unlock()
	}()
	pause := firstPause
	for {
		conn, err := l.Accept()
		if err == nil {
			pause = firstPause
			if !s.serve(conn) {
				_ = conn.Close()
			}
			continue
		}
		var t interface{ Temporary() bool }
		if !errors.As(err, &t) || !t.Temporary() {
			return err
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, lastPause)
		case <-s.closing:
			return net.ErrClosed
		}
	}
}

// serve starts the answer to a connection, unless it is one too many.
func (s *PolicyServer) serve(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= s.max {
		return false
	}
	s.conns[conn] = struct{}{}
	s.wg.Go(func() {
		sendPolicy(conn, s.document, s.timeout)
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	})
	return true
}

// Close closes all listeners and connections and waits for their end.
func (s *PolicyServer) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	var all []interface{ Close() error }
	for l := range s.listeners {
		all = append(all, l)
	}
	for conn := range s.conns {
		all = append(all, conn)
	}
	s.mu.Unlock()
	var errs []error
	for _, c := range all {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	s.wg.Wait()
	return errors.Join(errs...)
}

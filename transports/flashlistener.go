package transports

import (
	"bytes"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// PolicyListener returns a listener that answers Flash on the port of the HTTP
// server itself, as servers since 0.6.0 do: a new connection of l that begins
// with a request for the policy gets it and is closed, and every other is
// returned by Accept with nothing missing. It is wrapped round the listener
// that accepts from the network, inside of TLS and of limits.
//
//	l, err := net.Listen("tcp", ":3000")
//	...
//	http.Serve(transports.PolicyListener(l, transports.PolicyParams{}), handler)
//
// Connections that say nothing hold up nobody. One that has not shown within
// the timeout what it is, is returned as well, for the HTTP server has rules of
// its own for silence; so is one that comes while MaxPending others are looked
// at, without being looked at. Of a *net.TCPConn, what Accept returns keeps all
// methods and the way of writing many buffers at once.
//
// The listener starts a goroutine with the first Accept and one for each
// connection it looks at. Close closes l and these connections, and waits for
// the goroutines. All methods may be called concurrently.
func PolicyListener(l net.Listener, p PolicyParams) net.Listener {
	p = p.withDefaults()
	return &policyListener{
		Listener: l,
		document: appendPolicy(nil, p.Origins),
		timeout:  p.Timeout,
		slots:    make(chan struct{}, p.MaxPending),
		accepted: make(chan accepted),
		closing:  make(chan struct{}),
		over:     make(chan struct{}),
		watched:  map[net.Conn]struct{}{},
	}
}

// accepted is what an Accept returns.
type accepted struct {
	conn net.Conn
	err  error
}

type policyListener struct {
	net.Listener
	document []byte
	timeout  time.Duration
	slots    chan struct{} // taken by connections being looked at
	accepted chan accepted
	closing  chan struct{} // closed by Close
	over     chan struct{} // closed when the inner listener has ended

	wg sync.WaitGroup // the accepting goroutine, and those that look

	mu sync.Mutex
	// Guarded by mu:
	started bool
	closed  bool
	watched map[net.Conn]struct{} // what Close must close
}

// Accept returns the next connection that is not for Flash's policy. Errors of
// the inner listener come out as they are; after the end it is net.ErrClosed.
func (l *policyListener) Accept() (net.Conn, error) {
	l.start()
	select {
	case a := <-l.accepted:
		return a.conn, a.err
	case <-l.closing:
	case <-l.over:
	}
	return nil, net.ErrClosed
}

// start begins accepting: not before somebody listens, so that a listener
// nobody used has nothing to end.
func (l *policyListener) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started || l.closed {
		return
	}
	l.started = true
	l.wg.Go(l.accept)
}

func (l *policyListener) accept() {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			close(l.over)
			return
		case err != nil:
			// Whoever calls Accept decides what comes of it, and the next attempt
			// waits until then.
			if !l.hand(accepted{err: err}) {
				return
			}
		default:
			if !l.take(conn) {
				return
			}
		}
	}
}

// take has a connection looked at. It reports whether there is a point in
// accepting another.
func (l *policyListener) take(conn net.Conn) bool {
	select {
	case l.slots <- struct{}{}:
	default:
		return l.hand(accepted{conn: conn})
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		_ = conn.Close()
		return false
	}
	l.watched[conn] = struct{}{}
	l.wg.Go(func() { l.look(conn) })
	l.mu.Unlock()
	return true
}

// hand passes something on to a caller of Accept, and reports whether it got
// there. A connection that did not is closed.
func (l *policyListener) hand(a accepted) bool {
	select {
	case l.accepted <- a:
		return true
	case <-l.closing:
	case <-l.over:
	}
	if a.conn != nil {
		_ = a.conn.Close()
	}
	return false
}

// look finds out what a new connection wants.
func (l *policyListener) look(conn net.Conn) {
	defer func() { <-l.slots }()
	begin, asks, err := l.peek(conn)
	if err == nil && asks {
		sendPolicy(conn, l.document, l.timeout)
	}
	l.mu.Lock()
	delete(l.watched, conn)
	l.mu.Unlock()
	switch {
	case err != nil:
		_ = conn.Close()
	case !asks:
		l.hand(accepted{conn: withBegin(conn, begin)})
	}
}

// peek reads until it is clear whether a connection asks for the policy. An
// error means that there is nobody left to serve; a client that has said
// something and then no more may still be waiting for an answer.
func (l *policyListener) peek(conn net.Conn) (begin []byte, asks bool, err error) {
	if err := conn.SetReadDeadline(time.Now().Add(l.timeout)); err != nil {
		return nil, false, err
	}
	buf := make([]byte, len(policyRequest))
	n := 0
	for err == nil && n < len(buf) && bytes.HasPrefix(policyRequest, buf[:n]) {
		var m int
		m, err = conn.Read(buf[n:])
		n += m
	}
	if bytes.Equal(buf[:n], policyRequest) {
		return nil, true, nil
	}
	if err != nil && n == 0 && !errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, false, err
	}
	return buf[:n], false, conn.SetReadDeadline(time.Time{})
}

// Close ends the listener and what it still looks at. Connections that Accept
// has returned stay open.
func (l *policyListener) Close() error {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	conns := make([]net.Conn, 0, len(l.watched))
	for conn := range l.watched {
		conns = append(conns, conn)
	}
	l.mu.Unlock()
	if first {
		close(l.closing)
	}
	err := l.Listener.Close()
	for _, conn := range conns {
		_ = conn.Close()
	}
	l.wg.Wait()
	return err
}

package transports

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// withBegin returns a connection that yields begin before what is still to come
// from conn.
func withBegin(conn net.Conn, begin []byte) net.Conn {
	if len(begin) == 0 {
		return conn
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		c := &begunTCP{TCPConn: tcp}
		c.begin.set(begin)
		return c
	}
	c := &begunConn{Conn: conn}
	c.begin.set(begin)
	return c
}

// begunConn is a connection of which the first bytes have been read already.
type begunConn struct {
	net.Conn
	begin beginning
}

func (c *begunConn) Read(p []byte) (int, error) {
	if n := c.begin.take(p); n > 0 {
		return n, nil
	}
	return c.Conn.Read(p)
}

// begunTCP is a begunConn that still has everything else of a TCP connection:
// embedding it also brings along what package net looks for when it writes many
// buffers or a file at once.
type begunTCP struct {
	*net.TCPConn
	begin beginning
}

func (c *begunTCP) Read(p []byte) (int, error) {
	if n := c.begin.take(p); n > 0 {
		return n, nil
	}
	return c.TCPConn.Read(p)
}

// WriteTo implements io.WriterTo: the one of the TCP connection would leave out
// the beginning.
func (c *begunTCP) WriteTo(w io.Writer) (int64, error) {
	buf := make([]byte, len(policyRequest))
	var sent int64
	for n := c.begin.take(buf); n > 0; n = c.begin.take(buf) {
		m, err := w.Write(buf[:n])
		sent += int64(m)
		if err != nil {
			return sent, err
		}
	}
	n, err := c.TCPConn.WriteTo(w)
	return sent + n, err
}

// beginning holds the bytes until they are taken. Like a connection, it may be
// read concurrently.
type beginning struct {
	left atomic.Bool
	mu   sync.Mutex
	// Guarded by mu:
	data []byte
}

func (b *beginning) set(data []byte) {
	b.data = data
	b.left.Store(true)
}

func (b *beginning) take(p []byte) int {
	if !b.left.Load() {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n := copy(p, b.data)
	if b.data = b.data[n:]; len(b.data) == 0 {
		b.data = nil
		b.left.Store(false)
	}
	return n
}

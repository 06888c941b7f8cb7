package transports

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/heirloom-io/socketio/packet"
)

// ErrBinary is returned by Conn.Write of a connection that carries text only,
// for a batch with a binary frame in it. Nothing of the batch has been written
// then, and the connection is as good as before. Whoever encodes for a
// connection asks [TextOnly] first, so that this never happens.
var ErrBinary = errors.New("transports: connection carries text messages only")

// TextOnly reports whether a connection carries text messages only, as those of
// the hixie drafts do. A Conn says so by a method TextOnly() bool; one that
// wraps another must pass the method on.
func TextOnly(c Conn) bool {
	t, ok := c.(interface{ TextOnly() bool })
	return ok && t.TextOnly()
}

// hixieConn is a connection of a hixie draft after its handshake.
type hixieConn struct {
	in      hixieReader
	wire    *wireConn
	dialect *hixieDialect
	budget  *Budget
	said    sync.Once // goodbye
	ended   sync.Once
}

var _ Conn = (*hixieConn)(nil)

// newHixieConn takes over a connection from net/http, together with what its
// reader holds already, but not the reader itself: for most of its life a
// connection waits, and needs no such buffer.
func newHixieConn(conn net.Conn, r *bufio.Reader, d *hixieDialect, p DuplexParams) *hixieConn {
	early, _ := r.Peek(r.Buffered())
	from := &earlyReader{Conn: conn, early: bytes.Clone(early)}
	return &hixieConn{
		in:      hixieReader{r: bufio.NewReaderSize(from, readBufferSize), max: p.MaxMessage},
		wire:    &wireConn{Conn: conn, timeout: p.WriteTimeout},
		dialect: d,
		budget:  p.Budget,
	}
}

// earlyReader reads first what came before the connection was taken over.
type earlyReader struct {
	net.Conn
	early []byte
}

func (e *earlyReader) Read(p []byte) (int, error) {
	if len(e.early) == 0 {
		return e.Conn.Read(p)
	}
	n := copy(p, e.early)
	if e.early = e.early[n:]; len(e.early) == 0 {
		e.early = nil // not kept for the connection's life
	}
	return n, nil
}

// TextOnly returns true.
func (c *hixieConn) TextOnly() bool { return true }

func (c *hixieConn) Read(f func(data []byte, binary bool) error) error {
	if err := c.in.next(); err != nil {
		if errors.Is(err, ErrPeerClosed) && c.dialect.closes {
			c.Goodbye(CloseNone)
		}
		return readError(err)
	}
	buf := messageBuffers.Get().(*[]byte)
	data, held, err := readMessage(&c.in, (*buf)[:0], c.in.max, c.budget)
	switch {
	case err != nil:
		err = readError(err)
	case !utf8.Valid(data):
		err = ErrNotText
	default:
		err = f(data, false)
	}
	c.budget.Release(held)
	if cap(data) <= keepBuffer {
		*buf = data[:0]
		messageBuffers.Put(buf)
	}
	return err
}

// hixieOverhead is what a frame adds to its text.
const hixieOverhead = 2

var (
	hixieStart = []byte{hixieText}
	hixieStop  = []byte{hixieEnd}
	hixieClose = []byte{hixieEnd, 0}
)

func (c *hixieConn) Write(frames []*packet.Frame) error {
	total := 0
	for _, f := range frames {
		if f.Binary {
			return ErrBinary
		}
		total += len(f.Data) + hixieOverhead
	}
	if total <= smallBatch {
		p := batchBuffers.Get().(*[]byte)
		b := (*p)[:0]
		for _, f := range frames {
			b = appendHixieFrame(b, f.Data)
		}
		err := c.wire.writeAll(b)
		*p = b[:0]
		batchBuffers.Put(p)
		return err
	}
	bufs := make(net.Buffers, 0, 3*len(frames))
	for _, f := range frames {
		bufs = append(bufs, hixieStart, hixieSafe(f.Data), hixieStop)
	}
	return c.wire.writeBuffers(bufs)
}

// appendHixieFrame appends the frame of a text.
func appendHixieFrame(dst, text []byte) []byte {
	dst = append(dst, hixieText)
	dst = append(dst, hixieSafe(text)...)
	return append(dst, hixieEnd)
}

// hixieSafe returns text as it may stand in a frame. Text that is no UTF-8 can
// hold the byte that ends a frame, and with it whatever its author wants the
// client to take for further frames.
func hixieSafe(text []byte) []byte {
	if bytes.IndexByte(text, hixieEnd) < 0 {
		return text
	}
	return bytes.ToValidUTF8(text, []byte("\ufffd"))
}

// Goodbye sends the closing frame of hixie-76. Hixie-75 has none: there the end
// of what we write says it. Neither can tell why.
func (c *hixieConn) Goodbye(CloseCode) {
	c.said.Do(func() {
		if c.dialect.closes {
			c.wire.writeLast(hixieClose)
		} else {
			c.wire.closeWrite()
		}
		_ = c.wire.Conn.SetReadDeadline(time.Now().Add(goodbyeTimeout))
	})
}

func (c *hixieConn) Terminate() {
	c.ended.Do(func() { _ = c.wire.Conn.Close() })
}

// writeLast writes b and nothing after it: what comes later fails like a write to
// a closed connection.
func (c *wireConn) writeLast(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.writeLocked(b); err == nil {
		c.broken = net.ErrClosed
	}
}

// closeWrite ends what is written to the network, after the batch that is under
// way, where the network can do so.
func (c *wireConn) closeWrite() {
	c.mu.Lock()
	defer c.mu.Unlock()
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || c.broken != nil {
		return
	}
	c.broken = net.ErrClosed
	_ = half.CloseWrite()
}

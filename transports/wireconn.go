package transports

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// wireConn is the network connection under a websocket. Whole frames are
// written to it from two sides: batches by the writer, and control frames by the
// websocket library when it answers a fault of the peer. One lock orders them,
// and each write gets a deadline of its own, so that the library's short
// deadlines never cut a batch that is under way.
type wireConn struct {
	net.Conn
	timeout time.Duration

	pong atomic.Pointer[[]byte] // the frame that answers the latest ping

	// Used by the goroutine that opens the connection only: whether the answer to
	// the opening request is still to come, and whether it agreed to compress,
	// which the library does not tell otherwise.
	opening, deflated bool

	mu sync.Mutex
	// Guarded by mu:
	broken error     // the first write error, which is final
	until  time.Time // the write deadline that is set
}

// Write sends the answer to the opening request, and then whole frames, on
// behalf of the websocket library.
func (c *wireConn) Write(b []byte) (int, error) {
	if c.opening {
		c.opening = false
		c.deflated = bytes.Contains(b, []byte("permessage-deflate"))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writeLocked(b)
}

func (c *wireConn) writeLocked(b []byte) (int, error) {
	if c.broken != nil {
		return 0, c.broken
	}
	n := 0
	err := c.extendLocked()
	if err == nil {
		n, err = c.Conn.Write(b)
	}
	c.broken = err
	return n, err
}

// extendLocked gives the write that follows its deadline. Setting one costs more
// than the rest of a small write outside the kernel, so a deadline that has most
// of its time left stays.
func (c *wireConn) extendLocked() error {
	now := time.Now()
	if c.until.Sub(now) > c.timeout-c.timeout/8 {
		return nil
	}
	c.until = now.Add(c.timeout)
	return c.Conn.SetWriteDeadline(c.until)
}

// writeAll sends a batch of whole frames.
func (c *wireConn) writeAll(b []byte) error {
	c.mu.Lock()
	_, err := c.writeLocked(b)
	c.mu.Unlock()
	c.flushPong()
	return err
}

// writeBuffers sends a batch of whole frames from where they lie. It is apart
// from writeAll because its argument is always allocated.
func (c *wireConn) writeBuffers(bufs net.Buffers) error {
	c.mu.Lock()
	err := c.broken
	if err == nil {
		err = c.extendLocked()
	}
	if err == nil {
		if joint, ok := c.Conn.(buffersWriter); ok {
			_, err = joint.writeBuffers(bufs)
		} else {
			_, err = bufs.WriteTo(c.Conn)
		}
	}
	c.broken = err
	c.mu.Unlock()
	c.flushPong()
	return err
}

// buffersWriter is a connection that flushes what it writes, and so had better
// get all of a batch at once.
type buffersWriter interface {
	writeBuffers(net.Buffers) (int64, error)
}

// answerPing sends a pong, or leaves it to the writer that is at work: a reader
// must not wait for a peer that does not read. Of several pings only the last
// is answered then, as RFC 6455 section 5.5.3 allows.
func (c *wireConn) answerPing(data string) {
	pong := append(appendFrameHeader(nil, bitFin|opPong, len(data)), data...)
	c.pong.Store(&pong)
	c.flushPong()
}

func (c *wireConn) flushPong() {
	for c.pong.Load() != nil && c.mu.TryLock() {
		if pong := c.pong.Swap(nil); pong != nil {
			_, _ = c.writeLocked(*pong)
		}
		c.mu.Unlock()
	}
}

// SetWriteDeadline does nothing: deadlines are set write by write.
func (c *wireConn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline sets the deadline for reading only, for the same reason.
func (c *wireConn) SetDeadline(t time.Time) error { return c.Conn.SetReadDeadline(t) }

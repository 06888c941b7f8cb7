package webtransport

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	wt "github.com/quic-go/webtransport-go"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

// conn is the stream of a session as a connection of messages.
type conn struct {
	session *wt.Session
	stream  *wt.Stream
	quic    *quic.Conn
	r       *bufio.Reader
	p       transports.DuplexParams
	closing func(end func()) // has the end of a session waited for

	ended sync.Once

	mu     sync.Mutex
	linger *time.Timer // under mu: of a goodbye
}

var _ transports.Conn = (*conn)(nil)

const (
	readBuffer = 512
	// smallBatch is up to where frames are copied together into one write.
	smallBatch = 16 << 10
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// Read implements transports.Conn. An empty packet is passed on: what is wrong
// with it is not the carrier's business.
func (c *conn) Read(f func(data []byte, binary bool) error) error {
	buf := buffers.Get().(*[]byte)
	data, binary, held, err := readPacket(c.r, (*buf)[:0], c.p.MaxMessage, c.p.Budget)
	if err == nil {
		err = f(data, binary)
	} else {
		err = c.readError(err)
	}
	c.p.Budget.Release(held)
	if cap(data) <= keepBuffer {
		*buf = data[:0]
		buffers.Put(buf)
	}
	return err
}

// lastWord is how long the end of a session may come after that of its stream.
const lastWord = time.Second

// readError tells an end in order from a fault. A client that closes its session
// has the stream reset, and that may be known first.
func (c *conn) readError(err error) error {
	if errors.Is(err, io.EOF) || closedByPeer(err) {
		return transports.ErrPeerClosed
	}
	var timeout net.Error
	var own *wt.StreamError
	switch {
	case errors.Is(err, transports.ErrTooLarge), errors.Is(err, transports.ErrNotText), errors.Is(err, transports.ErrBusy),
		errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &timeout), errors.As(err, &own) && !own.Remote:
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastWord)
	defer cancel()
	select {
	case <-c.session.Context().Done():
		// Not to get a stream, but the reason.
		_, reason := c.session.AcceptStream(ctx)
		if closedByPeer(reason) || closedByPeer(context.Cause(c.quic.Context())) {
			return transports.ErrPeerClosed
		}
	case <-ctx.Done():
	}
	return err
}

// closedByPeer reports whether the client has closed its session, or the whole
// connection, without complaint.
func closedByPeer(err error) bool {
	var session *wt.SessionError
	if errors.As(err, &session) {
		return session.Remote
	}
	var connection *quic.ApplicationError
	return errors.As(err, &connection) && connection.Remote &&
		(connection.ErrorCode == 0 || connection.ErrorCode == quic.ApplicationErrorCode(http3.ErrCodeNoError))
}

// Write implements transports.Conn.
func (c *conn) Write(frames []*packet.Frame) error {
	// quic-go ends a write at its deadline; one that passes between writes does
	// nothing.
	if err := c.stream.SetWriteDeadline(time.Now().Add(c.p.WriteTimeout)); err != nil {
		return err
	}
	buf := buffers.Get().(*[]byte)
	b := (*buf)[:0]
	defer func() {
		if cap(b) <= keepBuffer {
			*buf = b[:0]
			buffers.Put(buf)
		}
	}()
	for _, f := range frames {
		if len(b)+len(f.Data)+maxHeader <= smallBatch {
			b = appendFrame(b, f)
			continue
		}
		b = appendHeader(b, f.Binary, len(f.Data))
		if _, err := c.stream.Write(b); err != nil {
			return err
		}
		b = b[:0]
		if _, err := c.stream.Write(f.Data); err != nil {
			return err
		}
	}
	if len(b) == 0 {
		return nil
	}
	_, err := c.stream.Write(b)
	return err
}

// A session that is closed takes its streams with it, whatever of them is still
// on its way, and nothing tells when that has arrived. So the close waits after the
// end of the stream: for the client to close first, which genuine ones do not, or
// for this long and some round trips more.
const (
	linger     = time.Second
	maxLinger  = 5 * time.Second
	roundTrips = 4
)

// Goodbye implements transports.Conn. WebTransport has codes of its own, of which
// genuine servers send none but zero.
func (c *conn) Goodbye(transports.CloseCode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.linger != nil {
		return
	}
	_ = c.stream.Close() // does not wait for the peer
	wait := linger + roundTrips*c.quic.ConnectionStats().SmoothedRTT
	c.linger = time.AfterFunc(min(wait, maxLinger), c.Terminate)
}

// Terminate implements transports.Conn.
func (c *conn) Terminate() {
	c.ended.Do(func() {
		c.mu.Lock()
		if c.linger == nil { // nothing more is to be delivered
			c.stream.CancelWrite(0)
		} else {
			c.linger.Stop()
		}
		c.mu.Unlock()
		c.stream.CancelRead(0) // wakes Read
		// The word to the peer may have to wait for it.
		c.closing(func() { _ = c.session.CloseWithError(0, "") })
	})
}

package transports

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"time"
)

// http2Conn is one stream of an HTTP/2 connection as a net.Conn: it reads the
// body of the request and writes that of the response. What is written first
// must be the head of an HTTP/1.1 response; one with status 101 opens the stream
// with status 200, as RFC 8441 has it, and any other refuses.
//
// In net/http a deadline of a stream that passes ends the stream, whether
// anything is being written or not, so a write deadline is in force only while a
// write is under way, and a read deadline that has passed is final.
type http2Conn struct {
	w             http.ResponseWriter
	ctl           *http.ResponseController
	body          io.ReadCloser
	local, remote net.Addr
	done          chan struct{}  // closed with closed
	inUse         sync.WaitGroup // reads and writes under way; added to under mu

	wmu  sync.Mutex // held while writing
	head []byte     // under wmu: what has come of the response's head
	open bool       // under wmu: the head is complete and went out
	fail error      // under wmu: why nothing can be written any more

	mu sync.Mutex
	// Guarded by mu:
	taken   bool
	closed  bool
	writing bool
	writeBy time.Time
}

// maxHead bounds the head of a response that is taken apart.
const maxHead = 64 << 10

var errHead = errors.New("transports: not the head of a response that opens a websocket")

func newHTTP2Conn(w http.ResponseWriter, r *http.Request) *http2Conn {
	c := &http2Conn{
		w: w, ctl: http.NewResponseController(w), body: r.Body,
		local: &net.TCPAddr{}, remote: &net.TCPAddr{}, done: make(chan struct{}),
	}
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		c.local = a
	}
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		c.remote = net.TCPAddrFromAddrPort(a)
	}
	return c
}

// take is the taking over. Deadlines of the request are not those of the
// connection.
func (c *http2Conn) take() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken {
		return http.ErrHijacked
	}
	if err := c.ctl.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	if err := c.ctl.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	c.taken = true
	return nil
}

// serve keeps the handler until a connection that was taken over is closed by
// whoever took it, as one over HTTP/1.1 has to be too. If nothing was answered it
// resets the stream, since a mere return would open the websocket.
func (c *http2Conn) serve() {
	c.mu.Lock()
	taken := c.taken
	c.mu.Unlock()
	if !taken {
		return
	}
	<-c.done
	c.leave()
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if !c.open {
		_ = c.ctl.SetWriteDeadline(time.Unix(1, 0))
	}
}

// leave waits for reads and writes under way, after which the writer is not
// touched any more.
func (c *http2Conn) leave() {
	_ = c.Close()
	c.inUse.Wait()
}

// begin counts a read or a write in.
func (c *http2Conn) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.inUse.Add(1)
	return true
}

// Read implements net.Conn.
func (c *http2Conn) Read(b []byte) (int, error) {
	if !c.begin() {
		return 0, net.ErrClosed
	}
	defer c.inUse.Done()
	n, err := c.body.Read(b)
	var reset streamError
	if errors.As(err, &reset) && (reset.Code == resetCancel || reset.Code == resetNoError) {
		err = io.EOF // so says a client that goes, as by closing its connection over HTTP/1.1
	}
	return n, err
}

// streamError is what net/http makes of the reset of a stream, for errors.As: its
// own type has no name outside, but can be had in any of these fields.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e streamError) Error() string { return "transports: stream reset" }

// Codes of resets, RFC 9113 section 7.
const (
	resetNoError = 0
	resetCancel  = 8
)

// Write implements net.Conn.
func (c *http2Conn) Write(b []byte) (int, error) {
	n, err := c.writeBuffers(net.Buffers{b})
	return int(n), err
}

// writeBuffers writes all of bufs and flushes once.
func (c *http2Conn) writeBuffers(bufs net.Buffers) (int64, error) {
	if !c.begin() {
		return 0, net.ErrClosed
	}
	defer c.inUse.Done()
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.fail != nil {
		return 0, c.fail
	}
	by, err := c.arm()
	var n int64
	if err == nil {
		n, err = c.send(bufs)
		c.disarm(by, err)
	}
	if err != nil && !by.IsZero() && !time.Now().Before(by) {
		err = os.ErrDeadlineExceeded // net/http only says that the stream has ended
	}
	c.fail = err
	return n, err
}

// arm puts the write deadline in force.
func (c *http2Conn) arm() (by time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch by = c.writeBy; {
	case c.closed:
		return by, net.ErrClosed
	case by.IsZero():
	case !time.Now().Before(by):
		return by, os.ErrDeadlineExceeded
	default:
		err = c.ctl.SetWriteDeadline(by)
	}
	c.writing = err == nil
	return by, err
}

func (c *http2Conn) disarm(by time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
	if err == nil && (!by.IsZero() || !c.writeBy.IsZero()) {
		_ = c.ctl.SetWriteDeadline(time.Time{})
	}
}

func (c *http2Conn) send(bufs net.Buffers) (n int64, err error) {
	var out io.Writer = c.w // of frames: what is written is no page
	for _, b := range bufs {
		size := len(b)
		if !c.open {
			if b, err = c.answer(b); err != nil {
				return n, err
			}
		}
		if len(b) > 0 {
			if _, err = out.Write(b); err != nil {
				return n, err
			}
		}
		n += int64(size)
	}
	if !c.open {
		return n, nil
	}
	return n, c.ctl.Flush()
}

// answer takes the head of the response out of what is written, and returns what
// follows it.
func (c *http2Conn) answer(b []byte) (rest []byte, err error) {
	c.head = append(c.head, b...)
	end := bytes.Index(c.head, []byte(lineEnd+lineEnd))
	if end < 0 {
		if len(c.head) > maxHead {
			return nil, errHead
		}
		return nil, nil
	}
	end += 2 * len(lineEnd)
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(c.head[:end])), nil)
	if err != nil {
		return nil, errHead
	}
	_ = resp.Body.Close()
	h := c.w.Header()
	for key, values := range resp.Header {
		if !bodyHeaders[key] && key != "Sec-Websocket-Accept" {
			h[key] = values
		}
	}
	rest, c.head = c.head[end:], nil
	if resp.StatusCode != http.StatusSwitchingProtocols {
		c.w.WriteHeader(resp.StatusCode)
		c.open = true // answered; there is no body for it
		return nil, errHead
	}
	c.w.WriteHeader(http.StatusOK)
	c.open = true
	return rest, nil
}

// Close implements net.Conn. A write under way fails, and so does a read.
func (c *http2Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	close(c.done)
	if c.taken {
		past := time.Unix(1, 0)
		if c.writing {
			_ = c.ctl.SetWriteDeadline(past)
		}
		_ = c.ctl.SetReadDeadline(past)
	}
	return nil
}

// LocalAddr implements net.Conn.
func (c *http2Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *http2Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *http2Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn; one that has passed stays.
func (c *http2Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	return c.ctl.SetReadDeadline(t)
}

// SetWriteDeadline implements net.Conn; one that has passed within a write stays.
func (c *http2Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.writeBy = t
	if c.writing {
		return c.ctl.SetWriteDeadline(t)
	}
	return nil
}

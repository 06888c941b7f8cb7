package transports

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio/packet"
)

// WebSocket is the duplex carrier of RFC 6455, and of the drafts before it as
// far as DuplexParams.Drafts admits them. The handshake, reading and
// inflating are gorilla/websocket's; frames are written here, because queued
// messages must leave in one write and broadcasts share their finished frames.
type WebSocket struct{}

// Name returns "websocket".
func (WebSocket) Name() string { return "websocket" }

// Mechanism returns MechanismDuplex.
func (WebSocket) Mechanism() Mechanism { return MechanismDuplex }

const (
	// Sizes found by measuring idle connections: a small read buffer of its own
	// lets net/http's larger one go, and a pooled write buffer is held only
	// while the library writes. Messages larger than it are read into a buffer
	// of their own, without passing through it.
	readBufferSize  = 256
	writeBufferSize = 4096

	// smallBatch is up to where frames are copied together into one buffer;
	// larger batches are written from where the frames lie.
	smallBatch = 16 << 10

	// goodbyeTimeout is how long the peer may take to answer a close frame.
	goodbyeTimeout = time.Second

	// openTimeout bounds writing the answer to the opening request.
	openTimeout = 10 * time.Second
)

var writeBuffers sync.Pool

// Accept answers a websocket opening request. Any refusal has been answered
// when it returns an error.
func (WebSocket) Accept(w http.ResponseWriter, r *http.Request, p DuplexParams) (Conn, error) {
	switch draft := p.Drafts & draftOf(r); draft {
	case DraftHybi:
		r = asRFC6455(r)
	case DraftHixie75, DraftHixie76:
		return acceptHixie(w, r, p, draft)
	default: // RFC 6455, or something that the library refuses
	}
	u := websocket.Upgrader{
		HandshakeTimeout: openTimeout,
		ReadBufferSize:   readBufferSize,
		WriteBufferSize:  writeBufferSize,
		WriteBufferPool:  &writeBuffers,
		// Origins are decided once for all transports, before this.
		CheckOrigin:       func(*http.Request) bool { return true },
		EnableCompression: p.Deflate != nil,
	}
	c := &wsConn{max: p.MaxMessage, budget: p.Budget}
	c.wire.timeout, c.wire.opening = p.WriteTimeout, true
	h := &hijacker{ResponseWriter: w, wire: &c.wire}
	ws, err := u.Upgrade(h, r, openingHeader(w, p.Header))
	if err != nil {
		return nil, err
	}
	c.ws = ws
	if c.wire.deflated {
		c.deflate = deflaterFor(p.Deflate)
	}
	// No SetReadLimit: it counts bytes on the wire, which says nothing of a
	// compressed message. Read has the limit, and grows its buffer only with
	// what has arrived.
	ws.SetPingHandler(func(data string) error { c.wire.answerPing(data); return nil })
	ws.SetPongHandler(func(string) error { return nil })
	ws.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			code = int(CloseNone)
		}
		c.Goodbye(CloseCode(code))
		return nil
	})
	return c, nil
}

// openingHeader returns the headers for the answer to an opening request: those
// that were set for the answer before, by the application for example, and those
// of the parameters, which win.
func openingHeader(w http.ResponseWriter, own http.Header) http.Header {
	before := w.Header()
	if len(before) == 0 || len(before) == 1 && before[headerSniff] != nil {
		return own
	}
	h := before.Clone()
	h.Del(headerSniff) // an answer with no content
	maps.Copy(h, own)
	return h
}

const headerSniff = "X-Content-Type-Options"

// hijacker hands the library a connection of ours in place of the network's.
type hijacker struct {
	http.ResponseWriter
	wire *wireConn // made by whoever made this
}

// Hijack implements http.Hijacker, also for writers that only unwrap to one.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.wire.Conn = conn
	return h.wire, rw, nil
}

type wsConn struct {
	ws      *websocket.Conn
	wire    wireConn // in one piece: a broadcast touches all of it
	deflate *deflater
	budget  *Budget
	max     int
	said    sync.Once // goodbye
	ended   sync.Once
}

var messageBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// keepBuffer is the largest buffer that goes back to a pool.
const keepBuffer = 64 << 10

func (c *wsConn) Read(f func(data []byte, binary bool) error) error {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return readError(err)
	}
	buf := messageBuffers.Get().(*[]byte)
	data, held, err := readMessage(r, (*buf)[:0], c.max, c.budget)
	if err == nil && kind == websocket.TextMessage && !utf8.Valid(data) {
		err = ErrNotText
	}
	if err == nil {
		err = f(data, kind == websocket.BinaryMessage)
	} else {
		err = readError(err)
	}
	c.budget.Release(held)
	if cap(data) <= keepBuffer {
		*buf = data[:0]
		messageBuffers.Put(buf)
	}
	return err
}

// readMessage reads all of r into buf, up to max bytes. Growth beyond a pooled
// buffer is taken from the budget; held is what the caller gives back.
func readMessage(r io.Reader, buf []byte, max int, budget *Budget) (data []byte, held int, err error) {
	for {
		if len(buf) == cap(buf) {
			grow := cap(buf)
			if grow < 512 {
				grow = 512
			}
			if cap(buf)+grow > keepBuffer {
				if !budget.Acquire(grow) {
					return buf, held, ErrBusy
				}
				held += grow
			}
			next := make([]byte, len(buf), cap(buf)+grow)
			copy(next, buf)
			buf = next
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if len(buf) > max {
			return buf, held, ErrTooLarge
		}
		if errors.Is(err, io.EOF) {
			return buf, held, nil
		}
		if err != nil {
			return buf, held, err
		}
	}
}

func readError(err error) error {
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &closed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrPeerClosed
	}
	return err
}

var batchBuffers = sync.Pool{New: func() any { b := make([]byte, 0, smallBatch); return &b }}

func (c *wsConn) Write(frames []*packet.Frame) error {
	if len(frames) == 1 {
		return c.writeOne(frames[0])
	}
	total := 0
	for _, f := range frames {
		total += len(f.Data) + maxFrameHeader
	}
	if total <= smallBatch {
		p := batchBuffers.Get().(*[]byte)
		b := (*p)[:0]
		for _, f := range frames {
			b = c.appendFrame(b, f)
		}
		err := c.wire.writeAll(b)
		*p = b[:0]
		batchBuffers.Put(p)
		return err
	}
	bufs := make(net.Buffers, 0, 2*len(frames))
	for _, f := range frames {
		bufs = c.appendBuffers(bufs, f)
	}
	return c.wire.writeBuffers(bufs)
}

// writeOne is Write for the common case: the one message of a broadcast, whose
// bytes are at hand, or the one that nobody else gets.
func (c *wsConn) writeOne(f *packet.Frame) error {
	w := c.deflate.wire(f)
	if w == nil {
		w = f.Wire(wireFrame)
	}
	switch {
	case w != nil:
		return c.wire.writeAll(w)
	case len(f.Data)+maxFrameHeader > smallBatch:
		return c.wire.writeBuffers(c.appendBuffers(make(net.Buffers, 0, 2), f))
	}
	p := batchBuffers.Get().(*[]byte)
	b := append(appendFrameHeader((*p)[:0], firstByte(f), len(f.Data)), f.Data...)
	err := c.wire.writeAll(b)
	*p = b[:0]
	batchBuffers.Put(p)
	return err
}

func (c *wsConn) appendFrame(dst []byte, f *packet.Frame) []byte {
	if w := c.deflate.wire(f); w != nil {
		return append(dst, w...)
	}
	if w := f.Wire(wireFrame); w != nil {
		return append(dst, w...)
	}
	return append(appendFrameHeader(dst, firstByte(f), len(f.Data)), f.Data...)
}

func (c *wsConn) appendBuffers(dst net.Buffers, f *packet.Frame) net.Buffers {
	if w := c.deflate.wire(f); w != nil {
		return append(dst, w)
	}
	head := appendFrameHeader(make([]byte, 0, maxFrameHeader), firstByte(f), len(f.Data))
	return append(dst, head, f.Data)
}

func (c *wsConn) Goodbye(code CloseCode) {
	c.said.Do(func() {
		body := []byte(nil)
		if code != CloseNone {
			body = []byte{byte(code >> 8), byte(code)}
		}
		frame := append(appendFrameHeader(nil, bitFin|opClose, len(body)), body...)
		_ = c.wire.writeAll(frame)
		_ = c.wire.Conn.SetReadDeadline(time.Now().Add(goodbyeTimeout))
	})
}

func (c *wsConn) Terminate() {
	c.ended.Do(func() { _ = c.wire.Conn.Close() })
}

package transports

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// streamLine is what carries the body of a stream. One goroutine at a time
// writes, one watches; setWriteDeadline and close may be called from any.
type streamLine interface {
	// write sends a piece of the body, which lies in b behind chunkRoom bytes that
	// are the line's to use; last ends the body.
	write(b []byte, last bool) error
	// setWriteDeadline bounds the write under way, if any, and the next one.
	setWriteDeadline(time.Time)
	// watch returns when the peer has gone, or after goodbye or close.
	watch() error
	// goodbye ends a body whose last piece has been written.
	goodbye()
	// close ends at once.
	close()
}

// chunkRoom is what the header of a chunk takes at most: eight digits and a
// line end.
const chunkRoom = 10

const (
	lineEnd   = "\r\n"
	lastChunk = "0\r\n\r\n"
)

// finishChunk makes a chunk (RFC 9112, section 7.1) of b, whose content begins
// after chunkRoom. No content makes no chunk, since an empty one would end the
// body.
func finishChunk(b []byte, last bool) []byte {
	size := len(b) - chunkRoom
	start := chunkRoom
	if size > 0 {
		b = append(b, lineEnd...)
		start -= len(lineEnd)
		copy(b[start:], lineEnd)
		for n := size; n > 0; n >>= 4 {
			start--
			b[start] = "0123456789abcdef"[n&15]
		}
	}
	if last {
		b = append(b, lastChunk...)
	}
	return b[start:]
}

// hijackedLine is a connection taken over from net/http, which keeps several
// buffers and two goroutines for a response that it holds itself.
type hijackedLine struct {
	conn    net.Conn
	chunked bool
	stray   int      // bytes the peer has sent on a connection that is ours to use
	buf     [16]byte // what watch reads them into
}

// maxStray is how much the peer may send before it counts as misuse: a request
// or two that it pipelined, which are never answered.
const maxStray = 64 << 10

var errStray = errors.New("transports: peer sends on a stream")

// bodyHeaders say how a body is carried.
var bodyHeaders = map[string]bool{
	"Connection": true, "Content-Length": true, "Keep-Alive": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

// hijack takes over the connection of w. Nothing has been written when it
// returns an error.
func hijack(w http.ResponseWriter, r *http.Request, d *Dress) (*hijackedLine, error) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	l := &hijackedLine{conn: conn, chunked: r.ProtoAtLeast(1, 1) && !d.Unchunked}
	if rw != nil {
		l.stray = rw.Reader.Buffered()
	}
	return l, nil
}

// open writes the head of the response and the preamble.
func (l *hijackedLine) open(h http.Header, r *http.Request, d *Dress) error {
	head := bytes.NewBuffer(make([]byte, 0, 512))
	proto := "HTTP/1.1 "
	if !r.ProtoAtLeast(1, 1) {
		proto = "HTTP/1.0 "
	}
	head.WriteString(proto + strconv.Itoa(d.status()) + " " + http.StatusText(d.status()) + lineEnd)
	if _, ok := h["Date"]; !ok {
		h["Date"] = []string{time.Now().UTC().Format(http.TimeFormat)}
	}
	if err := h.WriteSubset(head, bodyHeaders); err != nil {
		return err
	}
	// The connection serves no further request, whatever the client hopes for.
	head.WriteString("Connection: close" + lineEnd)
	if l.chunked {
		head.WriteString("Transfer-Encoding: chunked" + lineEnd)
	}
	head.WriteString(lineEnd)
	body := append(make([]byte, chunkRoom, chunkRoom+len(d.Preamble)+len(lineEnd)), d.Preamble...)
	head.Write(l.frame(body, false))
	_, err := l.conn.Write(head.Bytes())
	return err
}

func (l *hijackedLine) frame(b []byte, last bool) []byte {
	if l.chunked {
		return finishChunk(b, last)
	}
	return b[chunkRoom:]
}

func (l *hijackedLine) write(b []byte, last bool) error {
	b = l.frame(b, last)
	if len(b) == 0 {
		return nil
	}
	_, err := l.conn.Write(b)
	return err
}

func (l *hijackedLine) setWriteDeadline(t time.Time) { _ = l.conn.SetWriteDeadline(t) }

func (l *hijackedLine) watch() error {
	for l.stray <= maxStray {
		n, err := l.conn.Read(l.buf[:])
		l.stray += n
		if errors.Is(err, io.EOF) {
			return ErrPeerClosed
		}
		if err != nil {
			return err
		}
	}
	return errStray
}

// goodbye closes our side and gives the peer a moment to close its own: closing
// both at once can make the network throw away what is still on its way.
func (l *hijackedLine) goodbye() {
	half, ok := l.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		l.close()
		return
	}
	_ = l.conn.SetReadDeadline(time.Now().Add(goodbyeTimeout))
}

func (l *hijackedLine) close() { _ = l.conn.Close() }

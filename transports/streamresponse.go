package transports

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// responseLine is a response that stays with net/http, where the connection
// cannot be taken over: over HTTP/2 it is shared with other requests.
type responseLine struct {
	w   http.ResponseWriter
	ctl *http.ResponseController
	ctx context.Context // the request's: ends when the client goes
	// shared tells that the connection carries other requests (HTTP/2). There a
	// deadline that passes ends the response, even if nothing is being written.
	shared bool

	mu sync.Mutex
	// Guarded by mu:
	ended bool
	over  bool          // the handler returns, w must not be touched any more
	end   chan struct{} // closed with ended
}

func newResponseLine(w http.ResponseWriter, r *http.Request) *responseLine {
	return &responseLine{w: w, ctl: http.NewResponseController(w), ctx: r.Context(), shared: r.ProtoMajor > 1, end: make(chan struct{})}
}

// open writes the head of the response and the preamble.
func (l *responseLine) open(h http.Header, r *http.Request, d *Dress) error {
	for key := range bodyHeaders {
		delete(h, key)
	}
	if !l.shared {
		h["Connection"] = []string{"close"}
		if d.Unchunked {
			h["Transfer-Encoding"] = []string{"identity"} // net/http's word for it
		}
	}
	l.w.WriteHeader(d.status())
	return l.write(append(make([]byte, chunkRoom, chunkRoom+len(d.Preamble)), d.Preamble...), false)
}

func (l *responseLine) write(b []byte, _ bool) error {
	_, err := l.w.Write(b[chunkRoom:])
	if err == nil {
		err = l.ctl.Flush()
	}
	if l.shared {
		l.setWriteDeadline(time.Time{})
	}
	return err
}

func (l *responseLine) setWriteDeadline(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended && !l.over {
		_ = l.ctl.SetWriteDeadline(t) // where it is not supported the server's own must do
	}
}

func (l *responseLine) watch() error {
	select {
	case <-l.end:
		return nil
	case <-l.ctx.Done():
		err := context.Cause(l.ctx)
		if errors.Is(err, context.Canceled) {
			return ErrPeerClosed
		}
		return err
	}
}

func (l *responseLine) goodbye() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		close(l.end)
	}
}

// close cuts the response off, unless it has ended in order before.
func (l *responseLine) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		close(l.end)
		_ = l.ctl.SetWriteDeadline(time.Unix(1, 0)) // wakes a write that waits for the client
	}
}

// leave is called before the handler returns.
func (l *responseLine) leave() {
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
}

package transports

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// UplinkParams bound the reading of one request body.
type UplinkParams struct {
	// Max is the largest body in bytes.
	Max int
	// Timeout bounds the time for the whole body.
	Timeout time.Duration
	// Budget is the server-wide bound on bytes being received; nil for none.
	Budget *Budget
}

// Body is a request body that has been read whole.
type Body struct {
	// Data is the content. Nobody else uses its memory.
	Data   []byte
	held   int
	budget *Budget
}

// Close gives back what the body holds of the budget.
func (b *Body) Close() {
	b.budget.Release(b.held)
	b.held, b.Data = 0, nil
}

// ReadBody reads the whole body of a request. The error is ErrTooLarge, ErrBusy
// or that of reading, a missed deadline included; the rest of the body has not
// been read then, so the connection cannot be used for another request.
func ReadBody(w http.ResponseWriter, r *http.Request, p UplinkParams) (*Body, error) {
	if r.ContentLength > int64(p.Max) {
		return nil, ErrTooLarge
	}
	ctl := http.NewResponseController(w)
	if err := ctl.SetReadDeadline(time.Now().Add(p.Timeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	size := 1024
	if r.ContentLength >= 0 && r.ContentLength < keepBuffer {
		size = int(r.ContentLength) + 1 // one more, so that the end is seen without growing
	}
	data, held, err := readMessage(r.Body, make([]byte, 0, size), p.Max, p.Budget)
	if err != nil {
		p.Budget.Release(held)
		return nil, err
	}
	if err := ctl.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		p.Budget.Release(held)
		return nil, err
	}
	return &Body{Data: fit(data), held: held, budget: p.Budget}, nil
}

// fit gives back memory that growing has left over, if it is much: what is in a
// body may be kept for long.
func fit(data []byte) []byte {
	if spare := cap(data) - len(data); spare > keepBuffer && spare > len(data)/4 {
		return append(make([]byte, 0, len(data)), data...)
	}
	return data
}

// Abort ends the connection of a request without an answer, as the genuine
// servers do when a body is too large. Over HTTP/2, where others share the
// connection, it resets the stream. Nothing can be answered after it.
func Abort(w http.ResponseWriter) {
	ctl := http.NewResponseController(w)
	if conn, _, err := ctl.Hijack(); err == nil {
		_ = conn.Close()
		return
	}
	if ctl.SetWriteDeadline(time.Unix(1, 0)) != nil { // a writer that can do neither
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}
}

// drainLimit is how much of an unread body is worth reading to keep a
// connection.
const drainLimit = 64 << 10

// Drain reads what is left of a small body, so that the connection can serve
// another request after a refusal.
func Drain(r *http.Request) {
	if r.Body != nil && r.ContentLength <= drainLimit {
		_, _ = io.CopyN(io.Discard, r.Body, drainLimit)
	}
}

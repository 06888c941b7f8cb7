package transports

import (
	"net/http"
	"time"

	"github.com/heirloom-io/socketio/packet"
)

// Dress is what a version puts around the payloads of a stream: script tags of
// an htmlfile, parts of a multipart response, lines of an event stream. It is
// never changed, and shared by all streams that look alike.
type Dress struct {
	// Status is the HTTP status of the response, default 200.
	Status int
	// Header holds the headers of the response, beside those that were set on the
	// http.ResponseWriter before. What says how the body is carried (Connection,
	// Content-Length, Transfer-Encoding) is the stream's own affair and dropped.
	Header http.Header
	// Unchunked ends the body with the connection instead of cutting it in
	// chunks, also for clients of HTTP/1.1. Servers of 0.x sent xhr-multipart so.
	Unchunked bool
	// Preamble opens the body: the padding that makes a browser begin to render,
	// or the first boundary.
	Preamble []byte
	// AppendPayload appends frames that leave together. What it appends is one
	// unit, of use to the client as a whole or not at all: when not all of it
	// could be written, all of the frames count as not sent. It may append
	// nothing. Nil joins the data of the frames. It is called by one goroutine at a
	// time for each stream, and must not keep frames.
	AppendPayload func(dst []byte, frames []*packet.Frame) []byte
	// Farewell closes the body when the stream ends in order.
	Farewell []byte
}

func (d *Dress) status() int {
	if d.Status == 0 {
		return http.StatusOK
	}
	return d.Status
}

func (d *Dress) append(dst []byte, frames []*packet.Frame) []byte {
	if len(frames) == 0 {
		return dst
	}
	if d.AppendPayload != nil {
		return d.AppendPayload(dst, frames)
	}
	for _, f := range frames {
		dst = append(dst, f.Data...)
	}
	return dst
}

// StreamParams is what a version asks of a stream.
type StreamParams struct {
	// Dress is what surrounds the payloads; not nil.
	Dress *Dress
	// WriteTimeout bounds every write.
	WriteTimeout time.Duration
	// MaxBytes is the size of the body, in bytes, from which on the stream ends,
	// since browsers keep all of a response in memory; 0 for no bound. What
	// reaches it is still sent.
	MaxBytes int64
	// MaxAge is how long the stream lasts, counted from Serve; 0 for no bound.
	MaxAge time.Duration
	// OnEnd is told once how a served stream has ended, when it has let go of the
	// outbox: nothing more is taken, and what was not sent is back. The error says
	// more where the network or the peer is to blame. It is called on a goroutine
	// of the stream, so it must not wait for it.
	OnEnd func(StreamEnd, error)
}

// StreamEnd is how a stream ended.
type StreamEnd uint8

// The ends of a stream. When several come together the later one in this list
// counts.
const (
	streamRuns StreamEnd = iota
	// StreamAged: it reached MaxAge. The body ended in order; what still waited
	// stays in the outbox.
	StreamAged
	// StreamFull: it reached MaxBytes, otherwise as StreamAged.
	StreamFull
	// StreamEnded: End was called and all that waited has been sent.
	StreamEnded
	// StreamGone: the connection failed, or the client closed it.
	StreamGone
	// StreamStalled: the client did not take a batch within WriteTimeout.
	StreamStalled
	// StreamReleased: Release was called; otherwise as StreamAged.
	StreamReleased
	// StreamTerminated: Terminate was called.
	StreamTerminated
)

// String returns the end's name in lower case.
func (e StreamEnd) String() string {
	switch e {
	case streamRuns:
		return "runs"
	case StreamAged:
		return "aged"
	case StreamFull:
		return "full"
	case StreamEnded:
		return "ended"
	case StreamStalled:
		return "stalled"
	case StreamGone:
		return "gone"
	case StreamReleased:
		return "released"
	case StreamTerminated:
		return "terminated"
	default:
		return "unknown"
	}
}

// orderly reports whether the body gets its farewell.
func (e StreamEnd) orderly() bool {
	switch e {
	case StreamAged, StreamFull, StreamEnded, StreamReleased:
		return true
	default:
		return false
	}
}

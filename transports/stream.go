package transports

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

// Stream drains an outbox into one response that does not end by itself; the
// uplink comes in POST requests of its own. Over HTTP/1 it takes the connection
// away from net/http, and while nothing is sent has one goroutine, which
// notices when the client goes. Its writer runs only while frames wait.
//
// To put another carrier in its place call Release and Wait first: then what it
// had taken and not sent is back in the outbox. All methods but Serve may be
// called concurrently.
type Stream struct {
	line streamLine
	out  *outbox.Outbox
	p    StreamParams
	// The writer's:
	sent   int64 // bytes of the body
	broken bool  // a write failed, and may have left a part of a payload behind

	mu sync.Mutex
	// Guarded by mu:
	serving   bool
	writing   bool // the writer runs
	concluded bool // nothing more is taken or begun
	hurry     bool // Release was called
	running   int  // goroutines: the writer and the watcher
	cause     StreamEnd
	err       error
	note      []byte
	bound     time.Time // of the latest write
	timer     *time.Timer
	idle      chan struct{} // closed when all is over; made when somebody waits
}

// OpenStream answers a request with the head of a stream and its preamble.
// Nothing is taken from the outbox before Serve. On an error the client has
// gone, and all is cleaned up.
func OpenStream(w http.ResponseWriter, r *http.Request, out *outbox.Outbox, p StreamParams) (*Stream, error) {
	h := w.Header()
	maps.Copy(h, p.Dress.Header)
	h["X-Content-Type-Options"] = nosniff
	s := &Stream{out: out, p: p, sent: int64(len(p.Dress.Preamble))}
	deadline := time.Now().Add(p.WriteTimeout)
	hijacked, err := hijack(w, r, p.Dress)
	switch {
	case err == nil:
		s.line = hijacked
		hijacked.setWriteDeadline(deadline)
		err = hijacked.open(h, r, p.Dress)
	case errors.Is(err, http.ErrHijacked):
	default:
		held := newResponseLine(w, r)
		s.line = held
		held.setWriteDeadline(deadline)
		err = held.open(h, r, p.Dress)
	}
	if err != nil {
		if s.line != nil {
			s.line.close()
		}
		return nil, err
	}
	return s, nil
}

// Serve attaches the stream to its outbox. It is called once, by the request's
// handler, and returns at once where the connection was taken over, else when
// the stream has ended; after it the handler returns. A stream that is not
// served must be terminated.
func (s *Stream) Serve() {
	held, isHeld := s.line.(*responseLine)
	s.out.Attach(s) // Wake waits for serving
	s.mu.Lock()
	s.serving = true
	if !isHeld {
		s.running++
	}
	if s.p.MaxAge > 0 {
		s.timer = time.AfterFunc(s.p.MaxAge, func() { s.stop(StreamAged, nil) })
	}
	n, _ := s.out.Len()
	start := (n > 0 || s.cause != streamRuns || s.note != nil) && s.startLocked()
	s.mu.Unlock()
	if start {
		go s.drain()
	}
	if !isHeld {
		go s.watch()
		return
	}
	s.gone(held.watch())
	held.close()
	s.Wait()
	held.leave()
}

// watch waits for the client to go.
func (s *Stream) watch() {
	s.gone(s.line.watch())
	s.line.close() // after gone, so that the cause is not the failing write
	s.mu.Lock()
	s.leaveLocked()
	s.mu.Unlock()
}

// gone ends the stream as the line has ended. Over HTTP/2 a write that takes too long
// ends the line, and may itself hear of it later.
func (s *Stream) gone(err error) {
	s.mu.Lock()
	stalled := s.writing && !s.hurry && !s.bound.IsZero() && !time.Now().Before(s.bound)
	s.mu.Unlock()
	if stalled {
		s.stop(StreamStalled, os.ErrDeadlineExceeded)
		return
	}
	s.stop(StreamGone, err)
}

// Wake starts the writer; it implements the outbox's Drain.
func (s *Stream) Wake() {
	s.mu.Lock()
	start := s.startLocked()
	s.mu.Unlock()
	if start {
		go s.drain()
	}
}

// Comment sends bytes of the body that are no payload, to keep proxies and
// clients content. It does not block. While frames are being sent, or an earlier
// comment, it does nothing, since the client hears from us then anyway. The bytes
// must not be changed.
func (s *Stream) Comment(b []byte) {
	s.mu.Lock()
	if s.writing || len(b) == 0 {
		s.mu.Unlock()
		return
	}
	s.note = b
	start := s.startLocked()
	s.mu.Unlock()
	if start {
		go s.drain()
	}
}

// End ends the stream in order once everything that waits in the outbox has been
// sent, MaxBytes and MaxAge notwithstanding. It does not block.
func (s *Stream) End() { s.stop(StreamEnded, nil) }

// Release ends the stream in order after the write that is under way, and leaves
// everything else in the outbox. A client that does not take that write gets a
// second for it. It does not block.
func (s *Stream) Release() {
	s.mu.Lock()
	if !s.hurry {
		s.hurry = true
		s.boundLocked()
	}
	s.mu.Unlock()
	s.stop(StreamReleased, nil)
}

// Terminate closes at once. It does not block.
func (s *Stream) Terminate() {
	s.stop(StreamTerminated, nil)
	s.line.close()
}

// Wait returns when a served stream has ended and its goroutines have, and at
// once for one that is not served.
func (s *Stream) Wait() {
	s.mu.Lock()
	if s.overLocked() {
		s.mu.Unlock()
		return
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle := s.idle
	s.mu.Unlock()
	<-idle
}

func (s *Stream) overLocked() bool {
	return s.running == 0 && (s.concluded || !s.serving)
}

// stop gives a reason to end. A weightier one replaces another until the stream
// has begun to end.
func (s *Stream) stop(cause StreamEnd, err error) {
	s.mu.Lock()
	if s.concluded || cause <= s.cause {
		s.mu.Unlock()
		return
	}
	s.cause, s.err = cause, err
	start := s.startLocked()
	s.mu.Unlock()
	if start {
		go s.drain()
	}
}

// boundLocked gives a write its deadline. It is set under the lock, so that the
// short one of a release that has come is never replaced by a longer.
func (s *Stream) boundLocked() time.Time {
	timeout := s.p.WriteTimeout
	if s.hurry {
		timeout = min(timeout, goodbyeTimeout)
	}
	s.bound = time.Now().Add(timeout)
	s.line.setWriteDeadline(s.bound)
	return s.bound
}

// startLocked reports whether the caller is to start the writer.
func (s *Stream) startLocked() bool {
	if s.writing || s.concluded || !s.serving {
		return false
	}
	s.writing = true
	s.running++
	return true
}

func (s *Stream) leaveLocked() {
	s.running--
	if s.idle != nil && s.overLocked() {
		close(s.idle)
		s.idle = nil
	}
}

// drain is the writer.
func (s *Stream) drain() {
	list := frameLists.Get().(*[]*packet.Frame)
	frames := (*list)[:0]
	for {
		s.mu.Lock()
		cause, note := s.cause, s.note
		s.note = nil
		s.mu.Unlock()
		if cause != streamRuns && cause != StreamEnded {
			break
		}
		frames = s.out.Take(s, frames[:0], s.room(cause))
		if len(frames) == 0 && note == nil {
			if cause == StreamEnded {
				break
			}
			if s.rest() {
				*list = frames[:0]
				frameLists.Put(list)
				return
			}
			continue
		}
		if err := s.send(note, frames, false); err != nil {
			s.out.PutBack(frames)
		} else if s.p.MaxBytes > 0 && s.sent >= s.p.MaxBytes {
			s.stop(StreamFull, nil)
		}
		clear(frames)
	}
	*list = frames[:0]
	frameLists.Put(list)
	s.conclude()
}

// room is how much to take at a time: so much that the stream is full with it,
// and no more.
func (s *Stream) room(cause StreamEnd) int {
	if s.p.MaxBytes <= 0 || cause == StreamEnded {
		return takeBytes
	}
	return int(min(takeBytes, s.p.MaxBytes-s.sent))
}

// rest ends the writer's run unless there is still something to do. A Wake that
// came after the Take started nobody, so the queue is looked at once more under
// the lock that Wake takes.
func (s *Stream) rest() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, _ := s.out.Len(); s.cause != streamRuns || s.note != nil || n > 0 && s.out.Attached(s) {
		return false
	}
	s.writing = false
	s.leaveLocked()
	return true
}

// send writes a batch in one write. An error has been made a cause to end.
func (s *Stream) send(note []byte, frames []*packet.Frame, last bool) error {
	p := batchBuffers.Get().(*[]byte)
	b := append((*p)[:0], make([]byte, chunkRoom)...)
	b = append(b, note...)
	b = s.p.Dress.append(b, frames)
	if last {
		b = append(b, s.p.Dress.Farewell...)
	}
	s.mu.Lock()
	deadline := s.boundLocked()
	s.mu.Unlock()
	var err error
	if size := len(b) - chunkRoom; size > 0 || last {
		err = s.line.write(b, last)
		s.sent += int64(size)
	}
	if cap(b) <= keepBuffer {
		*p = b[:0]
		batchBuffers.Put(p)
	}
	if err != nil {
		s.broken = true
		cause := StreamGone
		if !time.Now().Before(deadline) {
			cause = StreamStalled
		}
		s.stop(cause, err)
	}
	return err
}

// conclude ends the stream; the writer's last act.
func (s *Stream) conclude() {
	s.mu.Lock()
	s.concluded = true
	cause, err, timer := s.cause, s.err, s.timer
	s.mu.Unlock()
	if timer != nil {
		timer.Stop()
	}
	s.out.Detach(s)
	if cause.orderly() && !s.broken && s.send(nil, nil, true) == nil {
		s.line.goodbye()
	} else {
		s.line.close()
	}
	if s.p.OnEnd != nil {
		s.p.OnEnd(cause, err)
	}
	s.mu.Lock()
	s.writing = false
	s.leaveLocked()
	s.mu.Unlock()
}

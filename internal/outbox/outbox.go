package outbox

import (
	"errors"
	"sync"

	"github.com/heirloom-io/socketio/packet"
)

// Errors of Put.
var (
	// ErrClosed is returned once Close or Discard was called.
	ErrClosed = errors.New("outbox: closed")
	// ErrFull is returned when the frames would exceed the limits. Nothing was
	// queued.
	ErrFull = errors.New("outbox: full")
	// ErrDropped is returned for volatile frames when no carrier is ready.
	ErrDropped = errors.New("outbox: volatile frames dropped")
)

// Limits bound one outbox. A single message larger than Bytes is still taken
// when nothing else waits, so the bound never makes a message impossible.
type Limits struct {
	// Bytes is the total size of the waiting frames' data.
	Bytes int
	// Frames is their number.
	Frames int
}

// Drain is a carrier that takes frames out. Values are compared, so a drain is
// a pointer.
type Drain interface {
	// Wake tells that frames wait. It is called without any lock held and must
	// not block. Until a Take by the same drain has come back empty it is not
	// called again.
	Wake()
}

// Outbox is a bounded queue of frames in sending order. The zero value is not
// usable; see Init. All methods may be called concurrently.
type Outbox struct {
	mu sync.Mutex
	// Guarded by mu:
	queue  []*packet.Frame
	single [1]*packet.Frame // storage for a queue of one, the common length
	bytes  int
	drain  Drain
	busy   bool // drain has been woken and has not found the queue empty since
	closed bool

	limits *Limits
}

// Init makes the outbox ready. The limits are shared and must not change.
func (o *Outbox) Init(l *Limits) {
	o.limits = l
}

// Put queues the frames of one packet, all or none, keeping them together.
// Volatile frames are queued only if a carrier is attached that has nothing to
// do. The frames are kept by reference.
func (o *Outbox) Put(frames []packet.Frame, volatile bool) error {
	size := 0
	for i := range frames {
		size += len(frames[i].Data)
	}
	o.mu.Lock()
	if err := o.admitLocked(len(frames), size, volatile); err != nil {
		o.mu.Unlock()
		return err
	}
	if o.queue == nil {
		o.queue = o.single[:0]
	}
	for i := range frames {
		o.queue = append(o.queue, &frames[i])
	}
	o.bytes += size
	wake := o.wakeLocked()
	o.mu.Unlock()
	if wake != nil {
		wake.Wake()
	}
	return nil
}

// PutControl queues one frame of the transport protocol itself, such as a pong.
// It obeys the limits like any other.
func (o *Outbox) PutControl(f *packet.Frame) error {
	o.mu.Lock()
	if err := o.admitLocked(1, len(f.Data), false); err != nil {
		o.mu.Unlock()
		return err
	}
	if o.queue == nil {
		o.queue = o.single[:0]
	}
	o.queue = append(o.queue, f)
	o.bytes += len(f.Data)
	wake := o.wakeLocked()
	o.mu.Unlock()
	if wake != nil {
		wake.Wake()
	}
	return nil
}

func (o *Outbox) admitLocked(n, size int, volatile bool) error {
	switch waiting := len(o.queue); {
	case o.closed:
		return ErrClosed
	case volatile && (o.drain == nil || o.busy || waiting > 0):
		return ErrDropped
	case waiting > 0 && (o.bytes+size > o.limits.Bytes || waiting+n > o.limits.Frames):
		return ErrFull
	}
	return nil
}

// wakeLocked returns the drain to wake after unlocking, if any.
func (o *Outbox) wakeLocked() Drain {
	if o.drain == nil || o.busy || len(o.queue) == 0 {
		return nil
	}
	o.busy = true
	return o.drain
}

// Attach makes d the one that takes, in place of any other, and wakes it if
// frames wait. It works on a closed outbox too, whose rest may still be sent.
func (o *Outbox) Attach(d Drain) {
	o.mu.Lock()
	o.drain, o.busy = d, false
	wake := o.wakeLocked()
	o.mu.Unlock()
	if wake != nil {
		wake.Wake()
	}
}

// Detach ends the attachment of d, if it is the one attached.
func (o *Outbox) Detach(d Drain) {
	o.mu.Lock()
	if o.drain == d {
		o.drain, o.busy = nil, false
	}
	o.mu.Unlock()
}

// Take moves waiting frames to dst, in order: at least one, if any waits, then
// as many as stay within max bytes. It returns dst unchanged when none waits,
// or when d is not attached (any more).
func (o *Outbox) Take(d Drain, dst []*packet.Frame, maxBytes int) []*packet.Frame {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.drain != d {
		return dst
	}
	if len(o.queue) == 0 {
		o.busy = false
		return dst
	}
	n, size := 0, 0
	for n < len(o.queue) {
		l := len(o.queue[n].Data)
		if n > 0 && size+l > maxBytes {
			break
		}
		size += l
		n++
	}
	dst = append(dst, o.queue[:n]...)
	o.bytes -= size
	o.dropLocked(n)
	return dst
}

// dropLocked forgets the first n frames. An empty queue keeps no memory, since
// most clients are idle.
func (o *Outbox) dropLocked(n int) {
	if n == len(o.queue) {
		clear(o.single[:])
		o.queue = nil
		return
	}
	clear(o.queue[:n])
	o.queue = o.queue[n:]
}

// PutBack returns frames that d took but could not write to the head of the
// queue, even if d is no longer attached. The limits do not count here.
func (o *Outbox) PutBack(frames []*packet.Frame) {
	if len(frames) == 0 {
		return
	}
	o.mu.Lock()
	q := make([]*packet.Frame, 0, len(frames)+len(o.queue))
	q = append(append(q, frames...), o.queue...)
	for _, f := range frames {
		o.bytes += len(f.Data)
	}
	clear(o.single[:])
	o.queue = q
	wake := o.wakeLocked()
	o.mu.Unlock()
	if wake != nil {
		wake.Wake()
	}
}

// Close refuses further frames; those that wait can still be taken.
func (o *Outbox) Close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
}

// Closed reports whether further frames are refused.
func (o *Outbox) Closed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

// CloseWith is Close behind a last frame, for which there is always room. Once
// closed it does nothing.
func (o *Outbox) CloseWith(last *packet.Frame) {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return
	}
	o.closed = true
	if o.queue == nil {
		o.queue = o.single[:0]
	}
	o.queue = append(o.queue, last)
	o.bytes += len(last.Data)
	wake := o.wakeLocked()
	o.mu.Unlock()
	if wake != nil {
		wake.Wake()
	}
}

// Discard refuses further frames and forgets those that wait.
func (o *Outbox) Discard() {
	o.mu.Lock()
	o.closed = true
	o.bytes = 0
	o.dropLocked(len(o.queue))
	o.mu.Unlock()
}

// Len returns the number of waiting frames and their size in bytes.
func (o *Outbox) Len() (frames, bytes int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.queue), o.bytes
}

// Attached reports whether d is the drain that takes.
func (o *Outbox) Attached(d Drain) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.drain == d
}

package transports

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

// Duplex drains an outbox into a Conn. Its writer runs only while frames wait:
// an idle connection has no writing goroutine and no buffer for it.
type Duplex struct {
	conn    Conn
	out     *outbox.Outbox
	onError func(error)
	run     func() // d.drain, kept so that starting it allocates nothing

	state  atomic.Int32                  // whether the writer runs
	ending atomic.Int32                  // the code of the goodbye to say, plus one; 0 for none
	rested atomic.Pointer[chan struct{}] // closed when the writer next stops; nil while nobody waits
}

// The states of the writer. Each change is one step, so that a wake-up costs no
// lock: broadcasts make them by the million.
const (
	writerIdle    = iota
	writerRuns    // and looks at the outbox again before it ends
	writerIsAsked // to look once more, though it may just have done so
)

// takeBytes bounds one write, so that frames of a dead connection are not all
// in flight and a slow one shows in its outbox.
const takeBytes = 256 << 10

// NewDuplex returns the carrier of conn. Nothing is sent before it is attached
// to the outbox. onError is told of the first failed write, on the writer's
// goroutine.
func NewDuplex(conn Conn, out *outbox.Outbox, onError func(error)) *Duplex {
	d := &Duplex{conn: conn, out: out, onError: onError}
	d.run = d.drain
	return d
}

// Hold keeps the writer from starting until Resume, so that a carrier can be
// attached, and even ended, before the first frame may leave: what comes in
// between leaves together, and an End in between still sends all of it. It is
// called before the carrier is attached, and Resume exactly once after it.
func (d *Duplex) Hold() { d.state.Store(writerRuns) }

// Resume starts the writer after Hold.
func (d *Duplex) Resume() { go d.run() }

// Conn returns the connection.
func (d *Duplex) Conn() Conn { return d.conn }

// Wake starts the writer; it implements the outbox's Drain.
func (d *Duplex) Wake() {
	for {
		switch {
		case d.state.CompareAndSwap(writerIdle, writerRuns):
			go d.run()
			return
		case d.state.CompareAndSwap(writerRuns, writerIsAsked), d.state.Load() == writerIsAsked:
			return
		}
	}
}

var frameLists = sync.Pool{New: func() any { l := make([]*packet.Frame, 0, 64); return &l }}

func (d *Duplex) drain() {
	list := frameLists.Get().(*[]*packet.Frame)
	frames := (*list)[:0]
	for {
		// Looked at first: what was queued before the End is found by the Take.
		ending := d.ending.Load()
		frames = d.out.Take(d, frames[:0], takeBytes)
		if len(frames) == 0 {
			if d.rest(ending) {
				break
			}
			continue
		}
		err := d.conn.Write(frames)
		clear(frames)
		if err != nil {
			d.out.Discard()
			d.onError(err)
		}
	}
	*list = frames[:0]
	frameLists.Put(list)
}

// rest ends the writer's run unless there is still something to do: the goodbye that
// was asked for, or a look at what has come meanwhile.
func (d *Duplex) rest(ending int32) bool {
	if ending != 0 {
		d.ending.CompareAndSwap(ending, 0)
		d.conn.Goodbye(CloseCode(ending - 1))
		return false
	}
	if !d.state.CompareAndSwap(writerRuns, writerIdle) {
		d.state.Store(writerRuns)
		return false
	}
	if w := d.rested.Swap(nil); w != nil {
		close(*w)
	}
	return true
}

// End says goodbye once everything that waits in the outbox has been written.
// It does not block.
func (d *Duplex) End(code CloseCode) {
	d.ending.Store(int32(code) + 1)
	d.Wake()
}

// Wait returns when the writer is not running. It may be called concurrently.
func (d *Duplex) Wait() { d.waitUntil(nil) }

// WaitAtMost is like Wait, but gives up after a time and then reports false.
// What the writer had taken from an outbox from which it has been detached is
// settled once this has reported true.
func (d *Duplex) WaitAtMost(limit time.Duration) bool {
	if d.state.Load() == writerIdle {
		return true
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	return d.waitUntil(timer.C)
}

func (d *Duplex) waitUntil(limit <-chan time.Time) bool {
	for {
		w := d.rested.Load()
		if w == nil {
			fresh := make(chan struct{})
			if w = &fresh; !d.rested.CompareAndSwap(nil, w) {
				continue
			}
		}
		if d.state.Load() == writerIdle { // looked at after w is there for the writer to see
			return true
		}
		select {
		case <-*w:
		case <-limit:
			return false
		}
	}
}

package transports

import (
	"sync"

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

	mu sync.Mutex
	// Guarded by mu:
	writing bool
	ending  bool // no goodbye has been said yet, but shall be
	code    CloseCode
	idle    chan struct{} // closed when writing ends; made when somebody waits
}

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
func (d *Duplex) Hold() {
	d.mu.Lock()
	d.writing = true
	d.mu.Unlock()
}

// Resume starts the writer after Hold.
func (d *Duplex) Resume() { go d.run() }

// Conn returns the connection.
func (d *Duplex) Conn() Conn { return d.conn }

// Wake starts the writer; it implements the outbox's Drain.
func (d *Duplex) Wake() {
	d.mu.Lock()
	if d.writing {
		// Attach forgets that a writer was at work. It will look again itself:
		// Take by a drain that is attached finds what is there.
		d.mu.Unlock()
		return
	}
	d.writing = true
	d.mu.Unlock()
	go d.run()
}

var frameLists = sync.Pool{New: func() any { l := make([]*packet.Frame, 0, 64); return &l }}

func (d *Duplex) drain() {
	list := frameLists.Get().(*[]*packet.Frame)
	frames := (*list)[:0]
	for {
		frames = d.out.Take(d, frames[:0], takeBytes)
		if len(frames) == 0 {
			if d.rest() {
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

// rest ends the writer's run unless there is still something to do. A Wake that
// came after the Take found writing set and started nobody, so the queue is
// looked at once more under the same lock that Wake takes.
func (d *Duplex) rest() bool {
	d.mu.Lock()
	if n, _ := d.out.Len(); n > 0 && d.out.Attached(d) {
		d.mu.Unlock()
		return false
	}
	ending, code := d.ending, d.code
	d.ending = false
	if !ending {
		d.writing = false
		if d.idle != nil {
			close(d.idle)
			d.idle = nil
		}
	}
	d.mu.Unlock()
	if ending {
		d.conn.Goodbye(code)
		return false
	}
	return true
}

// End says goodbye once everything that waits in the outbox has been written.
// It does not block.
func (d *Duplex) End(code CloseCode) {
	d.mu.Lock()
	d.ending, d.code = true, code
	start := !d.writing
	d.writing = true
	d.mu.Unlock()
	if start {
		go d.run()
	}
}

// Wait returns when the writer is not running.
func (d *Duplex) Wait() {
	d.mu.Lock()
	if !d.writing {
		d.mu.Unlock()
		return
	}
	if d.idle == nil {
		d.idle = make(chan struct{})
	}
	idle := d.idle
	d.mu.Unlock()
	<-idle
}

package socketio

import "github.com/heirloom-io/socketio/packet"

// inbox is the queue between the wire and the handlers of one client, in the
// order in which they are due. It belongs to its client and is guarded by the
// client's mutex.
//
// The dispatcher is a goroutine that exists while the queue is not empty, so
// that an idle client has none. The server's Close waits for the last job, which
// is that of Closed.
type inbox struct {
	jobs  []job
	head  int // index of the first job
	bytes int // size of the packets that wait
	// packets counts those that wait; jobs of the server itself have no bound,
	// as their number is bounded by that of the sockets.
	packets int
	running bool
	// over is set by the last job. The dispatcher that finds nothing left then
	// tells the server, and there never is another one.
	over bool
	// room is made by a Receive that found the inbox full, and closed when
	// there may be room or nothing is taken any more.
	room chan struct{}
}

// job is a packet to handle or, without one, a func to run.
type job struct {
	packet *packet.Packet
	run    func()
}

const (
	// packetOverhead is what a waiting packet counts for beyond its contents.
	packetOverhead = 128
	// keepJobs is the capacity up to which an empty queue keeps its memory.
	keepJobs = 4
)

func sizeOf(p *packet.Packet) int {
	n := packetOverhead + len(p.Name) + len(p.Args) + len(p.Data) + len(p.Query)
	for _, a := range p.Attachments {
		n += len(a)
	}
	return n
}

// take queues a packet, and waits for room if there is none. Packets of a
// connection that has ended are dropped.
func (c *client) take(p *packet.Packet) {
	size := sizeOf(p)
	c.mu.Lock()
	for !c.ended && c.fullLocked(size) {
		if c.room == nil {
			c.room = make(chan struct{})
		}
		room := c.room
		c.mu.Unlock()
		<-room
		c.mu.Lock()
	}
	if !c.ended {
		c.bytes += size
		c.packets++
		c.pushLocked(job{packet: p})
	}
	c.mu.Unlock()
}

// push queues a func of the server's own. It never waits. After the last job
// every socket has been finished, and there is nothing left to do for it.
func (c *client) push(run func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.pushLocked(job{run: run})
	}
}

func (c *client) fullLocked(size int) bool {
	if c.packets == 0 {
		return false
	}
	config := &c.server.config
	return c.packets >= config.MaxInboxPackets || c.bytes+size > config.MaxInboxBytes
}

func (c *client) releaseLocked() {
	if c.room != nil {
		close(c.room)
		c.room = nil
	}
}

func (c *client) pushLocked(j job) {
	if c.head > 0 && len(c.jobs) == cap(c.jobs) && c.head >= len(c.jobs)/2 {
		n := copy(c.jobs, c.jobs[c.head:])
		clear(c.jobs[n:])
		c.jobs, c.head = c.jobs[:n], 0
	}
	c.jobs = append(c.jobs, j)
	if !c.running {
		c.running = true
		go c.dispatch(nil)
	}
}

// next takes the first job. Without one the dispatcher's time has ended, and over
// says whether for good.
func (c *client) next() (j job, ok, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.head == len(c.jobs) {
		if cap(c.jobs) > keepJobs {
			c.jobs = nil
		}
		c.jobs, c.head = c.jobs[:0], 0
		c.running = false
		return job{}, false, c.over
	}
	j = c.jobs[c.head]
	c.jobs[c.head] = job{}
	c.head++
	if j.packet != nil {
		c.packets--
		c.bytes -= sizeOf(j.packet)
		c.releaseLocked()
	}
	return j, true, false
}

// dispatch is the dispatcher. It runs first, unless nil, before the jobs.
func (c *client) dispatch(first func()) {
	done := false
	defer func() {
		// A handler may end its goroutine by runtime.Goexit, as the testing
		// package does. The client's other handlers must not go with it.
		if !done {
			go c.dispatch(nil)
		}
	}()
	if first != nil {
		first()
	}
	for {
		j, ok, over := c.next()
		switch {
		case !ok:
			done = true
			if over {
				c.server.forget(c)
			}
			return
		case j.packet != nil:
			c.handle(j.packet)
		default:
			j.run()
		}
	}
}

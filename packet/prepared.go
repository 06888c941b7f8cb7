package packet

import (
	"sync"
	"sync/atomic"
)

// Key names an encoding. Two encoders with equal keys must produce equal bytes
// for equal packets.
type Key string

// Encoder turns packets into the frames of one dialect.
type Encoder interface {
	// Key identifies the encoding in the cache of a Prepared packet.
	Key() Key
	// Encode returns the frames of a packet, in the order in which they must
	// leave. It does not keep or change the packet. No frames and no error
	// means that the dialect has nothing to say for such a packet.
	Encode(p *Packet) ([]Frame, error)
}

// Prepared is a packet together with the frames made from it so far. It is what
// broadcasts hand to every receiver, so that a room of any size costs one
// encoding for each dialect in it.
//
// All methods may be called concurrently.
type Prepared struct {
	packet *Packet
	head   atomic.Pointer[encoding]
}

type encoding struct {
	key    Key
	once   sync.Once
	frames []Frame
	err    error
	next   *encoding
}

// Prepare wraps a packet, which must not be changed afterwards. Nothing is
// encoded until the first receiver asks.
func Prepare(p *Packet) *Prepared {
	return &Prepared{packet: p}
}

// Packet returns the packet itself, which must not be changed.
func (p *Prepared) Packet() *Packet {
	return p.packet
}

// Frames returns the frames of the packet for an encoder, encoding at most once
// for its key. Callers share the frames; they take their addresses and must
// not change them. The error is the encoder's, the same for every caller.
func (p *Prepared) Frames(e Encoder) ([]Frame, error) {
	enc := p.find(e.Key())
	enc.once.Do(func() { enc.frames, enc.err = e.Encode(p.packet) })
	return enc.frames, enc.err
}

// Encodings returns how many encodings of the packet have been begun so far: one
// for each dialect among its receivers.
func (p *Prepared) Encodings() int {
	n := 0
	for enc := p.head.Load(); enc != nil; enc = enc.next {
		n++
	}
	return n
}

func (p *Prepared) find(k Key) *encoding {
	var fresh *encoding
	for {
		head := p.head.Load()
		for enc := head; enc != nil; enc = enc.next {
			if enc.key == k {
				return enc
			}
		}
		if fresh == nil {
			fresh = &encoding{key: k}
		}
		fresh.next = head
		if p.head.CompareAndSwap(head, fresh) {
			return fresh
		}
	}
}

package packet

import "sync/atomic"

// Frame is one finished message of a dialect: the bytes of a single text or
// binary message as a message-oriented carrier sends it. Carriers that join
// messages into a payload derive their form from it.
//
// Data must not be changed once the frame has left its encoder. All methods may
// be called concurrently. A Frame must not be copied.
type Frame struct {
	// Data is the content of the message.
	Data []byte
	// Binary tells a binary message from a text message.
	Binary bool
	// NoCompress asks carriers not to compress the message.
	NoCompress bool

	wanted atomic.Bool
	wire   atomic.Pointer[[]byte]
	extra  atomic.Pointer[any]
}

// Wire returns the frame in its carrier's own framing if that is worth keeping:
// nil for the first caller, who is probably the only one; from the second on
// the bytes that build returns, made once and shared. They must not be changed.
func (f *Frame) Wire(build func(*Frame) []byte) []byte {
	if b := f.wire.Load(); b != nil {
		return *b
	}
	if !f.wanted.Swap(true) {
		return nil
	}
	b := build(f)
	f.wire.CompareAndSwap(nil, &b)
	return *f.wire.Load()
}

// Extra returns a value that a carrier keeps with the frame, made by build when
// there is none yet: a compressed form, for example. When several callers come
// at once build may run more than once, and all get the same value.
func (f *Frame) Extra(build func(*Frame) any) any {
	if v := f.extra.Load(); v != nil {
		return *v
	}
	v := build(f)
	f.extra.CompareAndSwap(nil, &v)
	return *f.extra.Load()
}

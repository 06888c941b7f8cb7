package transports

import "sync/atomic"

// Budget bounds, over all clients together, the bytes of messages and bodies
// that are being received or handled. It keeps a generous limit for one message
// from becoming a way to exhaust the server. All methods may be called
// concurrently; a nil Budget has no bound.
type Budget struct {
	max  int64
	used atomic.Int64
}

// NewBudget returns a budget of max bytes.
func NewBudget(max int64) *Budget {
	return &Budget{max: max}
}

// Acquire takes n bytes, or reports that they are not to be had.
func (b *Budget) Acquire(n int) bool {
	if b == nil || n == 0 {
		return true
	}
	if b.used.Add(int64(n)) > b.max {
		b.used.Add(int64(-n))
		return false
	}
	return true
}

// Release gives n bytes back.
func (b *Budget) Release(n int) {
	if b != nil && n != 0 {
		b.used.Add(int64(-n))
	}
}

// Used returns the bytes in use.
func (b *Budget) Used() int64 {
	if b == nil {
		return 0
	}
	return b.used.Load()
}

package v0

import (
	"slices"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

// early keeps what is sent to a client until something is heard of it, because a
// client that falls back before has got none of it. A websocket whose messages a
// proxy swallows looks well to the server. The zero value is ready.
type early struct {
	frames []*packet.Frame
	bytes  int  // what all but the first take up in memory, out of the budget
	over   bool // there was more than may be kept
}

// Limits on what is kept: ten seconds pass before a client falls back, and
// most clients are heard at their first heartbeat, or never have to be.
const (
	maxEarlyBytes  = 1 << 20
	maxEarlyFrames = 4096
	// maxEarlyTotal bounds what is kept for all clients of a server together. A
	// broadcast's frames count for each of them, though they share its bytes.
	maxEarlyTotal = 64 << 20
)

// add keeps the frames of a packet, by reference. Over the limits, those of the
// outbox, or the budget only the first frame is kept, which says that the client
// is connected and counts for nothing.
func (e *early) add(frames []packet.Frame, lim *outbox.Limits, budget *transports.Budget) {
	maxFrames, maxBytes := min(lim.Frames, maxEarlyFrames), min(lim.Bytes, maxEarlyBytes)
	for i := range frames {
		f := &frames[i]
		switch {
		case e.over:
			return
		case len(e.frames) == 0:
			e.frames = []*packet.Frame{f}
			continue
		case len(e.frames) >= maxFrames || e.bytes+cap(f.Data) > maxBytes || !budget.Acquire(cap(f.Data)):
			first := e.frames[0]
			e.drop(budget)
			e.over, e.frames = true, []*packet.Frame{first}
			return
		}
		e.frames = append(e.frames, f)
		e.bytes += cap(f.Data)
	}
}

// drop forgets all that was kept.
func (e *early) drop(budget *transports.Budget) {
	budget.Release(e.bytes)
	*e = early{}
}

// replay returns what goes out when the client has changed its transport: all
// that was kept, which includes what waits, or else the first frame and that.
func (e *early) replay(waiting []*packet.Frame) []*packet.Frame {
	if !e.over {
		return slices.Clone(e.frames)
	}
	if len(waiting) > 0 && waiting[0] == e.frames[0] {
		return waiting
	}
	return append(slices.Clone(e.frames), waiting...)
}

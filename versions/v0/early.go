package v0

import (
	"slices"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

// early keeps what is sent to a client until something is heard of it, because a
// client that falls back before has got none of it. A websocket whose messages a
// proxy swallows looks well to the server. The zero value is ready.
type early struct {
	frames []*packet.Frame
	bytes  int
	over   bool // there was more than may be kept
}

// Limits on what is kept: ten seconds pass before a client falls back, and
// most clients are heard at their first heartbeat, or never have to be.
const (
	maxEarlyBytes  = 1 << 20
	maxEarlyFrames = 4096
)

// add keeps the frames of a packet, by reference. Over the limits, or those of
// the outbox, only the first frame is kept, which says that the client is
// connected.
func (e *early) add(frames []packet.Frame, lim *outbox.Limits) {
	maxFrames, maxBytes := min(lim.Frames, maxEarlyFrames), min(lim.Bytes, maxEarlyBytes)
	for i := range frames {
		f := &frames[i]
		switch {
		case e.over:
			return
		case len(e.frames) > 0 && (len(e.frames) >= maxFrames || e.bytes+len(f.Data) > maxBytes):
			e.over = true
			e.frames, e.bytes = []*packet.Frame{e.frames[0]}, len(e.frames[0].Data)
			return
		}
		e.frames = append(e.frames, f)
		e.bytes += len(f.Data)
	}
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

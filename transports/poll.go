package transports

import (
	"context"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

// Held is one held GET of a polling session: attached to the outbox from Hold
// until Release, so that volatile packets are taken only while it is there.
type Held struct {
	out   *outbox.Outbox
	ready chan struct{}
	told  chan struct{}
}

// Hold attaches a GET request to an outbox.
func Hold(out *outbox.Outbox) *Held {
	h := &Held{out: out, ready: make(chan struct{}, 1), told: make(chan struct{}, 1)}
	out.Attach(h)
	return h
}

// Wake implements the outbox's Drain.
func (h *Held) Wake() {
	select {
	case h.ready <- struct{}{}:
	default:
	}
}

// Tell makes Wait return although nothing may be waiting, so that the session
// can answer the request for a reason of its own. It does not block and may be
// called from any goroutine.
func (h *Held) Tell() {
	select {
	case h.told <- struct{}{}:
	default:
	}
}

// Wait returns when frames wait, the session tells, or the request's context
// ends; only in the last case its error is not nil.
func (h *Held) Wait(ctx context.Context) error {
	// What is there already goes first, whatever else has happened.
	select {
	case <-h.ready:
		return nil
	case <-h.told:
		return nil
	default:
	}
	select {
	case <-h.ready:
		return nil
	case <-h.told:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Take moves what waits to dst, up to about max bytes, and detaches the request
// from the outbox.
func (h *Held) Take(dst []*packet.Frame, max int) []*packet.Frame {
	dst = h.out.Take(h, dst, max)
	h.out.Detach(h)
	return dst
}

// Release detaches the request without taking anything.
func (h *Held) Release() {
	h.out.Detach(h)
}

package mirror

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// portion is the number of bytes of events, beyond the first, that a watcher is
	// sent by one write, and that may wait for the next.
	portion = 64 << 10
	// smallBuffer is the capacity up to which a buffer is kept for the next write.
	smallBuffer = 4 << 10
	// heartbeat is what a watcher gets in place of the stream's comment.
	heartbeat = ": heartbeat\n\n"
)

// watcher is one who watches. The stream writes to it from a goroutine of its own,
// and must not be held up, as that would hold up the others: what it writes is put
// by as long as there is room. The handler sends it at the pace of the client, and
// takes what there was no room for, or what the stream had left out, from what the
// feed holds.
type watcher struct {
	mirror *Mirror
	feed   *feed
	header http.Header
	resume string        // the Last-Event-ID, if there is one
	wake   chan struct{} // holds one, if something is to be sent
	block  []byte        // what the stream has written since its last Flush

	mu sync.Mutex
	// Guarded by mu:
	status int    // of the response, when the stream has taken the watcher in
	last   uint64 // number of the last event that was put by or sent
	seen   uint64 // number of the last event there is; above last, what is between must be fetched
	ready  []byte // events up to last that are to be sent
	beat   bool   // a heartbeat is to be sent
}

// Header returns the headers that the stream may set.
func (t *watcher) Header() http.Header { return t.header }

// WriteHeader marks the beginning: every later event comes by the stream or, if it
// had no place for it, is seen to be missing when the next one or a heartbeat comes.
func (t *watcher) WriteHeader(status int) {
	newest := t.feed.newest()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status, t.last, t.seen = status, newest, newest
	if t.resume != "" {
		t.last = min(newest, t.mirror.numberOf([]byte(t.resume)))
	}
}

// Write takes a part of an event.
func (t *watcher) Write(p []byte) (int, error) {
	t.block = append(t.block, p...)
	return len(p), nil
}

// Flush takes what the stream has written: one event, a comment, or nothing at the
// beginning.
func (t *watcher) Flush() {
	t.put(t.block)
	t.block = emptied(t.block)
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *watcher) put(block []byte) {
	if len(block) == 0 {
		return
	}
	number, isBeat := t.numberOf(block)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case isBeat:
		t.beat = true
		t.seen = max(t.seen, number)
	case number <= t.last: // it was among those the watcher got before
	case t.seen == t.last && number == t.last+1 && (len(t.ready) == 0 || len(t.ready)+len(block) <= portion):
		t.ready = append(t.ready, block...)
		t.last, t.seen = number, number
	default:
		t.seen = max(t.seen, number)
	}
}

// take returns what is to be sent next, nothing if there is none. It takes a buffer
// for what is put by meanwhile.
func (t *watcher) take(spare []byte) []byte {
	t.mu.Lock()
	out := t.ready
	t.ready = emptied(spare)
	last := t.last
	behind := t.seen > last
	if !behind && t.beat {
		out = append(out, heartbeat...)
		t.beat = false
	}
	t.mu.Unlock()
	if len(out) > 0 || !behind {
		return out
	}
	// Nothing is put by before the watcher has caught up.
	out, last = t.feed.appendAfter(out, last)
	t.mu.Lock()
	t.last, t.seen = last, max(t.seen, last)
	t.mu.Unlock()
	return out
}

// emptied returns a buffer for other contents. A large one is let go: most watchers
// only wait.
func emptied(b []byte) []byte {
	if cap(b) > smallBuffer {
		return nil
	}
	return b[:0]
}

// numberOf returns the number of the event that a block is, or that a heartbeat
// follows.
func (t *watcher) numberOf(block []byte) (number uint64, isBeat bool) {
	line, _, _ := bytes.Cut(block, []byte("\n"))
	if digits, ok := bytes.CutPrefix(line, []byte(": ")); ok {
		number, _ = strconv.ParseUint(string(digits), 10, 64)
		return number, true
	}
	return t.mirror.numberOf(bytes.TrimPrefix(line, []byte("id: "))), false
}

// outlet is the response to a watcher.
type outlet struct {
	w       http.ResponseWriter
	ctl     *http.ResponseController
	timeout time.Duration
	stalled bool // a write has taken too long
}

// serve sends what comes until the context ends or a write fails.
func (o *outlet) serve(ctx context.Context, t *watcher, oneConnection bool) {
	var out []byte
	for begun := false; ; {
		select {
		case <-t.wake:
		case <-ctx.Done():
			return
		}
		if !begun {
			begun = true
			o.begin(t, oneConnection)
			out = strconv.AppendInt([]byte("retry: "), t.mirror.config.Retry.Milliseconds(), 10)
			if !o.send(ctx, append(out, "\n\n"...)) {
				return
			}
		}
		for out = t.take(out); len(out) > 0; out = t.take(out) {
			if !o.send(ctx, out) {
				return
			}
		}
	}
}

// begin sends the head.
func (o *outlet) begin(t *watcher, oneConnection bool) {
	h := o.w.Header()
	h.Set("Content-Type", t.header.Get("Content-Type"))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	h.Set("X-Content-Type-Options", "nosniff")
	if oneConnection {
		// It is of no further use: deadlines have been set on it.
		h.Set("Connection", "close")
	}
	t.mu.Lock()
	status := t.status
	t.mu.Unlock()
	o.w.WriteHeader(status)
}

// send writes within the time there is for it, and reports whether that went well.
func (o *outlet) send(ctx context.Context, out []byte) bool {
	if ctx.Err() != nil {
		return false
	}
	start := time.Now()
	err := o.ctl.SetWriteDeadline(start.Add(o.timeout))
	if err == nil {
		_, err = o.w.Write(out)
	}
	if err == nil {
		err = o.ctl.Flush()
	}
	// What the error is depends on the version of HTTP.
	o.stalled = err != nil && time.Since(start) >= o.timeout
	return err == nil
}

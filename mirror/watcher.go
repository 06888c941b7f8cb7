package mirror

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"
)

// watcher is the response to one who watches, as the stream sees it: it puts a
// limit on every write, ends the request when one fails, and fills what the
// stream leaves out. One goroutine at a time uses it.
type watcher struct {
	mirror *Mirror
	feed   *feed
	w      http.ResponseWriter
	ctl    *http.ResponseController
	end    context.CancelFunc

	begun   bool   // the head and what came before have been sent
	resumes bool   // last is of a Last-Event-ID
	last    uint64 // number of the last event sent
	block   []byte // what was written since the last Flush
	err     error  // of the first write that failed
}

// Header returns the headers of the response.
func (t *watcher) Header() http.Header { return t.w.Header() }

// WriteHeader sends the head.
func (t *watcher) WriteHeader(status int) {
	h := t.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	h.Set("X-Content-Type-Options", "nosniff")
	// The connection is of no further use: deadlines have been set on it.
	h.Set("Connection", "close")
	_ = t.ctl.SetWriteDeadline(time.Now().Add(t.mirror.config.WriteTimeout))
	t.w.WriteHeader(status)
}

// Write takes a part of an event, which is sent whole by Flush.
func (t *watcher) Write(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	t.block = append(t.block, p...)
	return len(p), nil
}

// Flush sends what the stream has written: one event, or a comment.
func (t *watcher) Flush() {
	if t.err != nil {
		return
	}
	out := t.due()
	t.block = t.block[:0]
	if len(out) == 0 {
		return
	}
	t.err = t.ctl.SetWriteDeadline(time.Now().Add(t.mirror.config.WriteTimeout))
	if t.err == nil {
		_, t.err = t.w.Write(out)
	}
	if t.err == nil {
		t.err = t.ctl.Flush()
	}
	if t.err != nil {
		t.end()
	}
}

// due returns what has to be sent in place of what the stream has written.
//
// The stream calls Flush for the first time when it has taken the watcher in, so
// that every later event comes by it or, if it had no place for it, is seen to be
// missing when the next one or a heartbeat comes.
func (t *watcher) due() []byte {
	if !t.begun {
		t.begun = true
		out := strconv.AppendInt([]byte("retry: "), t.mirror.config.Retry.Milliseconds(), 10)
		out = append(out, "\n\n"...)
		newest := t.feed.newest()
		if t.resumes && t.last <= newest {
			out, t.last = t.feed.appendAfter(out, t.last, newest)
		}
		t.last = newest
		return out
	}
	number := t.numberOf(t.block)
	if number == 0 {
		out, last := t.feed.appendAfter(nil, t.last, t.feed.newest())
		t.last = last
		return append(out, t.block...)
	}
	if number <= t.last {
		return nil // it was among those the watcher got before
	}
	out := t.block
	if number > t.last+1 {
		out, _ = t.feed.appendAfter(nil, t.last, number-1)
		out = append(out, t.block...)
	}
	t.last = number
	return out
}

// numberOf returns the number of the event that a block is, 0 for a comment.
func (t *watcher) numberOf(block []byte) uint64 {
	rest, ok := bytes.CutPrefix(block, []byte("id: "))
	if !ok {
		return 0
	}
	id, _, _ := bytes.Cut(rest, []byte("\n"))
	return t.mirror.numberOf(id)
}

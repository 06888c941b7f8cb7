package mirror

import (
	"bytes"
	"strconv"
	"sync"

	"github.com/r3labs/sse/v2"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// feed is one room as the mirror sees it: the member in it, and what is held of
// what it got.
type feed struct {
	mirror *Mirror
	room   string
	stream string // its name in the sse.Server, which no request can choose
	id     string // of the member

	mu sync.Mutex
	// Guarded by mu:
	last  uint64  // number of the last event
	held  []entry // the newest ones, oldest first, without a gap up to last
	bytes int     // of held
}

// entry is an event that is held.
type entry struct {
	number uint64
	data   []byte
}

var _ rooms.Subject = (*feed)(nil)

// ID returns the member's id.
func (f *feed) ID() string { return f.id }

// Join does nothing: in another room the mirror would show that one's events as
// those of its own.
func (f *feed) Join(...string) {}

// Leave does nothing: who clears a room means the clients in it.
func (f *feed) Leave(...string) {}

// Disconnect does nothing, for the same reason.
func (f *feed) Disconnect(bool) {}

// Deliver takes a packet for the watchers. It never blocks: what the stream has
// no place for, they find among what is held.
func (f *feed) Deliver(p *packet.Prepared) error {
	frames, err := p.Frames(encoder{})
	if err != nil || len(frames) == 0 {
		return err
	}
	m, data := f.mirror, frames[0].Data
	if len(data) > m.config.MaxEventBytes {
		m.oversized.Add(1)
		return nil
	}
	m.events.Add(1)
	// Under the lock, so that events reach the stream in the order of their
	// numbers. Nothing here waits.
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	f.holdLocked(entry{f.last, data})
	if !m.sse.TryPublish(f.stream, &sse.Event{ID: m.appendID(nil, f.last), Data: data}) {
		m.late.Add(1)
	}
	return nil
}

// beat sends a heartbeat to the watchers. The stream's comment is the number of the
// last event before it, by which they see whether one is missing.
func (f *feed) beat() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mirror.sse.TryPublish(f.stream, &sse.Event{Comment: strconv.AppendUint(nil, f.last, 10)})
}

func (f *feed) holdLocked(e entry) {
	c := &f.mirror.config
	f.held = append(f.held, e)
	f.bytes += len(e.data)
	drop := 0
	for len(f.held)-drop > c.ReplayEvents || f.bytes > c.ReplayBytes && drop < len(f.held) {
		f.bytes -= len(f.held[drop].data)
		f.held[drop] = entry{}
		drop++
	}
	f.held = f.held[drop:]
}

// newest returns the number of the last event.
func (f *feed) newest() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// appendAfter appends the text of some events after one of them: a portion of those
// that are held. If that is not where the next one is, it says so. It returns the
// number of the last one the text accounts for.
func (f *feed) appendAfter(dst []byte, after uint64) ([]byte, uint64) {
	found, newest := f.portionAfter(after)
	next := newest + 1
	if len(found) > 0 {
		next = found[0].number
	}
	if next > after+1 {
		dst = f.mirror.appendGap(dst, next-1, next-1-after)
		after = next - 1
	}
	for _, e := range found {
		dst = f.mirror.appendEvent(dst, e)
		after = e.number
	}
	return dst, after
}

// portionAfter returns events that are held after one, oldest first, and the number
// of the newest.
func (f *feed) portionAfter(after uint64) (found []entry, newest uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	size := 0
	for _, e := range f.held[f.indexAfterLocked(after):] {
		if size += len(e.data); size > portion && len(found) > 0 {
			break
		}
		found = append(found, e)
	}
	return found, f.last
}

// indexAfterLocked returns where in held the events after one begin.
func (f *feed) indexAfterLocked(after uint64) int {
	missed := f.last - min(after, f.last)
	return len(f.held) - int(min(missed, uint64(len(f.held))))
}

// appendID appends the id of an event: "EPOCH-NUMBER".
func (m *Mirror) appendID(dst []byte, number uint64) []byte {
	dst = append(append(dst, m.epoch...), '-')
	return strconv.AppendUint(dst, number, 10)
}

// numberOf returns the number in an id of this mirror, 0 for any other text.
func (m *Mirror) numberOf(id []byte) uint64 {
	digits, ok := bytes.CutPrefix(id, []byte(m.epoch+"-"))
	if !ok {
		return 0
	}
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (m *Mirror) appendEvent(dst []byte, e entry) []byte {
	dst = m.appendID(append(dst, "id: "...), e.number)
	dst = append(append(dst, "\ndata: "...), e.data...)
	return append(dst, "\n\n"...)
}

// appendGap says that so many events up to one are missing.
func (m *Mirror) appendGap(dst []byte, number, missed uint64) []byte {
	dst = m.appendID(append(dst, "id: "...), number)
	dst = append(dst, "\nevent: gap\ndata: {\"missed\":"...)
	return append(strconv.AppendUint(dst, missed, 10), "}\n\n"...)
}

package rooms

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/packet"
)

// TestJournalPool has one journal keep much and others little, and bounds them all.
func TestJournalPool(t *testing.T) {
	t.Parallel()
	const each = 2*(1+1) + loggedOverhead
	pool := NewJournalPool(32*each, 32)
	limits := RecoveryLimits{Window: time.Minute, Retention: time.Minute, Bytes: 1 << 20, Packets: 1000, Sessions: 1000, Pool: pool}
	small, big := NewJournal(limits), NewJournal(limits)
	keep := func(j *Journal, pid string) {
		trail := j.Begin(&line{})
		trail.Leave(pid, nil)
		trail.Keep(Session{PID: pid})
	}
	keep(small, "small")
	offset := journalled(t, small, "e", Target{}, nil)
	for i := range 200 {
		journalled(t, big, "e", Target{}, nil)
		keep(big, fmt.Sprint(i))
		if pool.bytes.full() || pool.sessions.full() {
			t.Fatalf("%d bytes and %d sessions after %d", pool.bytes.used.Load(), pool.sessions.used.Load(), i)
		}
	}
	if small.findLocked(1) == nil || offset == "" || len(small.sessions) != 1 {
		t.Error("the small journal made way for the big one")
	}
	if n := len(big.log) - big.head; n < 14 || len(big.sessions) < 14 {
		t.Errorf("%d events and %d sessions left", n, len(big.sessions))
	}
	if _, _, ok := big.Restore("199", ""); !ok {
		t.Error("the last session is gone")
	}
	if _, _, ok := big.Restore("0", ""); ok {
		t.Error("the first session is there")
	}
	small.Close()
	big.Close()
	if pool.bytes.used.Load() != 0 || pool.sessions.used.Load() != 0 || len(pool.journals) != 0 {
		t.Errorf("%d bytes, %d sessions and %d journals at the end", pool.bytes.used.Load(), pool.sessions.used.Load(), len(pool.journals))
	}
}

// TestJournalPoolConcurrent fills several journals at once.
func TestJournalPoolConcurrent(t *testing.T) {
	t.Parallel()
	pool := NewJournalPool(4096, 8)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			j := NewJournal(RecoveryLimits{Window: time.Minute, Retention: time.Minute, Bytes: 1 << 20, Packets: 100, Sessions: 100, Pool: pool})
			defer j.Close()
			for i := range 300 {
				to := &line{}
				trail := j.Begin(to)
				p := recorded(j, "e", Target{})
				_ = trail.Deliver(packet.Prepare(p), to)
				j.Sent(p)
				trail.Leave("id", nil)
				trail.Keep(Session{PID: fmt.Sprint(i)})
				if i%3 == 0 {
					_, _, _ = j.Restore(fmt.Sprint(i), p.Offset)
				}
			}
		})
	}
	wg.Wait()
	if pool.bytes.used.Load() != 0 || pool.sessions.used.Load() != 0 {
		t.Errorf("%d bytes and %d sessions at the end", pool.bytes.used.Load(), pool.sessions.used.Load())
	}
}

package interop

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/heirloom-io/socketio/versions"
)

// ledger records, for each tag of a client, how often the server has let it
// into the default namespace and why it left: the server's view of a check.
type ledger struct {
	mu      sync.Mutex
	entered map[string]int               // under mu
	left    map[string][]versions.Reason // under mu
	changed chan struct{}                // under mu; closed and replaced at each entry
}

func newLedger() *ledger {
	return &ledger{
		entered: make(map[string]int),
		left:    make(map[string][]versions.Reason),
		changed: make(chan struct{}),
	}
}

func (l *ledger) enter(tag string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entered[tag]++
	l.tellLocked()
}

func (l *ledger) leave(tag string, r versions.Reason) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left[tag] = append(l.left[tag], r)
	l.tellLocked()
}

func (l *ledger) tellLocked() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// entries returns how often a client has come in.
func (l *ledger) entries(tag string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.entered[tag]
}

// await waits until a client has come in.
func (l *ledger) await(tag string, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		l.mu.Lock()
		n, changed := l.entered[tag], l.changed
		l.mu.Unlock()
		if n > 0 {
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return fmt.Errorf("%s has not come in after %v", tag, limit)
		}
	}
}

// reasons returns why a client left, in order, once it has done so n times.
func (l *ledger) reasons(tag string, n int, limit time.Duration) ([]versions.Reason, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		l.mu.Lock()
		got, changed := slices.Clone(l.left[tag]), l.changed
		l.mu.Unlock()
		if len(got) >= n {
			return got, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return got, fmt.Errorf("%s has left %d times after %v, want %d", tag, len(got), limit, n)
		}
	}
}

package socketio

import (
	"testing"

	"github.com/heirloom-io/socketio/rooms"
)

// TestRecoverySettleLate ends a claimant that never was known when the next one
// already is, which must stay known.
func TestRecoverySettleLate(t *testing.T) {
	t.Parallel()
	journal := rooms.NewJournal(rooms.RecoveryLimits{Window: 1, Retention: 1, Bytes: 1, Packets: 1, Sessions: 1})
	defer journal.Close()
	ns := &Namespace{recovery: &recovery{store: journal, live: map[string]*Socket{}}}
	one, two := &Socket{ns: ns}, &Socket{ns: ns}
	for _, s := range []*Socket{one, two} {
		s.session = &session{pid: "p", trail: journal.Begin((*outlet)(s)), gone: make(chan struct{})}
	}
	two.come()
	one.settle(false)
	if ns.recovery.live["p"] != two {
		t.Error("the second claimant cannot be found")
	}
	two.settle(false)
	if len(ns.recovery.live) != 0 {
		t.Error("found when it is over")
	}
}

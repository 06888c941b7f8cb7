package socketio

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
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

// returns brings a client that asks for its session, or for a new one, and returns
// what it is told.
func returns(t *testing.T, s *Server, pid string) (c *fakeConn, sid, secret string) {
	t.Helper()
	c = dial(t, s)
	c.can = allFeatures | packet.FeatureOwnIDs | packet.FeatureRecovery
	c.receiver.Receive(&packet.Packet{Type: packet.Connect, Namespace: "/", Data: fmt.Appendf(nil, `{"pid":%q}`, pid)})
	c.wait()
	for _, line := range c.log() {
		if told, ok := strings.CutPrefix(line, "connect /"); ok {
			var hello struct{ SID, PID string }
			if err := json.Unmarshal([]byte(told), &hello); err != nil {
				t.Fatal(err)
			}
			return c, hello.SID, hello.PID
		}
	}
	return c, "", ""
}

// TestRecoveryGap has the log lose what a client has missed right before it is told
// that it is back. Nobody hears of that socket.
func TestRecoveryGap(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{Recovery: RecoveryConfig{Enabled: true, MaxPackets: 2}})
	var heard []string
	s.OnConnection(func(socket *Socket) {
		heard = append(heard, fmt.Sprint("connected ", socket.Recovered()))
		socket.OnDisconnect(func(reason Reason) { heard = append(heard, "ended "+string(reason)) })
	})
	one, sid, pid := returns(t, s, "")
	one.lose(ReasonTransportClose)
	flood := true
	s.OnRooms(RoomHooks{Join: func(string, string) {
		for range 3 {
			if flood {
				_ = s.Emit("n")
			}
		}
	}})
	one.wait()
	two, told, _ := returns(t, s, pid)
	if told != "" {
		t.Errorf("confirmed as %s", told)
	}
	two.mu.Lock()
	closed := two.closed
	two.mu.Unlock()
	if _, found := s.Socket(sid); !closed || found || s.Of("/").Adapter().RoomSize(sid) > 0 {
		t.Errorf("closed %v, found %v, in %d rooms", closed, found, s.Of("/").Adapter().RoomSize(sid))
	}
	flood = false
	_, again, secret := returns(t, s, pid)
	if again == "" || again == sid || secret == pid {
		t.Errorf("comes back as %s with %s, after %s with %s", again, secret, sid, pid)
	}
	want := []string{"connected false", "ended " + string(ReasonTransportClose), "connected false"}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

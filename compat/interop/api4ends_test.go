package interop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio"
)

// testVolatile: an event with binary values that may be dropped arrives whole or
// not at all, and nothing of it is left for the next.
func testVolatile(t *testing.T, s *stage) {
	const times = 50
	for i := range times {
		if err := s.io.Volatile().Emit("bin", i, []byte{1, 2}, []byte{3}); err != nil {
			t.Fatal(err)
		}
	}
	some := 0
	for name, list := range s.got(t) {
		some += len(list)
		last := -1
		for _, line := range list {
			var number int
			_, err := fmt.Sscanf(line, "bin / [%d,", &number)
			rest := line[strings.Index(line, ",")+1:]
			whole := rest == "binary[1 2],binary[3]]" || rest == `{"base64":true,"data":"AQI="},{"base64":true,"data":"Aw=="}]`
			if err != nil || number <= last || !whole {
				t.Errorf("%s got %q", name, line)
			}
			last = number
		}
	}
	if some == 0 {
		t.Error("nobody got anything")
	}
}

// testNumber: the names of events may look like numbers. Those that are come in
// testIncoming.
func testNumber(t *testing.T, s *stage) {
	if err := s.io.Emit("1", 2); err != nil {
		t.Fatal(err)
	}
	s.expect(t, func(int, *apiMember) []string { return []string{"1 / [2]"} })
}

func testOutgoing(t *testing.T, s *stage) {
	for i, m := range s.members {
		got := slices.DeleteFunc(m.outgoing.take(), func(line string) bool { return strings.HasPrefix(line, "bin ") })
		want := []string{"end 1", "one 0"}
		if i == 0 {
			want = append(want, "two 0", "three 0")
		}
		want = append(want, "end 1")
		if i != 1 {
			want = append(want, "one 1")
		}
		if i != 0 && i != 2 {
			want = append(want, "two 0")
		}
		want = append(want, "end 1", "ask 1", "ask 1", "end 1", "ask 1", "one 1", "end 1", "end 1", "1 1", "end 1")
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", m.name, d)
		}
		m.socket.OffAnyOutgoing()
	}
	if err := s.io.Emit("one"); err != nil {
		t.Fatal(err)
	}
	s.expect(t, func(int, *apiMember) []string { return []string{"one / []"} })
	if got := s.members[0].outgoing.take(); got != nil {
		t.Errorf("a listener that was removed was told %q", got)
	}
}

func testCleanup(t *testing.T, s *stage) {
	if err := s.parent.Emit("three", "bye"); err != nil {
		t.Fatal(err)
	}
	if err := s.parent.All().DisconnectSockets(false); err != nil {
		t.Fatal(err)
	}
	s.expect(t, func(int, *apiMember) []string {
		return []string{`three /dynamic-7 ["bye"]`, "disconnect /dynamic-7"}
	})
	if !soon(func() bool { return len(s.parent.Children()) == 0 }) {
		t.Errorf("%d namespaces without sockets are left", len(s.parent.Children()))
	}
}

func testDisconnectSockets(t *testing.T, s *stage) {
	s.reasons.take()
	gone := s.members[0]
	if err := s.io.In(gone.socket.ID()).DisconnectSockets(true); err != nil {
		t.Fatal(err)
	}
	if list := gone.until(t, "disconnect /"); list != nil {
		t.Errorf("got %q", list)
	}
	var reasons []string
	soon(func() bool {
		reasons = append(reasons, s.reasons.take()...)
		return len(reasons) > 0
	})
	if d := cmp.Diff([]string{string(socketio.ReasonServerDisconnect)}, reasons); d != "" {
		t.Error(d)
	}
	s.expect(t, func(int, *apiMember) []string { return nil })
}

func testJoinAfterEnd(t *testing.T, s *stage) {
	gone := s.members[0].socket
	gone.Join("late")
	if err := s.io.To(gone.ID()).SocketsJoin("late"); err != nil {
		t.Fatal(err)
	}
	if n := s.io.Of("/").Adapter().RoomSize("late"); n != 0 || len(gone.Rooms()) != 0 {
		t.Errorf("%d in a room, and the socket in %q", n, gone.Rooms())
	}
}

func testShutdown(t *testing.T, s *stage) {
	ctx, cancel := context.WithTimeout(t.Context(), noticeLimit)
	defer cancel()
	if err := s.io.Close(ctx); err != nil {
		t.Fatal(err)
	}
	want := slices.Repeat([]string{string(socketio.ReasonServerShutdown)}, len(s.members)-1)
	if d := cmp.Diff(want, s.reasons.take()); d != "" {
		t.Error(d)
	}
	for _, m := range s.members[1:] {
		m.until(t, "disconnect /")
	}
}

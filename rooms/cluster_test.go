package rooms

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
)

// subject is a member that can be acted on, as a socket can.
type subject struct {
	inbox
	store *Store
	calls []string
}

func (s *subject) Join(rooms ...string) {
	s.calls = append(s.calls, "join")
	s.store.Add(s, rooms...)
}

func (s *subject) Leave(rooms ...string) {
	s.calls = append(s.calls, "leave")
	s.store.Remove(s.id, rooms...)
}

func (s *subject) Disconnect(closeConn bool) {
	if closeConn {
		s.calls = append(s.calls, "close")
	}
	s.store.RemoveAll(s.id)
}

// TestActOnMembers: a member that can be acted on is asked to, and the store moves
// those that cannot.
func TestActOnMembers(t *testing.T) {
	t.Parallel()
	s := NewStore()
	sub := &subject{inbox: inbox{id: "sub"}, store: s}
	s.Add(sub, "x")
	s.Add(&inbox{id: "plain"}, "x")
	in := func(room string) []string {
		ids, err := s.Sockets(t.Context(), Target{Rooms: []string{room}})
		if err != nil {
			t.Error(err)
		}
		slices.Sort(ids)
		return ids
	}
	target := Target{Rooms: []string{"x", "y"}}
	if err := s.AddSockets(target, "y", "z"); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]string{"plain", "sub"}, in("z")); d != "" {
		t.Error(d)
	}
	if err := s.RemoveSockets(Target{Rooms: []string{"z"}}, "x"); err != nil || len(in("x")) != 0 {
		t.Error(in("x"), err)
	}
	list, err := s.FetchSockets(t.Context(), Target{Rooms: []string{"y"}, Except: []string{"plain's"}})
	slices.SortFunc(list, func(a, b Details) int { return len(b.ID) - len(a.ID) })
	if err != nil || len(list) != 2 || list[1].ID != "sub" || list[1].Member != Member(sub) {
		t.Error(list, err)
	}
	if d := cmp.Diff([]string{"y", "z"}, list[1].Rooms); d != "" {
		t.Error(d)
	}
	if err := s.DisconnectSockets(Target{}, true); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]string{"plain"}, in("z")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"join", "leave", "close"}, sub.calls); d != "" {
		t.Error(d)
	}
}

func TestClusterOfAClosedStore(t *testing.T) {
	t.Parallel()
	s := NewStore()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.FetchSockets(ended, Target{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if answers, err := s.ServerSideEmitWithAck(t.Context(), &packet.Packet{}); answers != nil || err != nil {
		t.Error(answers, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	question := packet.Prepare(&packet.Packet{Type: packet.Event, HasID: true})
	for name, act := range map[string]func() error{
		"add":        func() error { return s.AddSockets(Target{}, "x") },
		"remove":     func() error { return s.RemoveSockets(Target{}, "x") },
		"disconnect": func() error { return s.DisconnectSockets(Target{}, false) },
		"fetch":      func() error { _, err := s.FetchSockets(t.Context(), Target{}); return err },
		"ask":        func() error { _, err := s.BroadcastWithAck(t.Context(), question, Target{}); return err },
		"emit":       func() error { return s.ServerSideEmit(&packet.Packet{}) },
		"emit, ack":  func() error { _, err := s.ServerSideEmitWithAck(t.Context(), &packet.Packet{}); return err },
	} {
		if err := act(); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

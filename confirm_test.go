package socketio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
)

// TestToldOfItsID has others reach a client in the moment in which it is told of its
// socket.
func TestToldOfItsID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		act  func(t *testing.T, s *Server, id string)
		want []string
	}{
		{
			"a room", func(t *testing.T, s *Server, id string) {
				for i := range 3 {
					if err := s.To(id).Emit("hi", i); err != nil {
						t.Error(err)
					}
				}
			},
			[]string{"event / hi(0)", "event / hi(1)", "event / hi(2)"},
		},
		{
			"the socket", func(t *testing.T, s *Server, id string) {
				socket, ok := s.Socket(id)
				if !ok {
					t.Fatal("the socket cannot be found")
				}
				if err := socket.Emit("hi", 1); err != nil {
					t.Error(err)
				}
				if err := s.To(id).Emit("hi", 2); err != nil {
					t.Error(err)
				}
			},
			[]string{"event / hi(1)", "event / hi(2)"},
		},
		{
			"an end", func(t *testing.T, s *Server, id string) {
				if err := s.Emit("hi"); err != nil {
					t.Error(err)
				}
				if err := s.To(id).DisconnectSockets(false); err != nil {
					t.Error(err)
				}
				if err := s.Emit("too late"); err != nil {
					t.Error(err)
				}
			},
			[]string{"event / hi()", "disconnect /"},
		},
		{
			"the end of the connection", func(t *testing.T, s *Server, id string) {
				if err := s.To(id).DisconnectSockets(true); err != nil {
					t.Error(err)
				}
			},
			[]string{"disconnect /", "closed"},
		},
		{
			"too much", func(t *testing.T, s *Server, id string) {
				for range 9 {
					_ = s.To(id).Emit("hi")
				}
			},
			[]string{"closed"},
		},
	}
	kinds := []struct {
		name     string
		can      packet.Feature
		recovery bool
	}{
		{"plain", allFeatures, false},
		{"that may come back", allFeatures | packet.FeatureOwnIDs | packet.FeatureRecovery, true},
	}
	for _, tt := range tests {
		for _, kind := range kinds {
			t.Run(tt.name+", a client "+kind.name, func(t *testing.T) {
				t.Parallel()
				s := newTestServer(t, Config{MaxOutboxPackets: 8, Recovery: RecoveryConfig{Enabled: kind.recovery}})

				c := dial(t, s)
				c.can = kind.can
				told := false
				c.during = func() {
					if told {
						return
					}
					told = true
					for _, socket := range s.Sockets() {
						tt.act(t, s, socket.ID())
					}
				}
				c.connect("/")
				c.wait()
				got := c.log()
				if len(got) == 0 || got[0][:len("connect /")] != "connect /" {
					t.Fatalf("sent %q, want the confirmation first", got)
				}
				got = got[1:]
				c.mu.Lock()
				if c.closed {
					got = append(got, "closed")
				}
				c.mu.Unlock()
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
			})
		}
	}
}

package socketio

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
		{
			"too many bytes", func(t *testing.T, s *Server, id string) {
				for range 3 {
					_ = s.To(id).Emit("hi", strings.Repeat("x", 400))
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
				s := newTestServer(t, Config{MaxOutboxPackets: 8, MaxOutboxBytes: 1000, Recovery: RecoveryConfig{Enabled: kind.recovery}})

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

// TestFoundBeforeTold has others send to a client that can be found already and has
// not been told of its socket yet. Whatever the way, nothing overtakes that or each
// other.
func TestFoundBeforeTold(t *testing.T) {
	t.Parallel()
	for _, recovery := range []bool{false, true} {
		t.Run(fmt.Sprint("may come back ", recovery), func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, Config{Recovery: RecoveryConfig{Enabled: recovery}})
			s.OnRooms(RoomHooks{Join: func(_, id string) {
				socket, ok := s.Socket(id)
				if !ok {
					t.Error("the socket cannot be found")
					return
				}
				for i, err := range []error{
					socket.Emit("alone", 1),
					s.To(id).Emit("room", 2),
					socket.Emit("asked", 3, func() {}),
					socket.Emit("alone", 4),
					s.Emit("all", 5),
				} {
					if err != nil {
						t.Errorf("event %d: %v", i+1, err)
					}
				}
			}})
			c := dial(t, s)
			if c.can = allFeatures; recovery {
				c.can |= packet.FeatureRecovery
			}
			c.connect("/")
			c.wait()
			want := []string{"connect /", "event / alone(1)", "event / room(2)", "event / #0 asked(3)", "event / alone(4)", "event / all(5)"}
			if diff := cmp.Diff(want, c.log()); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVolatileBeforeTold sends what may be dropped to a client that has not been told
// of its socket yet, and so is not ready for it. Nobody waits for its answer.
func TestVolatileBeforeTold(t *testing.T) {
	t.Parallel()
	for _, recovery := range []bool{false, true} {
		s := newTestServer(t, Config{Recovery: RecoveryConfig{Enabled: recovery}})
		s.OnRooms(RoomHooks{Join: func(_, id string) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if got, err := s.Volatile().EmitWithAcks(ctx, "asked"); err != nil || got.Asked != 0 || got.NotAsked != 0 {
				t.Errorf("asked %d, not asked %d: %v", got.Asked, got.NotAsked, err)
			}
			socket, _ := s.Socket(id)
			if _, err := socket.Volatile().EmitWithAck(ctx, "asked"); !errors.Is(err, ErrDropped) {
				t.Errorf("the socket alone: %v", err)
			}
			if err := errors.Join(socket.Volatile().Emit("alone", "text"), s.Volatile().Emit("all", "text")); err != nil {
				t.Error(err)
			}
		}})
		c := dial(t, s)
		if c.can = allFeatures; recovery {
			c.can |= packet.FeatureRecovery
		}
		c.connect("/")
		c.wait()
		if diff := cmp.Diff([]string{"connect /"}, c.log()); diff != "" {
			t.Errorf("may come back %v: sent (-want +got):\n%s", recovery, diff)
		}
	}
}

// TestOrderWhileTold has several senders reach clients in every way while these come.
// Each client gets everything of each sender, in order, behind its confirmation.
func TestOrderWhileTold(t *testing.T) {
	t.Parallel()
	const clients, senders = 12, 3
	s := newTestServer(t, Config{Recovery: RecoveryConfig{Enabled: true}})
	stop := make(chan struct{})
	var rounds [senders]atomic.Int64
	s.OnRooms(RoomHooks{Join: func(string, string) {
		// The client is told when all have sent to it in each of the ways.
		limit := time.Now().Add(30 * time.Second)
		for g := range rounds {
			for until := rounds[g].Load() + 4; rounds[g].Load() < until; time.Sleep(100 * time.Microsecond) {
				if time.Now().After(limit) {
					t.Error("the senders do not come round")
					return
				}
			}
		}
	}})
	var wg sync.WaitGroup
	for g := range senders {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				for _, socket := range s.Sockets() {
					if len(socket.Rooms()) == 0 {
						continue // by its room it cannot be reached yet
					}
					var err error
					switch n % 3 {
					case 0:
						err = socket.Emit("n", g, socket.Get(strconv.Itoa(g)))
					case 1:
						err = s.To(socket.id).Emit("n", g, socket.Get(strconv.Itoa(g)))
					case 2:
						err = socket.Emit("n", g, socket.Get(strconv.Itoa(g)), func() {})
					}
					if err != nil {
						continue // too many questions
					}
					was, _ := socket.Get(strconv.Itoa(g)).(int)
					socket.Set(strconv.Itoa(g), was+1)
				}
				rounds[g].Add(1)
				time.Sleep(time.Millisecond) // far below what may wait for a client
			}
		})
	}
	all := make([]*fakeConn, clients)
	for i := range all {
		c := dial(t, s)
		if c.can = allFeatures; i%2 == 0 {
			c.can |= packet.FeatureRecovery
		}
		c.connect("/")
		c.wait()
		all[i] = c
	}
	close(stop)
	wg.Wait()
	for _, c := range all {
		got := c.log()
		if len(got) == 0 || got[0] != "connect /" {
			t.Fatalf("begins with %q", got[:min(3, len(got))])
		}
		var next [senders]int
		for _, line := range got[1:] {
			var g, n int
			args := strings.Replace(line[strings.Index(line, "("):], "null", "0", 1)
			if _, err := fmt.Sscanf(args, "(%d,%d)", &g, &n); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if n != next[g] {
				t.Fatalf("%d of sender %d where %d was due", n, g, next[g])
			}
			next[g]++
		}
	}
}

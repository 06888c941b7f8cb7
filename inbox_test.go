package socketio

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// TestInboxIsBounded fills the inbox of a client whose handler blocks.
func TestInboxIsBounded(t *testing.T) {
	t.Parallel()
	big := `"` + strings.Repeat("x", 1000) + `"`
	tests := []struct {
		name   string
		config Config
		args   string
		fits   int
	}{
		{"packets", Config{MaxInboxPackets: 3}, "1", 3},
		{"bytes", Config{MaxInboxBytes: 2500}, big, 2},
		{"one always fits", Config{MaxInboxBytes: 10}, big, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, test.config)
				c, socket := join(t, s)
				hold := make(chan struct{})
				handled := 0
				socket.On("ev", func() { <-hold; handled++ })
				received := 0
				go func() {
					for range 10 {
						c.event("/", "ev", test.args)
						received++
					}
				}()
				synctest.Wait()
				// One is with the handler, and one more Receive is blocked.
				if received != test.fits+1 {
					t.Errorf("%d were taken, want %d", received, test.fits+1)
				}
				close(hold)
				synctest.Wait()
				if received != 10 || handled != 10 {
					t.Errorf("%d were taken in the end and %d handled", received, handled)
				}
			})
		})
	}
}

// TestEndReleasesReceive ends a connection while Receive waits for room.
func TestEndReleasesReceive(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		name string
		do   func(c *fakeConn, s *Socket)
	}{
		{"lost", func(c *fakeConn, _ *Socket) { c.lose(ReasonPingTimeout) }},
		{"closed by the server", func(_ *fakeConn, s *Socket) { s.Disconnect(true) }},
	} {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, Config{MaxInboxPackets: 1})
				c, socket := join(t, s)
				hold := make(chan struct{})
				socket.On("ev", func() { <-hold })
				released := false
				go func() {
					for range 5 {
						c.event("/", "ev", "")
					}
					released = true
				}()
				synctest.Wait()
				end.do(c, socket)
				synctest.Wait()
				if !released {
					t.Error("Receive still waits")
				}
				close(hold)
			})
		})
	}
}

// TestOrder: packets of one client are handled in order, whatever the length of
// the queue does meanwhile.
func TestOrder(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	const n = 5000
	var got []int
	socket.On("ev", func(i int) {
		got = append(got, i)
		if i%97 == 0 {
			runtime.Gosched()
		}
	})
	want := make([]int, n)
	for i := range want {
		want[i] = i
		c.event("/", "ev", fmt.Sprint(i))
	}
	c.wait()
	if !slices.Equal(got, want) {
		t.Error("out of order")
	}
	cl := c.receiver.(*client)
	cl.mu.Lock()
	defer cl.mu.Unlock()
	if cl.bytes != 0 || cl.packets != 0 || cap(cl.jobs) > keepJobs {
		t.Errorf("an empty inbox counts %d bytes, %d packets and keeps %d jobs", cl.bytes, cl.packets, cap(cl.jobs))
	}
}

// TestBusyInboxStaysSmall: a queue that is never empty does not grow with what
// has passed through it.
func TestBusyInboxStaysSmall(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{MaxInboxPackets: 8})
	c, socket := join(t, s)
	const n = 2000
	cl := c.receiver.(*client)
	largest := 0
	socket.On("ev", func(i int) {
		for waiting := 0; waiting == 0 && i < n-1; runtime.Gosched() {
			cl.mu.Lock()
			waiting, largest = cl.packets, max(largest, cap(cl.jobs))
			cl.mu.Unlock()
		}
	})
	for i := range n {
		c.event("/", "ev", fmt.Sprint(i))
	}
	c.wait()
	if largest > 64 {
		t.Errorf("the queue grew to %d jobs", largest)
	}
}

// TestClientsInParallel: a handler that blocks holds up its own client alone.
func TestClientsInParallel(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	const n = 10
	var meet sync.WaitGroup
	meet.Add(n)
	s.OnConnection(func(s *Socket) {
		s.On("ev", func() { meet.Done(); meet.Wait() })
	})
	for range n {
		c, _ := join(t, s)
		c.event("/", "ev", "")
	}
	meet.Wait()
}

package transports

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

// fakeConn is a connection that notes what is written.
type fakeConn struct {
	write func(frames []*packet.Frame) error // nil: succeeds at once

	mu sync.Mutex
	// Guarded by mu:
	got    []string
	writes int
}

var errFake = errors.New("fake failure")

func (c *fakeConn) Read(func([]byte, bool) error) error { return ErrPeerClosed }

func (c *fakeConn) Write(frames []*packet.Frame) error {
	c.mu.Lock()
	c.writes++
	for _, f := range frames {
		c.got = append(c.got, string(f.Data))
	}
	c.mu.Unlock()
	if c.write != nil {
		return c.write(frames)
	}
	return nil
}

func (c *fakeConn) Goodbye(code CloseCode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, fmt.Sprint("goodbye ", int(code)))
}

func (c *fakeConn) Terminate() {}

func (c *fakeConn) written() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.got...)
}

func newOutbox() *outbox.Outbox {
	o := &outbox.Outbox{}
	o.Init(&outbox.Limits{Bytes: 100 << 20, Frames: 1_000_000})
	return o
}

func put(t *testing.T, o *outbox.Outbox, data ...string) {
	t.Helper()
	frames := make([]packet.Frame, len(data))
	for i, d := range data {
		frames[i].Data = []byte(d)
	}
	if err := o.Put(frames, false); err != nil {
		t.Error(err)
	}
}

func TestDuplex(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, c := newOutbox(), &fakeConn{}
		d := NewDuplex(c, o, func(err error) { t.Error(err) })
		if d.Conn() != Conn(c) {
			t.Error("another connection")
		}
		put(t, o, "a", "b")
		synctest.Wait()
		if got := c.written(); len(got) != 0 {
			t.Errorf("written before it is attached: %q", got)
		}
		o.Attach(d)
		d.Wait()
		put(t, o, "c")
		d.Wait()
		put(t, o, "d")
		d.End(CloseNormal)
		d.Wait()
		if diff := cmp.Diff([]string{"a", "b", "c", "d", "goodbye 1000"}, c.written()); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
		d.Wait() // of a writer that does not run
	})
}

// TestDuplexGathers: what comes while a write is under way leaves in the next.
func TestDuplexGathers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox()
		c := &fakeConn{write: func([]*packet.Frame) error {
			time.Sleep(time.Second)
			return nil
		}}
		d := NewDuplex(c, o, func(err error) { t.Error(err) })
		o.Attach(d)
		put(t, o, "first")
		synctest.Wait()
		for i := range 100 {
			put(t, o, fmt.Sprint(i))
		}
		d.Wait()
		if n := len(c.written()); n != 101 || c.writes != 2 {
			t.Errorf("%d frames in %d writes, want 101 in 2", n, c.writes)
		}
		// A write is bounded in bytes, though.
		for range 4 {
			put(t, o, strings.Repeat("x", takeBytes-1))
		}
		d.Wait()
		if c.writes != 6 {
			t.Errorf("%d writes, want 6", c.writes)
		}
	})
}

func TestDuplexError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox()
		c := &fakeConn{write: func([]*packet.Frame) error { return errFake }}
		var errs []error
		d := NewDuplex(c, o, func(err error) { errs = append(errs, err) })
		put(t, o, "a")
		o.Attach(d)
		d.Wait()
		if len(errs) != 1 || !errors.Is(errs[0], errFake) {
			t.Errorf("told %v", errs)
		}
		if n, _ := o.Len(); n != 0 {
			t.Errorf("%d frames kept", n)
		}
		if err := o.PutControl(textFrame("x")); !errors.Is(err, outbox.ErrClosed) {
			t.Errorf("further frames: %v", err)
		}
	})
}

// TestDuplexReplaced: a carrier that another has taken the place of writes no
// more, and can still be waited for.
func TestDuplexReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox()
		release := make(chan struct{})
		old := &fakeConn{write: func([]*packet.Frame) error { <-release; return nil }}
		d := NewDuplex(old, o, func(err error) { t.Error(err) })
		o.Attach(d)
		put(t, o, "a")
		synctest.Wait()
		next := &fakeConn{}
		e := NewDuplex(next, o, func(err error) { t.Error(err) })
		o.Attach(e)
		put(t, o, "b")
		e.Wait()
		close(release)
		d.Wait()
		if diff := cmp.Diff([][]string{{"a"}, {"b"}}, [][]string{old.written(), next.written()}); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
	})
}

// TestDuplexConcurrent: many senders, whose frames arrive complete and in each
// sender's order, and a writer that ends.
func TestDuplexConcurrent(t *testing.T) {
	t.Parallel()
	const senders, each = 8, 500
	o, c := newOutbox(), &fakeConn{}
	d := NewDuplex(c, o, func(err error) { t.Error(err) })
	o.Attach(d)
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				put(t, o, fmt.Sprint(s, " ", i), fmt.Sprint(s, " and ", i))
			}
		})
	}
	wg.Wait()
	d.End(CloseNone)
	d.Wait()
	got := c.written()
	next := [senders]int{}
	for i := 0; i+1 < len(got); i += 2 {
		var s, n int
		if _, err := fmt.Sscan(got[i], &s, &n); err != nil || n != next[s] || got[i+1] != fmt.Sprint(s, " and ", n) {
			t.Fatalf("%q, then %q", got[i], got[i+1])
		}
		next[s]++
	}
	if len(got) != 2*senders*each+1 || got[len(got)-1] != "goodbye 1005" {
		t.Errorf("%d writes, the last %q", len(got), got[len(got)-1])
	}
}

// TestDuplexStalled: the write deadline ends a writer whose client does not
// read.
// TestDuplexEndOvertakesNothing: what is queued right before an End is written before
// the goodbye, also if the writer was just about to stop.
func TestDuplexEndOvertakesNothing(t *testing.T) {
	t.Parallel()
	want := []string{"first", "last", fmt.Sprint("goodbye ", int(CloseNone))}
	for range 12_000 {
		written := make(chan struct{}, 2)
		c := &fakeConn{write: func([]*packet.Frame) error {
			written <- struct{}{}
			return nil
		}}
		o := newOutbox()
		d := NewDuplex(c, o, func(err error) { t.Error(err) })
		o.Attach(d)
		put(t, o, "first")
		<-written
		put(t, o, "last")
		o.Close()
		d.End(CloseNone)
		d.Wait()
		if diff := cmp.Diff(want, c.written()); diff != "" {
			t.Fatalf("written (-want +got):\n%s", diff)
		}
	}
}

func TestDuplexStalled(t *testing.T) {
	t.Parallel()
	_, server := connect(t, DuplexParams{WriteTimeout: 50 * time.Millisecond})
	o := newOutbox()
	failed := make(chan error, 1)
	d := NewDuplex(server, o, func(err error) { failed <- err })
	for range 64 {
		put(t, o, strings.Repeat("x", 1<<20))
	}
	o.Attach(d)
	began := time.Now()
	d.Wait()
	if time.Since(began) > patience {
		t.Errorf("after %v", time.Since(began))
	}
	select {
	case <-failed:
	default:
		t.Error("nobody was told")
	}
}

// TestDuplexWaits has several wait for one write, some of them not as long as it
// takes.
func TestDuplexWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeConn{write: func([]*packet.Frame) error { time.Sleep(time.Minute); return nil }}
		o := newOutbox()
		d := NewDuplex(c, o, func(error) {})
		if !d.WaitAtMost(0) {
			t.Error("waited for a writer that does not run")
		}
		o.Attach(d)
		put(t, o, "a")
		synctest.Wait()
		began := time.Now()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(d.Wait)
			wg.Go(func() {
				if d.WaitAtMost(time.Second) || time.Since(began) != time.Second {
					t.Errorf("after %v", time.Since(began))
				}
			})
			wg.Go(func() {
				if !d.WaitAtMost(time.Hour) || time.Since(began) != time.Minute {
					t.Errorf("after %v", time.Since(began))
				}
			})
		}
		wg.Wait()
	})
}

// TestDuplexOneWrite: messages that queue up behind a write leave the process
// together.
func TestDuplexOneWrite(t *testing.T) {
	t.Parallel()
	client, server := connect(t, DuplexParams{})
	o := newOutbox()
	d := NewDuplex(server, o, func(err error) { t.Error(err) })
	for i := range 200 {
		put(t, o, fmt.Sprint(i))
	}
	before := server.net.writes.Load()
	o.Attach(d)
	d.Wait()
	if n := server.net.writes.Load() - before; n != 1 {
		t.Errorf("%d writes", n)
	}
	for i := range 200 {
		if f := client.mustRead(); string(f.data) != fmt.Sprint(i) {
			t.Fatalf("frame %d: %q", i, f.data)
		}
	}
}

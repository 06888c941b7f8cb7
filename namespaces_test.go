package socketio

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/rooms"
)

// TestNamespaceIsKnownWhenItIsOpen: a client that comes while the adapter is
// being made finds no namespace yet, and whoever asks for it meanwhile waits.
func TestNamespaceIsKnownWhenItIsOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var made atomic.Int32
		s := newTestServer(t, Config{Adapter: func(ns *Namespace) rooms.Adapter {
			if ns.Name() == "/late" {
				made.Add(1)
				time.Sleep(time.Second)
			}
			return nil
		}})
		c := dial(t, s)
		c.connect("/")
		var callers sync.WaitGroup
		found := make([]*Namespace, 8)
		for i := range found {
			callers.Go(func() { found[i] = s.Of("/late") })
		}
		synctest.Wait()
		c.connect("/late")
		c.wait()
		if s.Of("/other").Adapter() == nil { // nobody waits for another one
			t.Error("no adapter")
		}
		callers.Wait()
		c.connect("/late")
		c.wait()
		if d := cmp.Diff([]string{"connect /", `error /late"Invalid namespace"`, "connect /late"}, c.log()); d != "" {
			t.Error(d)
		}
		for _, ns := range found {
			if ns != found[0] || ns.Adapter() == nil {
				t.Error("not one open namespace")
			}
		}
		if made.Load() != 1 {
			t.Errorf("%d adapters for one namespace", made.Load())
		}
	})
}

// TestAdapterThatPanics: the one who asked gets the panic, and the next one
// tries again.
func TestAdapterThatPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		s := newTestServer(t, Config{Adapter: func(ns *Namespace) rooms.Adapter {
			if ns.Name() == "/chat" && calls.Add(1) == 1 {
				time.Sleep(time.Second)
				panic("out of order")
			}
			return nil
		}})
		var callers sync.WaitGroup
		var panics atomic.Int32
		for range 3 {
			callers.Go(func() {
				defer func() {
					if recover() != nil {
						panics.Add(1)
					}
				}()
				if s.Of("/chat").Adapter() == nil {
					t.Error("no adapter")
				}
			})
		}
		callers.Wait()
		if panics.Load() != 1 || calls.Load() != 2 {
			t.Errorf("%d panics, %d calls", panics.Load(), calls.Load())
		}
	})
}

// TestNamespaceOfAClosedServer: its adapter is closed too.
func TestNamespaceOfAClosedServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		made := map[string]*countingAdapter{}
		s := newTestServer(t, Config{Adapter: func(ns *Namespace) rooms.Adapter {
			if ns.Name() == "/slow" {
				time.Sleep(time.Second)
			}
			mu.Lock()
			defer mu.Unlock()
			made[ns.Name()] = &countingAdapter{Adapter: rooms.NewStore()}
			return made[ns.Name()]
		}})
		var slow sync.WaitGroup
		slow.Go(func() { s.Of("/slow") })
		synctest.Wait()
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		s.Of("/late")
		slow.Wait()
		for _, name := range []string{"/", "/slow", "/late"} {
			if a := made[name]; a == nil || a.closed != 1 {
				t.Errorf("that of %s was not closed once", name)
			}
		}
	})
}

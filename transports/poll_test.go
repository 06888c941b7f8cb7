package transports

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

func datas(frames []*packet.Frame) []string {
	var out []string
	for _, f := range frames {
		out = append(out, string(f.Data))
	}
	return out
}

func TestHeld(t *testing.T) {
	t.Parallel()
	t.Run("frames wait already", func(t *testing.T) {
		t.Parallel()
		o := newOutbox()
		put(t, o, "a", "b")
		h := Hold(o)
		h.Tell()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := h.Wait(ctx); err != nil { // they go first, whatever else is
			t.Errorf("error %v", err)
		}
		if diff := cmp.Diff([]string{"a", "b"}, datas(h.Take(nil, 100))); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		if o.Attached(h) {
			t.Error("still attached")
		}
	})
	t.Run("frames come", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOutbox()
			h := Hold(o)
			done := make(chan error, 1)
			go func() { done <- h.Wait(t.Context()) }()
			synctest.Wait()
			select {
			case <-done:
				t.Fatal("not held")
			default:
			}
			put(t, o, "aaa", "bbb", "ccc")
			if err := <-done; err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff([]string{"aaa", "bbb"}, datas(h.Take(nil, 6))); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"ccc"}, datas(Hold(o).Take(nil, 6))); diff != "" {
				t.Errorf("by the next (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("told", func(t *testing.T) {
		t.Parallel()
		o := newOutbox()
		h := Hold(o)
		h.Tell()
		h.Tell() // does not block
		if err := h.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if got := h.Take(nil, 100); len(got) != 0 {
			t.Errorf("taken %q", datas(got))
		}
	})
	t.Run("dropped", func(t *testing.T) {
		t.Parallel()
		o := newOutbox()
		h := Hold(o)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errFake)
		if err := h.Wait(ctx); !errors.Is(err, errFake) {
			t.Errorf("error %v", err)
		}
		h.Release()
		if o.Attached(h) {
			t.Error("still attached")
		}
		if err := o.Put(make([]packet.Frame, 1), true); !errors.Is(err, outbox.ErrDropped) {
			t.Errorf("volatile frame: %v", err)
		}
	})
	t.Run("replaced", func(t *testing.T) {
		t.Parallel()
		o := newOutbox()
		h := Hold(o)
		next := Hold(o)
		put(t, o, "a")
		if got := h.Take(nil, 100); len(got) != 0 || !o.Attached(next) {
			t.Errorf("taken %q", datas(got))
		}
		h.Release()
		if got := next.Take(nil, 100); len(got) != 1 {
			t.Errorf("by the next: %q", datas(got))
		}
	})
}

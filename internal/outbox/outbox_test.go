package outbox

import (
	"errors"
	"sync"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

type drain struct {
	mu    sync.Mutex
	woken int
}

func (d *drain) Wake() {
	d.mu.Lock()
	d.woken++
	d.mu.Unlock()
}

func frames(data ...string) []packet.Frame {
	fs := make([]packet.Frame, len(data))
	for i, s := range data {
		fs[i].Data = []byte(s)
	}
	return fs
}

func text(fs []*packet.Frame) string {
	var s string
	for _, f := range fs {
		s += string(f.Data) + " "
	}
	return s
}

func box(bytes, n int) *Outbox {
	o := &Outbox{}
	o.Init(&Limits{Bytes: bytes, Frames: n})
	return o
}

func TestOrderAndWake(t *testing.T) {
	t.Parallel()
	o, d := box(100, 10), &drain{}
	must(t, o.Put(frames("a"), false))
	if d.woken != 0 {
		t.Fatal("woken before it was attached")
	}
	o.Attach(d)
	must(t, o.Put(frames("b", "c"), false))
	if d.woken != 1 {
		t.Fatalf("woken %d times, want once until the queue was found empty", d.woken)
	}
	if got := text(o.Take(d, nil, 100)); got != "a b c " {
		t.Fatalf("took %q", got)
	}
	must(t, o.Put(frames("d"), false))
	if d.woken != 1 {
		t.Fatal("woken although it has not found the queue empty")
	}
	if got := text(o.Take(d, nil, 100)); got != "d " {
		t.Fatalf("took %q", got)
	}
	if got := o.Take(d, nil, 100); len(got) != 0 {
		t.Fatalf("took %q from an empty queue", text(got))
	}
	must(t, o.Put(frames("e"), false))
	if d.woken != 2 {
		t.Fatalf("woken %d times, want 2", d.woken)
	}
}

func TestTakeStaysWithinBytes(t *testing.T) {
	t.Parallel()
	o, d := box(100, 10), &drain{}
	o.Attach(d)
	must(t, o.Put(frames("aaaa", "bb", "cc", "d"), false))
	for _, want := range []string{"aaaa ", "bb ", "cc d "} {
		if got := text(o.Take(d, nil, 3)); got != want {
			t.Fatalf("took %q, want %q", got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	o := box(4, 3)
	must(t, o.Put(frames("larger than the bound"), false))
	if err := o.Put(frames("x"), false); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	o = box(100, 3)
	must(t, o.Put(frames("a", "b"), false))
	if err := o.Put(frames("c", "d"), false); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	must(t, o.Put(frames("c"), false))
	if n, b := o.Len(); n != 3 || b != 3 {
		t.Fatalf("%d frames, %d bytes", n, b)
	}
}

func TestVolatile(t *testing.T) {
	t.Parallel()
	o, d := box(100, 10), &drain{}
	if err := o.Put(frames("v"), true); !errors.Is(err, ErrDropped) {
		t.Fatalf("without a carrier: %v", err)
	}
	o.Attach(d)
	must(t, o.Put(frames("v"), true))
	if err := o.Put(frames("w"), true); !errors.Is(err, ErrDropped) {
		t.Fatalf("with a busy carrier: %v", err)
	}
	o.Take(d, nil, 100)
	if err := o.Put(frames("w"), true); !errors.Is(err, ErrDropped) {
		t.Fatalf("while the carrier writes: %v", err)
	}
	o.Take(d, nil, 100)
	must(t, o.Put(frames("w"), true))
}

func TestChangeOfCarrier(t *testing.T) {
	t.Parallel()
	o, a, b := box(100, 10), &drain{}, &drain{}
	o.Attach(a)
	must(t, o.Put(frames("1", "2"), false))
	took := o.Take(a, nil, 1)
	o.Attach(b)
	if b.woken != 1 {
		t.Fatal("the new carrier was not woken")
	}
	if got := o.Take(a, nil, 100); len(got) != 0 {
		t.Fatalf("the old carrier took %q", text(got))
	}
	o.PutBack(took)
	if got := text(o.Take(b, nil, 100)); got != "1 2 " {
		t.Fatalf("took %q", got)
	}
	o.Detach(a)
	must(t, o.Put(frames("3"), false))
	if got := text(o.Take(b, nil, 100)); got != "3 " {
		t.Fatalf("took %q", got)
	}
}

func TestCloseAndDiscard(t *testing.T) {
	t.Parallel()
	o, d := box(100, 10), &drain{}
	must(t, o.Put(frames("1"), false))
	if o.Closed() {
		t.Fatal("closed")
	}
	o.Close()
	if !o.Closed() {
		t.Fatal("not closed")
	}
	if err := o.Put(frames("2"), false); !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
	if err := o.PutControl(&packet.Frame{}); !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
	o.Attach(d)
	if got := text(o.Take(d, nil, 100)); got != "1 " {
		t.Fatalf("took %q", got)
	}
	o.Attach(d)
	woken := d.woken
	o.CloseWith(&packet.Frame{Data: []byte("late")})
	if n, _ := o.Len(); n != 0 || d.woken != woken {
		t.Fatalf("%d frames after the end", n)
	}
	o = box(1, 1)
	must(t, o.Put(frames("1"), false))
	o.CloseWith(&packet.Frame{Data: []byte("last")})
	if err := o.Put(frames("2"), false); !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
	if n, b := o.Len(); n != 2 || b != 5 {
		t.Fatalf("%d frames, %d bytes", n, b)
	}
	o.Attach(d)
	if got := text(o.Take(d, nil, 100)); got != "1 last " {
		t.Fatalf("took %q", got)
	}
	o, d = box(1, 1), &drain{}
	o.Attach(d)
	o.CloseWith(&packet.Frame{Data: []byte("only")})
	if d.woken != 1 {
		t.Fatal("nobody takes the last frame")
	}
	o = box(100, 10)
	must(t, o.Put(frames("1"), false))
	o.Discard()
	if n, b := o.Len(); n != 0 || b != 0 {
		t.Fatalf("%d frames, %d bytes", n, b)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkPutTake(b *testing.B) {
	o, d := box(1<<20, 1<<10), &drain{}
	o.Attach(d)
	fs := frames("42[\"msg\"]")
	buf := make([]*packet.Frame, 0, 4)
	b.ReportAllocs()
	for b.Loop() {
		_ = o.Put(fs, false)
		for {
			if buf = o.Take(d, buf[:0], 100); len(buf) == 0 {
				break
			}
		}
	}
}

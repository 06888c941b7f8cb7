package packet

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// countingEncoder counts its calls.
type countingEncoder struct {
	key   Key
	err   error
	calls atomic.Int32
}

func (e *countingEncoder) Key() Key { return e.key }

func (e *countingEncoder) Encode(p *Packet) ([]Frame, error) {
	e.calls.Add(1)
	if e.err != nil {
		return nil, e.err
	}
	return []Frame{{Data: []byte(string(e.key) + p.Name)}, {Data: []byte{4}, Binary: true}}, nil
}

func TestPreparedEncodesOncePerKey(t *testing.T) {
	t.Parallel()
	const receivers = 64
	encoders := []*countingEncoder{{key: "a"}, {key: "b"}, {key: "c"}, {key: "d", err: errors.New("no")}}
	p := Prepare(&Packet{Type: Event, Name: "news"})
	first := make([]atomic.Pointer[Frame], len(encoders))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range receivers {
		wg.Go(func() {
			<-start
			for k := range encoders {
				k = (k + i) % len(encoders)
				e := encoders[k]
				frames, err := p.Frames(e)
				if !errors.Is(err, e.err) {
					t.Errorf("%s: error %v", e.key, err)
				}
				if err != nil {
					continue
				}
				if len(frames) != 2 || string(frames[0].Data) != string(e.key)+"news" {
					t.Errorf("%s: other frames", e.key)
					continue
				}
				if first[k].CompareAndSwap(nil, &frames[0]); first[k].Load() != &frames[0] {
					t.Errorf("%s: frames not shared", e.key)
				}
			}
		})
	}
	close(start)
	wg.Wait()
	for _, e := range encoders {
		if n := e.calls.Load(); n != 1 {
			t.Errorf("%s: encoded %d times", e.key, n)
		}
	}
	if p.Packet().Name != "news" {
		t.Error("another packet")
	}
}

func TestPreparedFramesAllocatesNothing(t *testing.T) {
	p := Prepare(&Packet{Name: "news"})
	var e Encoder = &countingEncoder{key: "a"}
	_, _ = p.Frames(e)
	if n := testing.AllocsPerRun(100, func() { _, _ = p.Frames(e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFrameWire(t *testing.T) {
	t.Parallel()
	f := &Frame{Data: []byte("4x")}
	builds := 0
	build := func(f *Frame) []byte {
		builds++
		return append([]byte{0x81, 2}, f.Data...)
	}
	if b := f.Wire(build); b != nil || builds != 0 {
		t.Fatalf("the first caller got %q after %d builds", b, builds)
	}
	second, third := f.Wire(build), f.Wire(build)
	if string(second) != "\x81\x024x" || &second[0] != &third[0] || builds != 1 {
		t.Errorf("got %q and %q after %d builds", second, third, builds)
	}
}

func TestFrameSharesUnderConcurrency(t *testing.T) {
	t.Parallel()
	f := &Frame{Data: []byte("4x")}
	var nils atomic.Int32
	var wire atomic.Pointer[byte]
	var extra atomic.Pointer[int]
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			b := f.Wire(func(f *Frame) []byte { return append([]byte(nil), f.Data...) })
			if b == nil {
				nils.Add(1)
			} else if wire.CompareAndSwap(nil, &b[0]); wire.Load() != &b[0] {
				t.Error("wire bytes not shared")
			}
			x := f.Extra(func(*Frame) any { return &i }).(*int)
			if extra.CompareAndSwap(nil, x); extra.Load() != x {
				t.Error("extra not shared")
			}
		})
	}
	wg.Wait()
	if n := nils.Load(); n != 1 {
		t.Errorf("%d callers got nothing, want 1", n)
	}
}

// A build that is overtaken by another takes that one's result.
func TestFrameOvertakenBuilds(t *testing.T) {
	t.Parallel()
	f := &Frame{}
	f.Wire(nil)
	got := f.Wire(func(f *Frame) []byte {
		f.Wire(func(*Frame) []byte { return []byte("early") })
		return []byte("late")
	})
	if string(got) != "early" {
		t.Errorf("Wire = %q", got)
	}
	x := f.Extra(func(f *Frame) any {
		f.Extra(func(*Frame) any { return "early" })
		return "late"
	})
	if x != "early" {
		t.Errorf("Extra = %v", x)
	}
}

func TestTypeString(t *testing.T) {
	t.Parallel()
	want := map[Type]string{
		Connect: "connect", Disconnect: "disconnect", Event: "event", Ack: "ack", Error: "error", 99: "unknown",
	}
	for typ, name := range want {
		if got := typ.String(); got != name {
			t.Errorf("%d: %q, want %q", typ, got, name)
		}
	}
}

func TestFeatureHas(t *testing.T) {
	t.Parallel()
	set := FeatureEvents | FeatureAcks
	if !set.Has(FeatureAcks) || !set.Has(set) || !set.Has(0) {
		t.Error("a feature is missed")
	}
	if set.Has(FeatureBinary) || set.Has(FeatureAcks|FeatureBinary) {
		t.Error("a feature too many")
	}
}

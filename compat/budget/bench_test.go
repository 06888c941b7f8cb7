package budget

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	socketio "github.com/heirloom-io/socketio"
)

const (
	benchMembers = 1000
	benchPayload = 128
	// deliveryAllocs is the budget of allocations for one delivery of a
	// broadcast, the sender's own work included.
	deliveryAllocs = 1.0
)

// room fills a room with websocket clients that count what they get. The func it
// returns waits until they have got so many, and fails when one of them has ended.
func room(tb testing.TB, addr string, members int, dial func(addr string) (*peer, error)) (wait func(total int64)) {
	tb.Helper()
	var got atomic.Int64
	var mu sync.Mutex
	var ended error // under mu
	more := sync.NewCond(&mu)
	for range members {
		p, err := dial(addr)
		if err != nil {
			tb.Fatal(err)
		}
		if err := p.write(`421["join","r"]`); err != nil {
			tb.Fatal(err)
		}
		if err := p.until("431"); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = p.conn.Close() })
		go func() { // ends when its connection is closed
			buf := make([]byte, 1024)
			for {
				b, err := p.read(buf)
				if err != nil {
					mu.Lock()
					ended = err
					more.Broadcast()
					mu.Unlock()
					return
				}
				if bytes.HasPrefix(b, []byte(`42["msg"`)) && got.Add(1)%int64(members) == 0 {
					mu.Lock()
					more.Broadcast()
					mu.Unlock()
				}
			}
		}()
	}
	return func(total int64) {
		mu.Lock()
		defer mu.Unlock()
		for got.Load() < total {
			if ended != nil {
				tb.Fatalf("a member has ended after %d of %d deliveries: %v", got.Load(), total, ended)
			}
			more.Wait()
		}
	}
}

// BenchmarkBroadcast is one broadcast to 1,000 websocket members, from Emit until
// the last of them has it. The time includes the clients' own.
func BenchmarkBroadcast(b *testing.B) {
	srv, addr := serve(b, withoutHeartbeats)
	wait := room(b, addr, benchMembers, dial)
	payload := strings.Repeat("x", benchPayload)
	total := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		if err := srv.To("r").Emit("msg", payload); err != nil {
			b.Fatal(err)
		}
		total += benchMembers
		wait(total)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(total), "ns/delivery")
}

// TestBroadcastAllocations holds a delivery to its budget of allocations.
func TestBroadcastAllocations(t *testing.T) {
	t.Run("2.x", func(t *testing.T) { holdDeliveries(t, dial) })
	t.Run("4.x", func(t *testing.T) { holdDeliveries(t, dialJoined) })
}

func holdDeliveries(t *testing.T, dial func(addr string) (*peer, error)) {
	t.Helper()
	srv, addr := serve(t, withoutHeartbeats)
	wait := room(t, addr, benchMembers, dial)
	payload := strings.Repeat("x", benchPayload)
	const rounds = 50
	total := int64(0)
	emit := func() {
		if err := srv.To("r").Emit("msg", payload); err != nil {
			t.Fatal(err)
		}
		total += benchMembers
		wait(total)
	}
	for range 5 {
		emit() // pools and stacks settle
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		emit()
	}
	runtime.ReadMemStats(&after)
	perDelivery := float64(after.Mallocs-before.Mallocs) / (rounds * benchMembers)
	t.Logf("%.3f allocations for each delivery", perDelivery)
	if !raceEnabled && perDelivery > deliveryAllocs {
		t.Errorf("%.3f allocations for each delivery, want at most %.1f", perDelivery, deliveryAllocs)
	}
}

// BenchmarkEcho is one event and its acknowledgement over a websocket, with the
// client's own time included.
func BenchmarkEcho(b *testing.B) {
	_, addr := serve(b, socketio.Config{})
	p, err := dial(addr)
	if err != nil {
		b.Fatal(err)
	}
	defer p.conn.Close()
	ask := `427["echo","` + strings.Repeat("x", benchPayload) + `"]`
	b.ReportAllocs()
	for b.Loop() {
		if err := p.write(ask); err != nil {
			b.Fatal(err)
		}
		if err := p.until("437"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEchoParallel keeps as many echoes under way as there are processors.
func BenchmarkEchoParallel(b *testing.B) {
	_, addr := serve(b, socketio.Config{})
	ask := `427["echo","` + strings.Repeat("x", benchPayload) + `"]`
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		p, err := dial(addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer p.conn.Close()
		buf := make([]byte, 1024)
		for pb.Next() {
			if err := p.write(ask); err != nil {
				b.Error(err)
				return
			}
			if _, err := p.read(buf); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

package socketio

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/packet"
)

// TestStress lets clients come, talk, move between rooms and vanish, all at
// once, and checks that nothing of them is left.
func TestStress(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{MaxInboxPackets: 8, Adapter: keepOpen})
	chat := s.Of("/chat")
	chat.Use(func(s *Socket) error {
		if s.Handshake().Query.Get("refuse") != "" {
			return errors.New("refused")
		}
		return nil
	})
	var mu sync.Mutex
	connected, ended := 0, 0
	welcome := func(s *Socket) {
		mu.Lock()
		connected++
		mu.Unlock()
		s.OnDisconnect(func(Reason) {
			mu.Lock()
			ended++
			mu.Unlock()
		})
		s.On("join", func(room string) { s.Join(room) })
		s.On("pub", func(room, text string) { _ = s.To(room).Emit("msg", text) })
		s.On("ask", func() { _ = s.Emit("q", func(int) {}) })
		s.On("wait", func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			_, _ = s.EmitWithAck(ctx, "q")
		})
		s.On("bye", func(closeConn bool) { s.Disconnect(closeConn) })
	}
	s.OnConnection(welcome)
	chat.OnConnection(welcome)

	var clients sync.WaitGroup
	for i := range 40 {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			c := dial(t, s)
			c.connect("/")
			for range 100 {
				namespace := []string{"/", "/chat"}[random.IntN(2)]
				room := fmt.Sprintf("%q", fmt.Sprint("room", random.IntN(4)))
				switch random.IntN(12) {
				case 0:
					c.connectQuery("/chat", []string{"", "refuse=1"}[random.IntN(2)])
				case 1:
					c.leave("/chat")
				case 2:
					c.event(namespace, "ask", "")
				case 3:
					c.event(namespace, "wait", "")
				case 4, 5:
					c.ack(namespace, random.Int64N(200), "1")
				case 6, 7:
					c.event(namespace, "join", room)
				case 8, 9, 10:
					c.event(namespace, "pub", room+`,"text"`)
				case 11:
					if random.IntN(20) == 0 {
						c.event(namespace, "bye", fmt.Sprint(random.IntN(2) == 0))
					}
				}
			}
			if i%2 == 0 {
				c.lose(ReasonTransportError)
			}
		})
	}
	stop := make(chan struct{})
	var server sync.WaitGroup
	server.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			_ = s.Emit("all")
			_ = chat.To("room1").Emit("some")
			for _, socket := range s.Sockets() {
				socket.Join("everywhere")
				_ = socket.Rooms()
			}
			time.Sleep(time.Millisecond)
		}
	})
	clients.Wait()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	close(stop)
	server.Wait()
	if connected == 0 || connected != ended {
		t.Errorf("%d connected, %d ended", connected, ended)
	}
	for _, ns := range []*Namespace{s.Of("/"), chat} {
		if rooms := ns.Adapter().Rooms(); len(rooms) != 0 || len(ns.Sockets()) != 0 {
			t.Errorf("%s: rooms %v are left", ns.Name(), rooms)
		}
	}
}

func benchmarkEvent(b *testing.B, handler any, args string) {
	s := newTestServer(b, Config{})
	_, socket := join(b, s)
	socket.On("ev", handler)
	p := &packet.Packet{Type: packet.Event, Namespace: "/", Name: "ev", Args: []byte(args)}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		socket.dispatch(p)
	}
}

func BenchmarkHandler(b *testing.B) {
	type named string
	b.Run("raw", func(b *testing.B) { benchmarkEvent(b, func(*Event) {}, `"text"`) })
	b.Run("string", func(b *testing.B) { benchmarkEvent(b, func(string) {}, `"text"`) })
	b.Run("reflected", func(b *testing.B) { benchmarkEvent(b, func(named) {}, `"text"`) })
	b.Run("struct", func(b *testing.B) { benchmarkEvent(b, func(point) {}, `{"x":1,"y":2}`) })
	b.Run("ack", func(b *testing.B) { benchmarkEvent(b, func(_ string, ack func(string)) { ack("") }, `"text"`) })
}

// BenchmarkReceive measures the way from the wire to a handler, the start of the
// dispatcher included.
func BenchmarkReceive(b *testing.B) {
	s := newTestServer(b, Config{})
	c, socket := join(b, s)
	done := make(chan struct{}, 1)
	socket.On("ev", func(string) { done <- struct{}{} })
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		c.event("/", "ev", `"text"`)
		<-done
	}
}

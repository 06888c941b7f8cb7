package socketio

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestGoneInMiddleware: nobody hears of a socket whose client left meanwhile.
func TestGoneInMiddleware(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		name string
		do   func(c *fakeConn, s *Socket)
	}{
		{"lost", func(c *fakeConn, _ *Socket) { c.lose(ReasonTransportClose) }},
		{"closed by the server", func(_ *fakeConn, s *Socket) { s.Conn().Close() }},
		{"lost, and not known to the connection", func(c *fakeConn, _ *Socket) { c.receiver.Closed(ReasonTransportClose) }},
	} {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, Config{Adapter: keepOpen})
			c := dial(t, s)
			s.Use(func(socket *Socket) error {
				socket.Join("room")
				end.do(c, socket)
				<-socket.Context().Done()
				return nil
			})
			s.OnConnection(func(*Socket) { t.Error("connection handler ran") })
			c.connect("/")
			c.wait()
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if rooms := s.Of("/").Adapter().Rooms(); len(rooms) != 0 || len(s.Sockets()) != 0 {
				t.Error("something is left of the socket")
			}
		})
	}
}

// TestEndDuringConnect ends the connection at the very moment of the answer,
// which is sent by Receive itself.
func TestEndDuringConnect(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{"/": {"connection", "disconnect"}, "/unknown": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, Config{})
				var notes []string
				s.OnConnection(func(s *Socket) {
					notes = append(notes, "connection")
					s.OnDisconnect(func(Reason) { notes = append(notes, "disconnect") })
				})
				c := dial(t, s)
				c.during = sync.OnceFunc(func() {
					c.lose(ReasonTransportError)
					time.Sleep(time.Second)
				})
				c.connect(name)
				synctest.Wait()
				if d := cmp.Diff(want, notes); d != "" {
					t.Error(d)
				}
				if rooms := s.Of("/").Adapter().Rooms(); len(rooms) != 0 || len(s.Sockets()) != 0 || !isOver(c) {
					t.Error("something is left of the client")
				}
			})
		})
	}
}

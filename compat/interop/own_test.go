package interop

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/compat/interop/contract/behaviour"
)

const (
	messagePolling = 2500 * time.Millisecond
	// messageClose leaves a browser, in which forms take long, time for its next poll.
	messageClose = 6 * time.Second
)

// own is this server, behaving as the contract says, in the test's own process
// and so under its race detector.
type own struct {
	io       *socketio.Server
	sessions *atomic.Int64 // how many clients have come in
}

func newOwn(t *testing.T, s *site) *own {
	t.Helper()
	var generateID func(*http.Request) (string, error)
	if s.opts.name != "" {
		generateID = func(*http.Request) (string, error) { return s.opts.name + "-" + rand.Text(), nil }
	}
	io, err := socketio.NewServer(socketio.Config{
		GenerateID:   generateID,
		PingInterval: s.opts.pingInterval,
		PingTimeout:  s.opts.pingTimeout,
		// A client that has stopped polling for an upgrade never goes on if that comes to
		// nothing, as it would if what it still sends took longer than this.
		UpgradeTimeout: 2 * clientLimit,
		V4: socketio.V4Config{
			PingTimeout: s.opts.pingTimeout,
			MaxPayload:  100_000_000, // as the others
		},
		V0: socketio.V0Config{
			HeartbeatInterval: s.opts.pingInterval,
			PollingDuration:   s.opts.pingInterval,
			// Its clients are told whole seconds, so give them some.
			HeartbeatTimeout: 2 * s.opts.pingTimeout,
			CloseTimeout:     2 * s.opts.pingTimeout,
		},
		Messages: s.opts.messages(),
	})
	if err != nil {
		t.Fatal(err)
	}
	sessions := new(atomic.Int64)
	behaviour.Install(io)
	installBeyond(io)
	io.OnConnection(func(client *socketio.Socket) {
		query := client.Handshake().Query
		tag := query.Get("case")
		if room := query.Get("room"); room != "" {
			client.Join(room)
		}
		sessions.Add(1)
		s.ledger.enter(tag)
		client.OnDisconnect(func(r socketio.Reason) { s.ledger.leave(tag, r) })
		client.OnError(func(err error) { t.Logf("%s: %v", tag, err) })
	})
	return &own{io: io, sessions: sessions}
}

// installBeyond adds what the suite asks for beyond the contract, of clients since
// 3.0.
func installBeyond(io *socketio.Server) {
	io.Use(func(s *socketio.Socket) error {
		if s.Handshake().Query.Get("refuse") == "root" {
			return errors.New("not in here")
		}
		return nil
	})
	io.OnConnection(func(s *socketio.Socket) {
		tries := make(map[string]int) // of the socket's handlers, which do not meet
		s.On("stubborn", func(ev *socketio.Event, name string, n int) {
			// An answer that comes too late is no answer, and the client tries again.
			if tries[name]++; tries[name] >= n {
				_ = ev.Ack(n)
			}
		})
	})
	io.Of("/auth").Use(func(s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := json.Unmarshal(s.Handshake().Auth, &auth); err != nil {
			return err
		}
		if auth.Token != "s\u00e9same" {
			return &socketio.Error{Message: "not authorized", Data: map[string]string{"code": "E42", "given": auth.Token}}
		}
		return nil
	})
	io.Of("/auth").OnConnection(func(s *socketio.Socket) { _ = s.Emit("auth", s.Handshake().Auth) })
}

func (o *own) attach(next http.Handler) http.Handler { return o.io.Attach(next) }

func (o *own) serves(row) bool { return true }

func (o *own) genuine() bool { return false }

func (o *own) broadcast(room, event string, args ...any) error {
	return o.io.To(room).Emit(event, args...)
}

func (o *own) close(ctx context.Context) error { return o.io.Close(ctx) }

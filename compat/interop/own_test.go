package interop

import (
	"context"
	"net/http"
	"testing"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/compat/interop/contract/behaviour"
)

// own is this server, behaving as the contract says, in the test's own process
// and so under its race detector.
type own struct {
	io *socketio.Server
}

func newOwn(t *testing.T, s *site) *own {
	t.Helper()
	io, err := socketio.NewServer(socketio.Config{
		PingInterval: s.opts.pingInterval,
		PingTimeout:  s.opts.pingTimeout,
		V0: socketio.V0Config{
			HeartbeatInterval: s.opts.pingInterval,
			PollingDuration:   s.opts.pingInterval,
			// Its clients are told whole seconds, so give them some.
			HeartbeatTimeout: 2 * s.opts.pingTimeout,
			CloseTimeout:     2 * s.opts.pingTimeout,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	behaviour.Install(io)
	io.OnConnection(func(client *socketio.Socket) {
		query := client.Handshake().Query
		tag := query.Get("case")
		if room := query.Get("room"); room != "" {
			client.Join(room)
		}
		s.ledger.enter(tag)
		client.OnDisconnect(func(r socketio.Reason) { s.ledger.leave(tag, r) })
		client.OnError(func(err error) { t.Logf("%s: %v", tag, err) })
	})
	return &own{io: io}
}

func (o *own) attach(next http.Handler) http.Handler { return o.io.Attach(next) }

func (o *own) serves(row) bool { return true }

func (o *own) genuine() bool { return false }

func (o *own) broadcast(room, event string, args ...any) error {
	return o.io.To(room).Emit(event, args...)
}

func (o *own) close(ctx context.Context) error { return o.io.Close(ctx) }

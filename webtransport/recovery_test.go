package webtransport

import (
	"net/http"
	"slices"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// burst is the number of events sent right before a connection ends, and as many are
// sent while the client is away. The page knows it.
const burst = 100

// TestBrowserRecovery ends the sessions of a genuine client, and has it end them in the
// middle of what it is sent. It comes back by WebTransport, has its socket again, and
// misses nothing.
func TestBrowserRecovery(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, socketio.Config{Recovery: socketio.RecoveryConfig{Enabled: true}, PingInterval: time.Second}, 0)
			sent := 0
			send := func(to string) {
				for range burst {
					if err := s.io.To(to).Emit("n", sent); err != nil {
						t.Error(err)
					}
					sent++
				}
			}
			on := func(pattern string, act func(id string, conn socketio.Conn)) {
				s.mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) {
					id := r.URL.Query().Get("id")
					socket, ok := s.io.Socket(id)
					if !ok {
						t.Errorf("no socket of the id %q", id)
						return
					}
					if got := socket.Conn().Info().Transport; got != "webtransport" {
						t.Errorf("came by %q", got)
					}
					act(id, socket.Conn())
				})
			}
			on("POST /cut", func(id string, conn socketio.Conn) {
				send(id)
				conn.Close()
				s.wantReason(socketio.ReasonForcedClose)
				send(id)
			})
			// The client gives its connection up at the first of these events.
			on("POST /flood", func(id string, _ socketio.Conn) {
				send(id)
				s.wantReason(socketio.ReasonTransportClose, socketio.ReasonTransportError)
				send(id)
			})
			if done, checks := s.openPage(t, mode, "recovery"), []string{"recovery"}; !slices.Equal(done, checks) {
				t.Errorf("passed %q, want %q", done, checks)
			}
		})
	}
}

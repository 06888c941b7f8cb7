package interop

import (
	"cmp"
	"testing"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/versions"
)

// messages are the settings for clients of 0.1 to 0.6.
func (o *siteOptions) messages() socketio.MessagesConfig {
	if o.messageDefaults {
		return socketio.MessagesConfig{}
	}
	return socketio.MessagesConfig{
		HeartbeatInterval: o.pingInterval,
		HeartbeatTimeout:  o.pingTimeout,
		// Shorter than the defaults, as a test waits for it: a JSONP client that goes
		// leaves its poll behind.
		PollingDuration: cmp.Or(o.pingInterval, messagePolling),
		CloseTimeout:    cmp.Or(o.streamCloseTimeout, 2*o.pingTimeout, messageClose),

		StreamCloseTimeout: o.streamCloseTimeout,
	}
}

// TestMessageDefaults has clients of 0.1 to 0.6 meet a server as it is by default.
// Who polls finds what was sent meanwhile when it comes back to its session, which
// ends only when it has waited long enough; that of a stream ends with its
// connection. How long it waits is proven in virtual time, in package v0.
func TestMessageDefaults(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	s := newSite(t, siteOptions{messageDefaults: true})
	if s.backend.genuine() {
		t.Skip("left out: when a genuine server has noticed an end is not seen from here")
	}
	resumeRoom(t, s, xhrPolling)

	type held struct{ name, mode, tag string }
	var all []held
	for _, r := range s.rows() {
		if r.release != "0.2.4" && r.release != "0.5.3" && r.release != "0.6.3" {
			continue
		}
		for _, mode := range []string{xhrPolling, websocket} {
			k := s.task(r, "node", mode, "hold")
			p, results := startNode(t, k)
			if _, err := await(results, "ready", clientLimit); err != nil {
				t.Fatalf("%s %s: %v; it wrote: %s", r.release, mode, err, p.said())
			}
			all = append(all, held{r.release + " " + mode, mode, k.Tag})
			p.stop()
		}
	}
	for _, h := range all {
		got, err := s.ledger.reasons(h.tag, 1, clientLimit)
		if err != nil {
			t.Fatal(err)
		}
		if waited := got[0] == versions.ReasonPingTimeout; waited != (h.mode == xhrPolling) {
			t.Errorf("%s: %s", h.name, got[0])
		}
	}
}

package interop

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/versions"
)

const (
	shortInterval = 400 * time.Millisecond
	shortTimeout  = 800 * time.Millisecond
	// clientLimit bounds what a waiting client may take for one step.
	clientLimit = 30 * time.Second
)

// TestFrozenClient stops a client that has outlived several heartbeats, lets it
// run again, and in the end kills it.
func TestFrozenClient(t *testing.T) {
	need(t, needNode, needClients)
	s := newSite(t, siteOptions{pingInterval: shortInterval, pingTimeout: shortTimeout})
	if s.backend.genuine() {
		t.Skip("left out: a genuine server's reasons are not seen from here")
	}
	for _, r := range suite {
		forEachMode(t, r, r.node, func(t *testing.T, mode string) {
			k := s.task(r, "node", mode, "hold")
			p, results := startNode(t, k)
			if _, err := await(results, "ready", clientLimit); err != nil {
				t.Fatalf("%v; the client wrote: %s", err, p.said())
			}
			// Nothing is to happen for several heartbeats.
			if got, err := collect(results, 3*(shortInterval+shortTimeout)); err == nil || len(got) > 0 {
				t.Fatalf("the client did not stay: %v", got)
			}

			signal(t, p, syscall.SIGSTOP)
			reasons, err := s.ledger.reasons(k.Tag, 1, noticeLimit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]versions.Reason{versions.ReasonPingTimeout}, reasons); diff != "" {
				t.Fatalf("reasons (-want +got):\n%s", diff)
			}

			signal(t, p, syscall.SIGCONT)
			if _, err := await(results, "back", clientLimit); err != nil {
				t.Fatalf("%v; the client wrote: %s", err, p.said())
			}

			p.stop()
			if reasons, err = s.ledger.reasons(k.Tag, 2, noticeLimit); err != nil {
				t.Fatal(err)
			}
			if last := reasons[len(reasons)-1]; !slices.Contains(killed, last) {
				t.Errorf("the reason for a client that was killed is %q, want one of %q", last, killed)
			}
		})
	}
}

// killed are the reasons for a client whose process was killed. Between two
// polls no connection is open that could tell, and the heartbeat has to.
var killed = append([]versions.Reason{versions.ReasonPingTimeout}, brokenOff...)

func signal(t *testing.T, p *process, s syscall.Signal) {
	t.Helper()
	if err := p.signal(s); err != nil {
		t.Fatal(err)
	}
}

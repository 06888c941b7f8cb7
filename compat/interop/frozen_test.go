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
	// shortTimeout leaves a client that has to wait for a processor time to answer.
	shortTimeout = 6 * time.Second
)

// heldClient is a client that keeps its connection until it is stopped.
type heldClient struct {
	task
	*process
	results <-chan result
	returns bool // it notices a loss, and comes back
}

// TestFrozenClient stops clients that have outlived several heartbeats, lets
// them run again, and in the end kills them; all of them at once, as most of it
// is waiting.
func TestFrozenClient(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	s := newSite(t, siteOptions{pingInterval: shortInterval, pingTimeout: shortTimeout})
	if s.backend.genuine() {
		t.Skip("left out: a genuine server's reasons are not seen from here")
	}
	clients := holdClients(t, s)

	// Nothing is to happen for several heartbeats.
	<-time.After(3 * (shortInterval + shortTimeout))
	for _, c := range clients {
		select {
		case r := <-c.results:
			t.Fatalf("%s did not stay: %+v", c.Tag, r)
		default:
		}
	}

	signalAll(t, clients, syscall.SIGSTOP)
	for _, c := range clients {
		reasons, err := s.ledger.reasons(c.Tag, 1, noticeLimit)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]versions.Reason{versions.ReasonPingTimeout}, reasons); diff != "" {
			t.Errorf("%s: reasons (-want +got):\n%s", c.Tag, diff)
		}
	}

	signalAll(t, clients, syscall.SIGCONT)
	clients = slices.DeleteFunc(clients, func(c heldClient) bool { return !c.returns })
	for _, c := range clients {
		if _, err := await(c.results, "back", clientLimit); err != nil {
			t.Fatalf("%s: %v; it wrote: %s", c.Tag, err, c.said())
		}
	}

	for _, c := range clients {
		c.stop()
	}
	for _, c := range clients {
		n := s.ledger.entries(c.Tag)
		reasons, err := s.ledger.reasons(c.Tag, n, noticeLimit)
		if err != nil {
			t.Fatal(err)
		}
		if last := reasons[len(reasons)-1]; !slices.Contains(killed, last) {
			t.Errorf("%s: the reason for a client that was killed is %q, want one of %q", c.Tag, last, killed)
		}
	}
}

// holdClients starts a client for each row and mode, and waits until all have
// settled on their transports.
func holdClients(t *testing.T, s *site) []heldClient {
	t.Helper()
	var clients []heldClient
	for _, r := range s.rows() {
		for _, mode := range r.node {
			if r.lacks("node", mode, heartbeats) {
				continue
			}
			k := s.task(r, "node", mode, "hold")
			p, results := startNode(t, k)
			clients = append(clients, heldClient{
				task: k, process: p, results: results,
				returns: !r.lacks("node", mode, comeBack),
			})
		}
	}
	for _, c := range clients {
		if _, err := await(c.results, "ready", clientLimit); err != nil {
			t.Fatalf("%s: %v; it wrote: %s", c.Tag, err, c.said())
		}
	}
	return clients
}

func signalAll(t *testing.T, clients []heldClient, s syscall.Signal) {
	t.Helper()
	for _, c := range clients {
		signal(t, c.process, s)
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

package interop

import (
	"strings"
	"testing"
	"time"
)

const (
	// suiteLimit bounds one client's way through the suite. It takes seconds;
	// but a browser on a machine that has much else to do takes minutes.
	suiteLimit = 10 * time.Minute
	// noticeLimit bounds how long the server may take to notice an end that it
	// is told of or that TCP shows.
	noticeLimit = 30 * time.Second
	// clientLimit bounds what a waiting client may take for one step.
	clientLimit = time.Minute
)

// TestBehaviour takes every release in node through the suite, on one server.
func TestBehaviour(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	s := newSite(t, siteOptions{})
	for _, r := range s.rows() {
		forEachMode(t, r, r.node, func(t *testing.T, mode string) {
			k := s.task(r, "node", mode, "checks")
			p, results := startNode(t, k)
			got, err := collect(results, suiteLimit)
			if err != nil {
				t.Errorf("%v; the client wrote: %s", err, p.said())
			}
			judge(t, s, k.Tag, s.checks(r, "node", mode), got)
		})
	}
}

// forEachMode runs a subtest for each mode of a row, named
// generation/release/mode, all of them in parallel.
func forEachMode(t *testing.T, r row, modes []string, run func(*testing.T, string)) {
	t.Helper()
	for _, mode := range modes {
		t.Run(strings.Join([]string{r.generation, r.release, mode}, " "), func(t *testing.T) {
			t.Parallel()
			run(t, mode)
		})
	}
}

// judge makes a subtest of each check: the client must have reported it once,
// and well, and the server must have seen what the suite says.
func judge(t *testing.T, s *site, tag string, checks []check, got []result) {
	t.Helper()
	byName := make(map[string]result, len(got))
	for _, r := range got {
		if _, twice := byName[r.Check]; twice {
			t.Errorf("the client reported %q twice", r.Check)
		}
		byName[r.Check] = r
	}
	for _, c := range checks {
		r, reported := byName[c.name]
		delete(byName, c.name)
		t.Run(c.name, func(t *testing.T) {
			if !reported {
				t.Fatal("the client has not reported it")
			}
			if !r.OK {
				t.Fatal(r.Detail)
			}
			s.judge(t, tag+"/"+c.name, c)
		})
	}
	for _, r := range byName {
		t.Errorf("the suite has no check %q: %s", r.Check, r.Detail)
	}
}

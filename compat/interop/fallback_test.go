package interop

import "testing"

// TestFallBack has clients open a websocket on which they hear nothing, as from
// behind a proxy that knows no frames. They go on with their next transport, in
// the same session, of which the application notices nothing.
func TestFallBack(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	s := newSite(t, siteOptions{})
	if s.backend.genuine() {
		t.Skip("left out: a genuine server never tells such a client that it is connected")
	}
	through := newProxy(t, s, swallow)
	for _, r := range s.rows() {
		if r.era != colonEra || len(r.node) == 0 {
			continue
		}
		t.Run(r.release, func(t *testing.T) {
			t.Parallel()
			k := s.task(r, "node", fallBack, "checks")
			c := check{name: "fall-back", entries: 1}
			k.URL, k.Checks = through.url, []string{c.name}
			p, results := startNode(t, k)
			got, err := collect(results, suiteLimit)
			if err != nil {
				t.Errorf("%v; the client wrote: %s", err, p.said())
			}
			judge(t, s, k.Tag, []check{c}, got)
		})
	}
}

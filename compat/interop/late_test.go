package interop

import (
	"slices"
	"testing"
	"time"
)

const (
	// What these clients are told as their close timeout is twice the ping
	// timeout, five seconds.
	lateInterval = 500 * time.Millisecond
	lateTimeout  = 2500 * time.Millisecond
)

// TestLateReturn has the clients that the suite excuses from its reconnect check
// come back as well: not at once, but when the close timeout has passed, which
// is short here.
func TestLateReturn(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	s := newSite(t, siteOptions{pingInterval: lateInterval, pingTimeout: lateTimeout})
	if s.backend.genuine() {
		t.Skip("left out: a genuine server's close timeout is not set from here")
	}
	// 0.7.0 may come in once more, for an attempt that it makes beside.
	c := check{name: "reconnect"}
	late := func(r row, where, mode string) bool {
		return r.lacks(where, mode, c.name) && !r.lacks(where, mode, comeBack)
	}
	for _, r := range s.rows() {
		for _, mode := range r.node {
			if !late(r, "node", mode) {
				continue
			}
			t.Run("node "+r.release+" "+mode, func(t *testing.T) {
				t.Parallel()
				k := s.task(r, "node", mode, "checks")
				k.Checks = names([]check{c})
				p, results := startNode(t, k)
				got, err := collect(results, suiteLimit)
				if err != nil {
					t.Errorf("%v; the client wrote: %s", err, p.said())
				}
				judge(t, s, k.Tag, []check{c}, got)
			})
		}
		modes := slices.DeleteFunc(slices.Clone(r.browser), func(mode string) bool { return !late(r, "browser", mode) })
		if len(modes) == 0 {
			continue
		}
		t.Run("browser "+r.release, func(t *testing.T) {
			t.Parallel()
			var tasks []task
			results := make(map[string]<-chan result)
			for _, mode := range modes {
				k := s.task(r, "browser", mode, "checks")
				k.Checks = names([]check{c})
				tasks = append(tasks, k)
				results[mode] = s.mail.open(k.Tag)
			}
			p := startBrowser(t, s, tasks)
			for i, mode := range modes {
				got, err := collect(results[mode], suiteLimit)
				t.Run(mode, func(t *testing.T) {
					if err != nil {
						t.Errorf("%v; the browser wrote: %s", err, p.said())
					}
					judge(t, s, tasks[i].Tag, []check{c}, got)
				})
			}
		})
	}
}

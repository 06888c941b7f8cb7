package interop

import (
	"fmt"
	"testing"
	"time"
)

const (
	// cutMessages are so large that the answer which carries one is.
	cutMessages = 24
	cutTimes    = 30_000
	cutPace     = 60 * time.Millisecond
)

// TestCutPoll cuts the answers to a client's polls off, at whatever byte, and
// has every message arrive all the same, once and in order.
//
// A client that polls by XMLHttpRequest gives up its session when a poll fails,
// and would miss what comes until it has another. With XDomainRequest, the way
// of Internet Explorer 8 and 9 to talk to another host, it knows no status and
// polls again, so here the server can make good for the network. Answers are
// larger than the network's buffers: of a smaller one nobody but the client
// knows that it did not arrive.
func TestCutPoll(t *testing.T) {
	need(t, needNode, needClients, needBrowser)
	for _, r := range suite {
		if r.era != colonEra || r.release == "0.7.0" {
			continue
		}
		t.Run(r.release, func(t *testing.T) {
			s := newSite(t, siteOptions{smallBuffers: true})
			if s.backend.genuine() {
				t.Skip("left out: a genuine server loses what it has begun to send")
			}
			through := newProxy(t, s, cut)
			k := s.task(r, "browser", crossDomain, "join")
			k.Room, k.URL = hall, through.url
			results := s.mail.open(k.Tag)
			p := startBrowser(t, s, []task{k})
			if got, err := await(results, "joined", clientLimit); err != nil || !got.OK {
				t.Fatalf("%v %s; it wrote: %s", err, got.Detail, p.said())
			}
			tick := time.NewTicker(cutPace)
			defer tick.Stop()
			for i := range cutMessages {
				if err := s.backend.broadcast(hall, "msg", message(i, cutMessages-1, cutTimes)); err != nil {
					t.Fatal(err)
				}
				<-tick.C
			}
			got, err := await(results, "received", clientLimit)
			if err != nil {
				t.Fatalf("%v; it wrote: %s", err, p.said())
			}
			if want := fmt.Sprintf("%d messages; ", cutMessages); !got.OK || got.Detail != want {
				t.Errorf("it got %s", got.Detail)
			}
			if n := through.cutOff(); n < 3 {
				t.Errorf("only %d polls were cut off", n)
			}
		})
	}
}

package interop

import (
	"fmt"
	"testing"
	"time"
)

const (
	// cutMessages is how many messages are sent at least, and cutMost at most, so
	// large that the answer which carries one is.
	cutMessages = 24
	cutMost     = 400
	cutTimes    = 30_000
	// cutInterval is the default, but the answer to a heartbeat may take longer than by
	// default: it is behind large messages, each of which a client takes to pieces.
	cutInterval = 25 * time.Second
	// cutEarly and cutMiddle are how many polls have to be cut off at each stage.
	cutEarly  = 1
	cutMiddle = 3
)

// TestCutPoll cuts the answers to a client's polls off, at whatever byte, and
// has every message arrive all the same, once and in order.
//
// A client that polls by XMLHttpRequest gives up its session when a poll fails,
// and would miss what comes until it has another. With XDomainRequest, the way
// of Internet Explorer 8 and 9 to talk to another host, it knows no status and
// polls again, so here the server can make good for the network. With JSONP it
// gives up or, before 0.9, never notices: there the page asks it to poll again
// when the script did not come. Answers are larger than the network's buffers:
// of a smaller one nobody but the client knows that it did not arrive.
//
// The next message is sent when something of the one before, or of an earlier one
// that was cut off, has been on its way; and there are messages until polls were
// cut off often enough at each stage.
func TestCutPoll(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	for _, r := range suite {
		if r.era != colonEra {
			continue
		}
		for _, mode := range []string{crossDomain, scriptAgain} {
			if r.release == "0.7.0" && mode == crossDomain {
				continue // it has no such requests
			}
			t.Run(r.release+" "+mode, func(t *testing.T) {
				t.Parallel()
				cutPolls(t, r, mode)
			})
		}
	}
}

func cutPolls(t *testing.T, r row, mode string) {
	s := newSite(t, siteOptions{smallBuffers: true, pingInterval: cutInterval, pingTimeout: 2 * clientLimit})
	if s.backend.genuine() {
		t.Skip("left out: a genuine server loses what it has begun to send")
	}
	through := newProxy(t, s, cut)
	k := s.task(r, "browser", mode, "join")
	k.Room, k.URL = hall, through.url
	results := s.mail.open(k.Tag)
	p := startBrowser(t, s, []task{k})
	if got, err := await(results, "joined", clientLimit); err != nil || !got.OK {
		t.Fatalf("%v %s; it wrote: %s", err, got.Detail, p.said())
	}
	sent := 0
	for last := false; !last; sent++ {
		early, middle := through.cutOff()
		last = sent+1 >= cutMost || sent+1 >= cutMessages && early >= cutEarly && middle >= cutMiddle
		seen := through.largeAnswers()
		m := message(sent, -1, cutTimes)
		m["last"] = last
		if err := s.backend.broadcast(hall, "msg", m); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(2 * clientLimit); through.largeAnswers() == seen; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				left, _ := s.ledger.reasons(k.Tag, 0, 0)
				t.Fatalf("nothing of message %d was on its way; the client has left with %q; it wrote: %s", sent, left, p.said())
			}
		}
	}
	got, err := await(results, "received", clientLimit)
	if err != nil {
		t.Fatalf("%v; it wrote: %s", err, p.said())
	}
	if want := fmt.Sprintf("%d messages; ", sent); !got.OK || got.Detail != want {
		t.Errorf("it got %s", got.Detail)
	}
	early, middle := through.cutOff()
	t.Logf("of %d messages; %d polls were cut off before they were answered, %d in the middle of an answer", sent, early, middle)
	if early < cutEarly || middle < cutMiddle {
		t.Errorf("%d polls were cut off before they were answered, want %d; %d in the middle of an answer, want %d", early, cutEarly, middle, cutMiddle)
	}
}

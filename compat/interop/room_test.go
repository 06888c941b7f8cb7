package interop

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	hall = "hall"
	// messages is how many each member is to get, the first of them while
	// those that upgrade are still on polling and those that fall back wait at a
	// websocket that is silent.
	messages = 1000
	// pace is the time between two of them: the upgrades and the falls take place
	// meanwhile. The last of them wait for the falls.
	pace = 4 * time.Millisecond
)

// message is the nth of a room, the text in it so many times over.
func message(n, last, times int) map[string]any {
	return map[string]any{
		"n": n, "last": n == last, "times": times,
		"text": strings.Repeat("é € 😀 \u2028", times), "data": []byte{byte(n), 0, 255},
	}
}

// roomMember is one client in the room.
type roomMember struct {
	name    string
	results <-chan result
	process *process
}

// TestRoom has every release, in every transport mode, in node and in a browser,
// in one room at once. Each member must get every message exactly once, in
// order and whole, though some of them change their transport meanwhile.
func TestRoom(t *testing.T) {
	need(t, needNode, needClients, needBrowser)
	upgrades := make(chan struct{})
	s := newSite(t, siteOptions{holdUpgrades: upgrades})
	if s.backend.genuine() {
		t.Skip("left out: a genuine server broadcasts only what its clients publish")
	}
	members := seatMembers(t, s)
	for _, m := range members {
		if r, err := await(m.results, "joined", clientLimit); err != nil || !r.OK {
			t.Fatalf("%s: %v %s; it wrote: %s", m.name, err, r.Detail, m.process.said())
		}
	}

	moving := seatMoving(t, s)
	members = append(members, moving...)
	falling := seatFalling(t, s)
	members = append(members, falling...)

	tick := time.NewTicker(pace)
	defer tick.Stop()
	for i := range messages {
		if i == messages/10 {
			close(upgrades)
		}
		if i == messages*9/10 {
			for _, m := range falling {
				if r, err := await(m.results, "fallen", clientLimit); err != nil {
					t.Fatalf("%s: %v %s; it wrote: %s", m.name, err, r.Detail, m.process.said())
				}
			}
		}
		if err := s.backend.broadcast(hall, "msg", message(i, messages-1, 1)); err != nil {
			t.Fatal(err)
		}
		<-tick.C
	}
	for _, m := range members {
		t.Run(m.name, func(t *testing.T) {
			r, err := await(m.results, "received", clientLimit)
			if err != nil {
				t.Fatalf("%v; it wrote: %s", err, m.process.said())
			}
			if want := fmt.Sprintf("%d messages; ", messages); !r.OK || r.Detail != want {
				t.Errorf("it got %s", r.Detail)
			}
		})
	}
}

// alsoInBrowser are releases that take part in a browser besides the first of
// their generation, and the transport by which they do.
var alsoInBrowser = map[string]string{"0.6.3": jsonpPolling, "0.8.7": xhrPolling, "0.9.17": jsonpPolling}

// seatMembers starts a client for each row and mode of the suite. Pages are
// large, so one of them stands for each generation, and a few for what node has
// not.
func seatMembers(t *testing.T, s *site) []roomMember {
	t.Helper()
	var members, visible []roomMember
	var pages []string
	inBrowser := make(map[string]bool)
	for _, r := range s.rows() {
		for _, mode := range r.node {
			k := s.task(r, "node", mode, "join")
			k.Room = hall
			p, results := startNode(t, k)
			members = append(members, roomMember{name: "node " + r.release + " " + mode, results: results, process: p})
		}
		mode, also := alsoInBrowser[r.release]
		if len(r.browser) == 0 || inBrowser[r.generation] && !also {
			continue
		}
		inBrowser[r.generation] = true
		if !also {
			mode = r.browser[len(r.browser)-1]
		}
		k := s.task(r, "browser", mode, "join")
		k.Room = hall
		visible = append(visible, roomMember{name: "browser " + r.release + " " + mode, results: s.mail.open(k.Tag)})
		pages = append(pages, s.page(t, []task{k}))
	}
	// A browser opens no more than six connections to one server, so that few pages
	// have to share one.
	for first := range browsersAtOnce {
		var shown []string
		for i := first; i < len(pages); i += browsersAtOnce {
			shown = append(shown, pages[i])
		}
		p := awaitBrowser(t).open(s.pages(t, shown))
		for i := first; i < len(pages); i += browsersAtOnce {
			visible[i].process = p
		}
	}
	return append(members, visible...)
}

// seatMoving starts clients that the server has heard when, after some messages,
// they go on by another transport in the same session: what they got before must
// not come again. It returns when all have joined.
func seatMoving(t *testing.T, s *site) []roomMember {
	t.Helper()
	var members []roomMember
	for _, r := range s.rows() {
		if r.era != colonEra || len(r.node) == 0 {
			continue
		}
		k := s.task(r, "node", move, "join")
		k.Room = hall
		p, results := startNode(t, k)
		if got, err := await(results, "joined", clientLimit); err != nil || !got.OK {
			t.Fatalf("%s: %v %s; it wrote: %s", k.Tag, err, got.Detail, p.said())
		}
		members = append(members, roomMember{name: "node " + r.release + " " + move, results: results, process: p})
	}
	return members
}

// seatFalling starts two clients whose websockets are silent, and waits until
// the server takes them for members. They will hear of it when they have given
// up on the websocket.
func seatFalling(t *testing.T, s *site) []roomMember {
	t.Helper()
	proxy := newProxy(t, s, swallow)
	var members []roomMember
	for _, r := range s.rows() {
		if r.release != "0.8.7" && r.release != "0.9.17" {
			continue
		}
		k := s.task(r, "node", fallBack, "join")
		k.Room, k.URL = hall, proxy.url
		p, results := startNode(t, k)
		members = append(members, roomMember{name: "node " + r.release + " " + fallBack, results: results, process: p})
		if err := s.ledger.await(k.Tag, clientLimit); err != nil {
			t.Fatalf("%v; the client wrote: %s", err, p.said())
		}
	}
	return members
}

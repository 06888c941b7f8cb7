package interop

import (
	"fmt"
	"testing"
	"time"
)

// absences is how often a member that resumes leaves within the messages of a
// room; see node/messagemember.js.
const absences = 3

// TestRoomResume has members of 0.1 to 0.6 in one room with members of later
// generations. The connections of the former break now and then, and they come back
// to their sessions while the messages go on: each member gets every message
// exactly once and in order.
//
// Connections break when nothing is on its way by them, and the messages go on when
// the server has noticed. The dialects have no
// acknowledgements: what the network has taken when a connection breaks is gone
// with it, from any server.
func TestRoomResume(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	s := newSite(t, siteOptions{streamCloseTimeout: clientLimit})
	if s.backend.genuine() {
		t.Skip("left out: a genuine server ends the session with its connection")
	}
	resumeRoom(t, s, websocket, xhrPolling, xhrMultipart)
}

// resumeRoom has members of 0.1 to 0.6 that leave and come back, in the given
// modes, beside others that stay.
func resumeRoom(t *testing.T, s *site, modes ...string) {
	t.Helper()
	resuming, steady := seatResuming(t, s, modes)

	tick := time.NewTicker(pace)
	defer tick.Stop()
	for i := range messages {
		if i > 0 && i%(messages/(absences+1)) == 0 {
			for _, m := range resuming {
				if _, err := await(m.results, "away", clientLimit); err != nil {
					t.Fatalf("%s: %v; it wrote: %s", m.name, err, m.process.said())
				}
			}
		}
		if err := s.backend.broadcast(hall, "msg", message(i, messages-1, 1)); err != nil {
			t.Fatal(err)
		}
		<-tick.C
	}
	for _, m := range append(resuming, steady...) {
		want := fmt.Sprintf("%d messages; ", messages)
		if m.resumes {
			want += fmt.Sprintf("%d absences; ", absences)
		}
		r, err := await(m.results, "received", clientLimit)
		if err != nil {
			t.Fatalf("%s: %v; it wrote: %s", m.name, err, m.process.said())
		}
		if !r.OK || r.Detail != want {
			t.Errorf("%s got %s", m.name, r.Detail)
		}
		if n := s.ledger.entries(m.tag); n != 1 {
			t.Errorf("%s came in %d times", m.name, n)
		}
	}
}

// resumingMember is a member of the room, and whether it leaves and comes back.
type resumingMember struct {
	roomMember
	tag     string
	resumes bool
}

// seatResuming starts the members, and waits until all have joined.
func seatResuming(t *testing.T, s *site, away []string) (resuming, steady []resumingMember) {
	t.Helper()
	for _, r := range s.rows() {
		var modes []string
		program := "join"
		switch r.release {
		case "0.2.4", "0.5.3", "0.6.3":
			program, modes = "resume", away
		case "0.9.17", "1.7.4", "2.5.0":
			modes = []string{websocket}
		}
		for _, mode := range modes {
			k := s.task(r, "node", mode, program)
			k.Room = hall
			p, results := startNode(t, k)
			m := resumingMember{roomMember{name: r.release + " " + mode, results: results, process: p}, k.Tag, program == "resume"}
			if m.resumes {
				resuming = append(resuming, m)
			} else {
				steady = append(steady, m)
			}
		}
	}
	for _, m := range append(resuming, steady...) {
		if r, err := await(m.results, "joined", clientLimit); err != nil || !r.OK {
			t.Fatalf("%s: %v %s; it wrote: %s", m.name, err, r.Detail, m.process.said())
		}
	}
	return resuming, steady
}

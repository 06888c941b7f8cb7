package v0

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestManyMoves has a client that was heard go from one transport to another all
// the time, with polls that overtake each other, while it is sent packets: it gets
// each once and in order.
func TestManyMoves(t *testing.T) {
	t.Parallel()
	const n = 500
	rest := "," + strings.Repeat("x", 6<<10) // so that writes take their time
	// Of two polls the second may have nothing left to bring.
	s := newSite(t, newHost(), func(p *Params) { p.PollingDuration = 100 * time.Millisecond })
	path, c := s.polling("xhr-polling")
	sid := c.ID()
	s.post(path, "8::") // heard
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := range n {
			c.send(fmt.Sprint(i) + rest)
			if i%5 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}()
	next := 0
	took := func(payload string) {
		packets, err := DecodeColonPayload([]byte(payload), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			switch text, ok := strings.CutSuffix(string(p), rest); {
			case string(p) == "8::":
			case ok && text == fmt.Sprintf("3:::%d", next):
				next++
			default:
				t.Fatalf("got %.20s, want %d", p, next)
			}
		}
	}
	jsonp := func(body string) string {
		var payload string
		if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimPrefix(body, "io.j[0]("), ");")), &payload); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		return payload
	}
	moves := []func(){
		func() { took(s.get("/xhr-polling/" + sid).body) },
		func() { took(jsonp(s.get("/jsonp-polling/" + sid).body)) },
		func() { // two at once
			one, two := s.poll("/xhr-polling/"+sid), s.poll("/xhr-polling/"+sid)
			a, b := receive(t, one).body, receive(t, two).body
			if strings.Contains(b, fmt.Sprintf("3:::%d,", next)) {
				a, b = b, a
			}
			took(a)
			took(b)
		},
		func() { // a page, and a poll that takes its place
			p := s.htmlfile(sid)
			s.until("the page is the carrier", func() bool { return c.Info().Transport == "htmlfile" })
			poll := s.poll("/xhr-polling/" + sid)
			for {
				payload, err := p.next()
				if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				took(payload)
			}
			took(receive(t, poll).body)
		},
	}
	rnd := rand.New(rand.NewPCG(9, 17))
	for next < n {
		moves[rnd.IntN(len(moves))]()
	}
	<-sent
	if len(s.host.closings) != 0 {
		t.Error("the session ended")
	}
}

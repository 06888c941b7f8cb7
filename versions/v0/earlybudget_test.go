package v0

import (
	"strings"
	"testing"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// TestEarlyBudget has clients that are never heard be sent more than the server
// keeps for all of them together: it keeps no more, tells each of them in any
// case that it is connected when it falls back, and has all of the budget again
// when they were heard or have gone.
func TestEarlyBudget(t *testing.T) {
	t.Parallel()
	const sent, clients, fit = 10, 4, 25
	text := strings.Repeat("x", 10<<10)
	frames, err := ColonEncoder{}.Encode(event("/", "message", string(packet.AppendString(nil, text))))
	if err != nil {
		t.Fatal(err)
	}
	size := int64(cap(frames[0].Data)) // in memory, of which the bytes are a part
	s := newSite(t, newHost(), nil)
	s.srv.early = transports.NewBudget(fit * size)
	var sids []string
	var conns []*conn
	var lines []*wsClient
	for range clients {
		sid := s.handshake()
		ws := s.websocket(sid)
		ws.want("1::")
		c := s.conn()
		for range sent {
			c.send(text)
			ws.want("3:::" + text)
			if used := s.srv.early.Used(); used > fit*size {
				t.Fatalf("%d bytes are kept, at most %d may be", used, fit*size)
			}
		}
		sids, conns, lines = append(sids, sid), append(conns, c), append(lines, ws)
	}
	// What the first two were sent fits, and that of the others does not.
	if got, want := s.srv.early.Used(), 2*sent*size; got != want {
		t.Errorf("%d bytes are kept, want %d", got, want)
	}

	// A client that falls back gets all that was kept, or that it is connected.
	for i, packets := range []int{1 + sent, 1 + sent, 1, 1} {
		got, err := DecodeColonPayload([]byte(s.get("/xhr-polling/"+sids[i]).body), 0)
		if err != nil || len(got) != packets || string(got[0]) != "1::" {
			t.Errorf("client %d: %d packets, %v, want %d", i, len(got), err, packets)
		}
	}
	s.post("/xhr-polling/"+sids[0], "2::") // is heard
	conns[1].Close(versions.ReasonServerDisconnect)
	s.get("/xhr-polling/" + sids[1]) // fetches that it has ended
	s.until("the budget is free", func() bool { return s.srv.early.Used() == 0 })
	for _, ws := range lines {
		_ = ws.ws.Close()
	}
}

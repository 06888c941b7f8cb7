package socketio_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// broadcasts is a room store that notes what it is to deliver.
type broadcasts struct {
	rooms.Adapter

	mu  sync.Mutex
	all []*packet.Prepared // under mu
}

func (b *broadcasts) Broadcast(p *packet.Prepared, t rooms.Target) error {
	b.mu.Lock()
	b.all = append(b.all, p)
	b.mu.Unlock()
	return b.Adapter.Broadcast(p, t)
}

// encodings is how often a broadcast to the room is encoded, however many are in
// it: for 0.9, for 2.x, and for 1.0 by websocket and by polling, where text beyond
// ASCII arrives damaged.
const encodings = 4

// TestMixedRoomEncodesOncePerDialect broadcasts to a room with several clients of
// each of three dialects, by websocket and by polling.
func TestMixedRoomEncodesOncePerDialect(t *testing.T) {
	t.Parallel()
	const each = 3
	store := &broadcasts{Adapter: rooms.NewStore()}
	srv, err := socketio.NewServer(socketio.Config{
		Adapter: func(*socketio.Namespace) rooms.Adapter { return store },
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.OnConnection(func(s *socketio.Socket) { s.Join("hall") })
	url := startServer(t, srv, nil, nil)

	var members []func() []byte // each returns the next message or body
	for range each {
		sid := func() string {
			_, body, _ := fetch(t, http.MethodGet, url+"/socket.io/1/?t=1")
			sid, _, _ := strings.Cut(body, ":")
			return sid
		}
		polls := url + "/socket.io/1/xhr-polling/" + sid()
		members = append(members,
			dialMember(t, url+"/socket.io/1/websocket/"+sid()),
			dialMember(t, url+"/socket.io/?EIO=2&transport=websocket"),
			dialMember(t, url+"/socket.io/?EIO=3&transport=websocket"),
			func() []byte {
				_, body, _ := fetch(t, http.MethodGet, polls)
				return []byte(body)
			},
			pollMember(t, url+"/socket.io/?EIO=2&transport=polling"),
			pollMember(t, url+"/socket.io/?EIO=3&transport=polling"),
		)
		if body := members[len(members)-3](); string(body) != "1::" {
			t.Fatalf("the first poll is answered by %q", body)
		}
	}
	for end := time.Now().Add(30 * time.Second); store.RoomSize("hall") < len(members); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d members, want %d", store.RoomSize("hall"), len(members))
		}
	}

	const rounds = 5
	for range rounds {
		if err := srv.To("hall").Emit("msg", "to all of them"); err != nil {
			t.Fatal(err)
		}
	}
	for i, next := range members {
		got := 0
		for range 100 {
			if got += bytes.Count(next(), []byte("to all of them")); got >= rounds {
				break
			}
		}
		if got != rounds {
			t.Errorf("member %d got %d messages, want %d", i, got, rounds)
		}
	}
	store.mu.Lock()
	defer store.mu.Unlock()
	if len(store.all) != rounds {
		t.Fatalf("%d broadcasts, want %d", len(store.all), rounds)
	}
	for i, p := range store.all {
		if n := p.Encodings(); n != encodings {
			t.Errorf("broadcast %d to %d members was encoded %d times, want %d", i, len(members), n, encodings)
		}
	}
}

// dialMember joins by a websocket.
func dialMember(t *testing.T, url string) func() []byte {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	return func() []byte {
		t.Helper()
		_ = ws.SetReadDeadline(time.Now().Add(30 * time.Second))
		_, b, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

// pollMember joins by polling, as since 1.0.
func pollMember(t *testing.T, url string) func() []byte {
	t.Helper()
	_, body, _ := fetch(t, http.MethodGet, url)
	_, rest, _ := strings.Cut(body, `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	return func() []byte {
		_, body, _ := fetch(t, http.MethodGet, url+"&sid="+sid)
		return []byte(body)
	}
}

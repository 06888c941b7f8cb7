package mirror

import (
	"strings"
	"testing"
)

// TestMember does to the room's members what an application may do to them. The
// mirror stays, and is no socket.
func TestMember(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}})
	w := s.watch("/", "")
	room := s.io.In("news")
	if err := room.SocketsJoin("other"); err != nil {
		t.Error(err)
	}
	if err := room.SocketsLeave("news"); err != nil {
		t.Error(err)
	}
	if err := room.DisconnectSockets(true); err != nil {
		t.Error(err)
	}
	ids, err := room.Clients(t.Context())
	if err != nil || len(ids) != 1 || !strings.HasPrefix(ids[0], "mirror:") {
		t.Errorf("clients %q, %v", ids, err)
	}
	if list := s.io.Sockets(); len(list) != 0 {
		t.Errorf("%d sockets", len(list))
	}
	remote, err := room.FetchSockets(t.Context())
	if err != nil || len(remote) != 1 || remote[0].ID() != ids[0] || remote[0].Handshake() == nil {
		t.Errorf("remote sockets %v, %v", remote, err)
	}
	got, err := room.EmitWithAcks(t.Context(), "question", 1)
	if err != nil || got.Asked != 0 || got.NotAsked != 1 || len(got.Answers) != 0 {
		t.Errorf("responses %+v, %v", got, err)
	}
	if e := w.next(); e.data != `{"name":"question","args":[1]}` {
		t.Errorf("got %+v", e)
	}
}

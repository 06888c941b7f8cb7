package socketio_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"

	socketio "github.com/heirloom-io/socketio"
)

func startWith(t *testing.T, config socketio.Config, set func(*socketio.Server)) string {
	t.Helper()
	srv, err := socketio.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	set(srv)
	return strings.Replace(startServer(t, srv, nil, nil), "http", "ws", 1) + "/socket.io/?EIO=3&transport=websocket"
}

// TestDisconnectWhileConnecting: whatever a connection handler sends before it
// throws its client out arrives, though the websocket has hardly been opened.
func TestDisconnectWhileConnecting(t *testing.T) {
	t.Parallel()
	url := startWith(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.OnConnection(func(s *socketio.Socket) {
			if err := s.Emit("bye"); err != nil {
				t.Error(err)
			}
			s.Disconnect(true)
		})
	})
	for range 200 {
		ws, err := websocket.Dial(url, "", "http://localhost")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			var message string
			if websocket.Message.Receive(ws, &message) != nil {
				break
			}
			got = append(got, message)
		}
		_ = ws.Close()
		if len(got) != 4 || got[1] != "40" || got[2] != `42["bye"]` || got[3] != "41" {
			t.Fatalf("got %q", got)
		}
	}
}

// TestTransportsHoldForLateRecognition: a client that is found out to be of a
// generation which may not use its transport has to go.
func TestTransportsHoldForLateRecognition(t *testing.T) {
	t.Parallel()
	reasons := make(chan socketio.Reason, 1)
	url := startWith(t, socketio.Config{V1: socketio.V1Config{Transports: []string{"polling"}}}, func(srv *socketio.Server) {
		srv.Of("/chat").OnConnection(func(s *socketio.Socket) { t.Errorf("%+v was let in", s.Conn().Info()) })
		srv.OnConnection(func(s *socketio.Socket) { s.OnDisconnect(func(r socketio.Reason) { reasons <- r }) })
	})
	ws, err := websocket.Dial(url, "", "http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := websocket.Message.Send(ws, "40/chat"); err != nil { // no comma: 1.x
		t.Fatal(err)
	}
	select {
	case r := <-reasons:
		if r != socketio.ReasonPolicy {
			t.Errorf("reason %q", r)
		}
	case <-time.After(30 * time.Second):
		t.Error("it was not disconnected")
	}
}

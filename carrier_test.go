package socketio_test

import (
	"strings"
	"testing"

	"golang.org/x/net/websocket"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/transports"
)

// tunnel is a carrier of an application's own; here a websocket by another name.
type tunnel struct{ transports.WebSocket }

func (tunnel) Name() string { return "tunnel" }

// TestOwnCarrier registers a carrier by name, and enables it by configuration.
func TestOwnCarrier(t *testing.T) {
	t.Parallel()
	config := socketio.Config{Carriers: []transports.Transport{tunnel{}}}
	talk := func(url, transport string) (string, error) {
		ws, err := websocket.Dial(strings.Replace(url, "http", "ws", 1)+"/socket.io/?EIO=3&transport="+transport, "", "http://localhost")
		if err != nil {
			return "", err
		}
		defer ws.Close()
		var message string
		for !strings.HasPrefix(message, "40") {
			if err := websocket.Message.Receive(ws, &message); err != nil {
				return "", err
			}
		}
		return message, nil
	}
	if got, err := talk(start(t, config, nil, nil), "tunnel"); err != nil || got != "40" {
		t.Errorf("over the tunnel: %q, %v", got, err)
	}
	config.Transports = []string{"polling", "websocket"}
	url := start(t, config, nil, nil)
	if got, err := talk(url, "tunnel"); err == nil {
		t.Errorf("over a tunnel that is not enabled: %q", got)
	}
	if got, err := talk(url, "websocket"); err != nil || got != "40" {
		t.Errorf("over a websocket: %q, %v", got, err)
	}
	config.Carriers = append(config.Carriers, tunnel{})
	if _, err := socketio.NewServer(config); err == nil {
		t.Error("two carriers of one name were taken")
	}
}

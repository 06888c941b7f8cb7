package socketio_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heirloom-io/socketio"
)

// TestMatchOriginProtocol opens a websocket of 2011 from a page by https, behind
// something that ends TLS. Such a client compares the address it is told with the
// one it asked for, scheme included.
func TestMatchOriginProtocol(t *testing.T) {
	t.Parallel()
	for scheme, config := range map[string]socketio.V0Config{"ws": {}, "wss": {MatchOriginProtocol: true}} {
		url := start(t, socketio.Config{V0: config}, nil, nil)
		_, body, _ := fetch(t, http.MethodGet, url+"/socket.io/1/?t=1")
		id, _, _ := strings.Cut(body, ":")
		addr := strings.TrimPrefix(url, "http://")
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		_, err = io.WriteString(conn, "GET /socket.io/1/websocket/"+id+" HTTP/1.1\r\nHost: "+addr+"\r\n"+
			"Upgrade: WebSocket\r\nConnection: Upgrade\r\nOrigin: https://app.example\r\n"+
			"Sec-WebSocket-Key1: 3-18r  M8* pS =h24 21 qy \"  70\r\nSec-WebSocket-Key2: 2545 l53{f46X48\r\n\r\n"+
			"\xe3\xba\x44\x44\xf6\x89\x1e\x6f")
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		want := scheme + "://" + addr + "/socket.io/1/websocket/" + id
		if got := resp.Header.Get("Sec-WebSocket-Location"); resp.StatusCode != http.StatusSwitchingProtocols || got != want {
			t.Errorf("status %d, address %q, want %q", resp.StatusCode, got, want)
		}
	}
}

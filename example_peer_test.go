package socketio_test

import (
	"context"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio"
)

// peer is a client of 2.x, reduced to what the examples need. What it sends and
// gets are Socket.IO packets: 42["news",1] is an event.
type peer struct {
	conn *websocket.Conn
	end  func()
}

// visit serves io and connects a client to it.
func visit(io *socketio.Server) *peer {
	web := httptest.NewServer(io.Attach(nil))
	p := &peer{end: func() { shut(io, web) }}
	p.dial(web.URL)
	return p
}

// shut ends a server and what serves it.
func shut(io *socketio.Server, web *httptest.Server) {
	_ = io.Close(context.Background())
	web.Close()
}

func (p *peer) dial(url string) { p.dialWith(url, nil) }

func (p *peer) dialWith(url string, headers http.Header) {
	conn, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/socket.io/?EIO=3&transport=websocket", headers)
	if err != nil {
		log.Fatal(err)
	}
	_ = resp.Body.Close()
	p.conn = conn
	p.next() // the confirmation
}

// send sends a packet.
func (p *peer) send(packet string) {
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(packet)); err != nil {
		log.Fatal(err)
	}
}

// next returns the next packet.
func (p *peer) next() string {
	for {
		_, data, err := p.conn.ReadMessage()
		if err != nil {
			return err.Error()
		}
		if data[0] == '4' {
			return string(data)
		}
	}
}

// close ends the connection, and then the server.
func (p *peer) close() {
	_ = p.conn.Close()
	p.end()
}

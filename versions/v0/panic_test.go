package v0

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// panicHost panics at the first client.
type panicHost struct{ *host }

func (panicHost) Accept(versions.Conn) (versions.Receiver, error) { panic("accept") }

// panicTransport panics instead of opening a connection.
type panicTransport struct{ transports.DuplexTransport }

func (panicTransport) Accept(http.ResponseWriter, *http.Request, transports.DuplexParams) (transports.Conn, error) {
	panic("transport")
}

// TestPanic has what is above or below panic while a request is served. Neither
// the session nor its connection may be left behind, or Close would wait for them.
func TestPanic(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"websocket", "htmlfile", "xhr-polling", "jsonp-polling", "transport"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost()
			p := params(h)
			p.Host = panicHost{h}
			srv, err := NewServer(p)
			if err != nil {
				t.Fatal(err)
			}
			way := name
			if name == "transport" {
				way = "websocket"
				d := srv.mechanisms[way].(*duplex)
				d.transport = panicTransport{d.transport}
			}
			ts := httptest.NewUnstartedServer(route(srv))
			ts.Config.ErrorLog = log.New(io.Discard, "", 0)
			ts.Start()
			defer ts.Close()
			s := &site{t: t, host: h, srv: srv, base: ts.URL + "/socket.io/1", addr: ts.Listener.Addr().String(), http: ts.Client()}
			sid := s.handshake()
			upgrade := ""
			if way == "websocket" {
				upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
			}
			c := s.dial("GET /socket.io/1/" + way + "/" + sid + " HTTP/1.1\r\nHost: h\r\n" + upgrade + "\r\n")
			if _, err := io.ReadAll(c); err != nil {
				t.Errorf("the connection does not end: %v", err)
			}
			if name != "transport" && srv.Sessions() != 0 {
				t.Errorf("%d sessions", srv.Sessions())
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := srv.Close(ctx); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

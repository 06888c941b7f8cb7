package socketio

import (
	"errors"
	"io"
	"testing"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	r := socket.Request()
	if r.URL.Query().Get("token") != "url" || r.FormValue("token") != "url" || r.Header.Get("X-Test") != "yes" {
		t.Errorf("request %+v", r)
	}
	if body, err := io.ReadAll(r.Body); len(body) != 0 || err != nil {
		t.Errorf("body %q, %v", body, err)
	}
	r.Header.Set("X-Test", "changed")
	if got := socket.Conn().Request(); got.Header.Get("X-Test") != "yes" || got.RemoteAddr != socket.Handshake().RemoteAddr {
		t.Errorf("request of the connection %+v", got)
	}
	c.lose(ReasonTransportClose)
	c.wait()
	if !errors.Is(r.Context().Err(), socket.Context().Err()) || r.Context().Err() == nil {
		t.Errorf("context after the end: %v", r.Context().Err())
	}
	if err := socket.Conn().Request().Context().Err(); err != nil {
		t.Errorf("context of the connection's request: %v", err)
	}
}

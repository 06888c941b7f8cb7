package socketio

import "testing"

func TestHandshake(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	chat := s.Of("/chat")
	c, root := join(t, s)
	c.connectQuery("/chat", "token=nsp&x=a%20b&%zz")
	c.wait()
	socket, _ := chat.Socket("/chat#" + c.id)
	h := socket.Handshake()
	if h.Query.Get("token") != "nsp" || h.Query.Get("EIO") != "3" || h.Query.Get("x") != "a b" {
		t.Errorf("query %v", h.Query)
	}
	if h.Header.Get("X-Test") != "yes" || h.RemoteAddr == "" || socket.Conn().RemoteAddr() != h.RemoteAddr {
		t.Errorf("handshake %+v", h)
	}
	h.Query.Set("EIO", "changed")
	if got := root.Handshake().Query; got.Get("token") != "url" || got.Get("EIO") != "3" {
		t.Errorf("query of the root %v", got)
	}
	if i := socket.Conn().Info(); i.Transport != "fake" {
		t.Errorf("info %+v", i)
	}
}

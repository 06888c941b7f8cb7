package v0

import (
	"context"
	"errors"
	"testing"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

func TestForceDisconnect(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"//SID/?disconnect=1", "/xhr-polling/SID?disconnect", "/websocket/SID/?disconnect=0"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, newHost(), nil)
			path, c := s.polling("xhr-polling")
			poll := s.poll(path)
			s.held(c.ID(), true)
			i := 0
			for form[i:i+3] != "SID" {
				i++
			}
			a := s.get(form[:i]+c.ID()+form[i+3:], "Origin", "http://ex.com")
			if a.status != 200 || a.body != "" || a.header.Get("Access-Control-Allow-Origin") != "http://ex.com" {
				t.Errorf("%+v", a)
			}
			if a := receive(t, poll); a.body != "0::" {
				t.Errorf("%+v", a)
			}
			if r := receive(t, s.host.closings); r != versions.ReasonClientDisconnect {
				t.Errorf("reason %s", r)
			}
			if i == 2 && c.Info().Dialect != "0.9.9-0.9.17" {
				t.Errorf("dialect %s", c.Info().Dialect)
			}
		})
	}
	t.Run("without a poll", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		path, c := s.polling("xhr-polling")
		s.get("//" + c.ID() + "/?disconnect=1")
		receive(t, s.host.closings)
		if a := s.get(path); a.body != "7:::1+0" {
			t.Errorf("%+v", a)
		}
	})
	t.Run("before the first request", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		s.get("//" + s.handshake() + "/?disconnect=1")
		if n := s.srv.Sessions(); n != 0 {
			t.Errorf("%d sessions", n)
		}
	})
}

// TestKicked has the application disconnect polling clients, who must learn of
// it even if no poll is open.
func TestKicked(t *testing.T) {
	t.Parallel()
	kick := func(c *conn) { c.deliver(&packet.Packet{Type: packet.Disconnect, Namespace: "/"}) }
	t.Run("poll open", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		path, c := s.polling("xhr-polling")
		poll := s.poll(path)
		s.held(c.ID(), true)
		kick(c)
		if a := receive(t, poll); a.body != "0::" {
			t.Errorf("%+v", a)
		}
		s.until("session gone", func() bool { return s.srv.Sessions() == 0 })
	})
	for _, tt := range []struct{ transport, want string }{
		{"xhr-polling", "\ufffd5\ufffd3:::x\ufffd3\ufffd0::"},
		{"jsonp-polling", `io.j[0]("\ufffd5\ufffd3:::x\ufffd3\ufffd0::");`},
	} {
		t.Run("no "+tt.transport+" open", func(t *testing.T) {
			t.Parallel()
			s := newSite(t, newHost(), nil)
			path, c := s.polling("xhr-polling")
			c.send("x")
			kick(c)
			if r := receive(t, s.host.closings); r != versions.ReasonServerDisconnect {
				t.Errorf("reason %s", r)
			}
			if err := c.Deliver(packet.Prepare(event("/", "late", ""))); !errors.Is(err, versions.ErrClosed) {
				t.Errorf("deliver: %v", err)
			}
			if a := s.get("/" + tt.transport + "/" + c.ID()); a.body != tt.want {
				t.Errorf("%q", a.body)
			}
			if a := s.get(path); a.body != "7:::1+0" {
				t.Errorf("%+v", a)
			}
		})
	}
	t.Run("fetched by other carriers", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		_, c := s.polling("xhr-polling")
		kick(c)
		ws := s.websocket(c.ID())
		ws.want("0::")
		ws.wantEnd()
		_, c = s.polling("xhr-polling")
		kick(c)
		p := s.htmlfile(c.ID())
		p.want("0::")
		p.wantEnd()
	})
}

func TestSlowConsumer(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), func(p *Params) { p.Outbox.Frames = 2 })
	path, c := s.polling("xhr-polling")
	c.send("a")
	c.send("b")
	if err := c.Deliver(packet.Prepare(event("/", "c", ""))); !errors.Is(err, versions.ErrSlow) {
		t.Errorf("deliver: %v", err)
	}
	if r := receive(t, s.host.closings); r != versions.ReasonSlowConsumer {
		t.Errorf("reason %s", r)
	}
	if a := s.get(path); a.body != "7:::1+0" {
		t.Errorf("%+v", a)
	}
}

func TestServerClose(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	ws := s.websocket(s.handshake())
	ws.want("1::")
	p := s.htmlfile(s.handshake())
	p.want("1::")
	s.conn()
	s.conn()
	path, c := s.polling("xhr-polling")
	poll := s.poll(path)
	s.held(c.ID(), true)
	s.handshake()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.srv.Close(ctx); err != nil {
		t.Error(err)
	}
	ws.want("7:::1+0")
	ws.wantEnd()
	p.want("7:::1+0")
	p.wantEnd()
	if a := receive(t, poll); a.body != "7:::1+0" {
		t.Errorf("%+v", a)
	}
	for range 3 {
		if r := receive(t, s.host.closings); r != versions.ReasonServerShutdown {
			t.Errorf("reason %s", r)
		}
	}
	if a := s.get("/"); a.status != 503 {
		t.Errorf("%+v", a)
	}
	s.until("sessions gone", func() bool { return s.srv.Sessions() == 0 })
}

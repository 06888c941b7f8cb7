package engine

import (
	"context"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio/versions"
)

// endedWithinUpgrade returns a session that has ended after the probe, with a message
// that nobody has fetched.
func endedWithinUpgrade(t *testing.T) (*server, *socket, *Session) {
	t.Helper()
	s := start(t, func(s *setup) { s.params.UpgradeTimeout = time.Hour })
	session := s.openPolling("")
	c := s.probe(session.ID(), "")
	if err := send(session, text("last")); err != nil {
		t.Fatal(err)
	}
	session.Close(versions.ReasonServerDisconnect)
	s.wantEnd(versions.ReasonServerDisconnect)
	return s, c, session
}

// known reports whether the server still knows a session.
func (s *server) known(session *Session) bool { return s.engine.lookup(session.ID()) != nil }

// wantCut checks that the connection is cut, and not at the end of its deadline.
func (c *socket) wantCut() {
	c.t.Helper()
	began := time.Now()
	c.wantClose(websocket.CloseAbnormalClosure)
	if d := time.Since(began); d > patienceOfTests {
		c.t.Errorf("closed after %v", d)
	}
}

// TestUpgradeAfterEnd: a client that stopped polling for the upgrade gets the rest of
// a session that the server ended in that moment on the websocket.
func TestUpgradeAfterEnd(t *testing.T) {
	t.Parallel()
	s, c, session := endedWithinUpgrade(t)
	c.write("5")
	c.want("4last")
	c.wantClose(websocket.CloseNoStatusReceived)
	s.wantGone()
	s.until("the session is forgotten", func() bool { return !s.known(session) })
}

// TestUpgradeAfterEndPolled: a client that still polls gets the rest there, and loses
// the websocket.
func TestUpgradeAfterEndPolled(t *testing.T) {
	t.Parallel()
	s, c, session := endedWithinUpgrade(t)
	s.wantPoll(session.ID(), "5:4last1:1")
	c.wantCut()
	s.until("the session is forgotten", func() bool { return !s.known(session) })
}

// TestUpgradeAfterEndNobody: when nobody has fetched the rest in time, the websocket
// goes with it.
func TestUpgradeAfterEndNobody(t *testing.T) {
	t.Parallel()
	s, c, session := endedWithinUpgrade(t)
	session.forget() // as its timer does
	c.wantCut()
	if s.known(session) {
		t.Error("the session is known")
	}
}

// TestUpgradeAfterEndClose: a server that closes does not wait for the client's choice.
func TestUpgradeAfterEndClose(t *testing.T) {
	t.Parallel()
	s, c, _ := endedWithinUpgrade(t)
	ctx, cancel := context.WithTimeout(context.Background(), patienceOfTests)
	defer cancel()
	if err := s.engine.Close(ctx); err != nil {
		t.Error(err)
	}
	c.wantCut()
}

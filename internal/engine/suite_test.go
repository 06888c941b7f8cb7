package engine

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const (
	suiteInterval = 300 * time.Millisecond
	suiteTimeout  = 200 * time.Millisecond
)

// startSuite runs the server that the public test suites of Engine.IO ask for: an
// echo with short heartbeats.
func startSuite(t *testing.T, change ...func(*setup)) *server {
	t.Helper()
	return start(t, append([]func(*setup){func(s *setup) {
		s.profile.PingInterval, s.profile.PingTimeout = suiteInterval, suiteTimeout
		s.profile.Cookie = nil
	}}, change...)...)
}

// patient makes a server whose heartbeats are out of the way.
func patient(s *setup) {
	s.profile.PingInterval, s.profile.PingTimeout = time.Hour, time.Hour
}

// suiteGet is a GET that may also find the connection closed.
func (s *server) suiteGet(sid string) int {
	return s.request(context.Background(), http.MethodGet, "transport=polling&sid="+sid, "").status
}

// suiteCase is a case of a public suite.
type suiteCase struct {
	name string
	run  func(*testing.T, *server)
}

// runSuite goes through the cases of one revision's suite, and through those that
// all suites have alike. Heartbeats keep the suite's pace where they matter.
func runSuite(t *testing.T, cases []suiteCase, start func(*testing.T, ...func(*setup)) *server) {
	t.Helper()
	for _, tc := range append(cases, commonCases...) {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			switch {
			case strings.HasPrefix(tc.name, "handshake/"), strings.HasSuffix(tc.name, "silent client"):
				tc.run(t, start(t))
			case strings.HasPrefix(tc.name, "heartbeat/"):
				// The pings come at the suite's pace; how fast this machine answers
				// is not what is tested.
				tc.run(t, start(t, func(s *setup) { s.profile.PingTimeout = time.Hour }))
			default:
				tc.run(t, start(t, patient))
			}
		})
	}
}

var commonCases = []suiteCase{
	{"handshake/polling with a wrong method", func(t *testing.T, s *server) {
		for _, method := range []string{http.MethodPost, http.MethodPut} {
			if a := s.do(method, "transport=polling", ""); a.status != http.StatusBadRequest {
				t.Errorf("%s: %d", method, a.status)
			}
		}
	}},
	{"message/polling, cancelled poll", func(t *testing.T, s *server) {
		session := s.openPolling("")
		ctx, cancel := context.WithCancel(t.Context())
		held := s.hold(ctx, session)
		cancel()
		<-held
		s.until("the session is gone", func() bool { return s.suiteGet(session.ID()) == http.StatusBadRequest })
	}},
	{"message/websocket, text", func(_ *testing.T, s *server) {
		c, _ := s.openWebSocket("")
		c.write("4hello")
		c.want("4hello")
	}},
	{"heartbeat/websocket, silent client", func(_ *testing.T, s *server) {
		c, _ := s.openWebSocket("")
		c.wantClose(websocket.CloseAbnormalClosure)
	}},
	{"close/websocket", func(_ *testing.T, s *server) {
		c, _ := s.openWebSocket("")
		c.write("1")
		c.wantClose(websocket.CloseNoStatusReceived)
	}},
	{"upgrade/polls after it are refused", func(t *testing.T, s *server) {
		c, session := s.upgraded()
		if got := s.suiteGet(session.ID()); got != http.StatusBadRequest {
			t.Errorf("poll: %d", got)
		}
		c.write("4hello")
		c.want("4hello")
	}},
	{"upgrade/a second websocket is closed", func(_ *testing.T, s *server) {
		c, session := s.upgraded()
		s.mustDial("sid=" + session.ID()).wantClose(websocket.CloseNoStatusReceived)
		c.write("4hello")
		c.want("4hello")
	}},
}

package v0

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// claimTimeout is how long a handshake waits for its client. Genuine servers
// looked every 10 s for those older than 30 s.
const claimTimeout = 30 * time.Second

// What a client that may not come in is told; the page gets it as the argument
// of its error event.
const (
	textUnauthorized = "handshake unauthorized"
	textError        = "handshake error"
	textBadOrigin    = "handshake bad origin"
	textProtocol     = "Protocol version not supported."
	textWelcome      = "Welcome to socket.io."
)

// handshake starts a session. Its client gets
//
//	SID : heartbeat timeout : close timeout : transports
//
// and comes back with a request that names a transport and the session.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, q Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		notAllowed(w, r, s.p.WriteTimeout)
		return
	}
	transports.Drain(r)
	if s.p.Admit != nil {
		if err := s.p.Admit(r); err != nil {
			s.refuseHandshake(w, r, err)
			return
		}
	}
	fresh, err := s.newSession(r, q)
	if err != nil {
		s.p.Logger.Warn("session not started", "error", err)
		s.refuseHandshake(w, r, ErrHandshake)
		return
	}
	if !s.add(fresh) {
		allowOrigin(w, r)
		w.Header().Set("Retry-After", "5")
		plain(w, r, http.StatusServiceUnavailable, nil, s.p.WriteTimeout)
		return
	}
	place, _ := callerKeys(r)
	s.handed(fresh, place)
	fresh.expectClient()
	heartbeat, closing := s.p.announced()
	body := append([]byte(fresh.id), ':')
	body = append(strconv.AppendInt(body, heartbeat, 10), ':')
	body = append(strconv.AppendInt(body, closing, 10), ':')
	body = append(body, s.transports...)
	if index, ok := engine.JSONPIndex(r.URL.Query().Get("jsonp")); ok {
		script(w, r, colonPolls.appendCall(nil, index, body), s.p.WriteTimeout)
		return
	}
	allowOrigin(w, r)
	plain(w, r, http.StatusOK, body, s.p.WriteTimeout)
}

func (s *Server) newSession(r *http.Request, q Request) (*session, error) {
	fresh := newSession(s, colon)
	fresh.handshake = versions.NewHandshake(r, time.Now())
	fresh.evidence = q.Evidence
	fresh.narrow(tellsOfHandshake(r))
	fresh.id = engine.NewID()
	if s.p.GenerateID != nil {
		id, err := s.p.GenerateID(r)
		if err != nil {
			return nil, err
		}
		if !validID(id) {
			return nil, errBadID
		}
		fresh.id = id
	}
	return fresh, nil
}

// maxID bounds ids that the application makes.
const maxID = 512

var errBadID = errors.New("v0: generated session id is empty, too long, or has characters with a meaning here")

func (s *Server) refuseHandshake(w http.ResponseWriter, r *http.Request, err error) {
	status, text, code := http.StatusForbidden, textUnauthorized, versions.RefusedForbidden
	if errors.Is(err, ErrHandshake) {
		status, text, code = http.StatusInternalServerError, textError, versions.RefusedRequest
	}
	versions.ReportRefusal(r, code, text)
	allowOrigin(w, r)
	refuse(w, r, status, text, s.p.WriteTimeout)
}

// Refusal says why a request may not come in.
type Refusal uint8

// The refusals.
const (
	// RefuseRequest: nothing that a client of the generation asks for. Genuine
	// servers greet such requests.
	RefuseRequest Refusal = iota
	// RefuseProtocol: another protocol number than 1, or a generation that is
	// not admitted.
	RefuseProtocol
	// RefuseTransport: a transport that is not admitted.
	RefuseTransport
	// RefuseOrigin: a page that may not connect.
	RefuseOrigin
)

// refusalReports are the refusals as they are reported.
var refusalReports = map[Refusal]struct {
	code versions.RefusalCode
	text string
}{
	RefuseRequest:   {versions.RefusedRequest, textWelcome},
	RefuseProtocol:  {versions.RefusedVersion, textProtocol},
	RefuseTransport: {versions.RefusedTransport, ""},
	RefuseOrigin:    {versions.RefusedForbidden, textBadOrigin},
}

func (why Refusal) report(r *http.Request) {
	report := refusalReports[why]
	versions.ReportRefusal(r, report.code, report.text)
}

// Refuse answers a request that may not come in, the way genuine servers do. A
// page whose origin is the reason may not read the answer; of a transport that
// is not admitted the connection ends without one.
func (s *Server) Refuse(w http.ResponseWriter, r *http.Request, why Refusal) {
	why.report(r)
	transports.Drain(r)
	if isUpgrade(r) {
		w.Header().Set("Connection", "close") // what follows is no request
	}
	switch why {
	case RefuseProtocol:
		allowOrigin(w, r)
		// A JSONP handshake gets the plain body too.
		plain(w, r, http.StatusInternalServerError, []byte(textProtocol), s.p.WriteTimeout)
	case RefuseTransport:
		abort(w)
	case RefuseOrigin:
		refuse(w, r, http.StatusForbidden, textBadOrigin, s.p.WriteTimeout)
	default:
		plain(w, r, http.StatusOK, []byte(textWelcome), s.p.WriteTimeout)
	}
}

// refuse answers a handshake with an error, as a script where one was asked for.
func refuse(w http.ResponseWriter, r *http.Request, status int, text string, timeout time.Duration) {
	index, ok := engine.JSONPIndex(r.URL.Query().Get("jsonp"))
	if !ok {
		plain(w, r, status, []byte(text), timeout)
		return
	}
	// Scripts with another status would not run.
	h := w.Header()
	h.Del("Access-Control-Allow-Origin")
	h.Del("Access-Control-Allow-Credentials")
	body := append([]byte("io.j["+index+"](new Error("), packet.AppendString(nil, text)...)
	script(w, r, append(body, "));"...), timeout)
}

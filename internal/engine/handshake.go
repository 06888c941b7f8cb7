package engine

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// handshake starts a session. Polling clients get the open packet as the answer
// to this very request, together with whatever Accept sends at once.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, p *Profile, t transports.Transport, q url.Values, evidence string) {
	duplex, isDuplex := t.(transports.DuplexTransport)
	if s.p.Admit != nil {
		if err := s.p.Admit(r); err != nil {
			var refused *RefusedError
			message := ""
			if errors.As(err, &refused) {
				message = refused.Message
			}
			Refuse(w, r, CodeForbidden, message)
			return
		}
	}
	session, err := s.newSession(r, p, t, q)
	if err == nil {
		session.evidence = evidence
		session.greeting.Store(!isDuplex)
	} else {
		if !errors.Is(err, errUnfit) {
			s.p.Logger.Warn("session not started", "error", err)
		}
		Refuse(w, r, CodeBadRequest, "")
		return
	}
	if isDuplex {
		s.open(w, r, session, duplex)
		return
	}
	if err := s.start(session, true); err != nil {
		refuseStart(w, r, err)
		return
	}
	session.poll(w, r)
}

// refuseStart answers when a session could not be entered: its id is taken, or
// the server or the layer above is closing.
func refuseStart(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errDuplicateID) {
		Refuse(w, r, CodeBadRequest, "")
		return
	}
	refuseBusy(w, r)
}

func (s *Server) newSession(r *http.Request, p *Profile, t transports.Transport, q url.Values) (*Session, error) {
	if requestSize(r) > maxRequest {
		return nil, errLargeRequest
	}
	session := &Session{
		srv:       s,
		profile:   p,
		handshake: versions.NewHandshake(r, time.Now()),
		transport: t.Name(),
	}
	session.out.Init(&s.p.Outbox)
	session.record.read(q, r.Header, p.Revision)
	if j := q.Get("j"); j != "" {
		index, ok := JSONPIndex(j)
		if !ok {
			return nil, errBadJSONP
		}
		session.record.JSONP = index
	}
	session.id = NewID()
	if s.p.GenerateID != nil {
		id, err := s.p.GenerateID(r)
		if err != nil {
			return nil, err
		}
		if id == "" || len(id) > maxID {
			return nil, errBadID
		}
		if s.lookup(id) != nil {
			// Two at once are told apart when they are added. But a client whose
			// websocket has opened hears nothing of a refusal until it gives up.
			return nil, errDuplicateID
		}
		session.id = id
	}
	return session, nil
}

const (
	// maxID bounds ids that the application makes.
	maxID = 512
	// maxRequest bounds the URL and the headers of a handshake, in bytes: a
	// session keeps them as long as it lives. Node's servers take 16 KiB.
	maxRequest = 32 << 10
)

var (
	errUnfit        = errors.New("engine: unfit request")
	errBadJSONP     = fmt.Errorf("%w: bad jsonp index", errUnfit)
	errLargeRequest = fmt.Errorf("%w: URL and headers too large", errUnfit)
	errBadID        = errors.New("engine: generated session id is empty or too long")
)

func requestSize(r *http.Request) int {
	n := len(r.RequestURI)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// start enters a session into the server and hands it to the layer above, with
// the open packet queued before anything else.
func (s *Server) start(session *Session, polling bool) error {
	if err := session.out.PutControl(session.openFrame()); err != nil {
		return err
	}
	if err := s.add(session, polling); err != nil {
		return err
	}
	session.lastSeen.Store(int64(s.now()))
	h, err := session.profile.Accept(session)
	if err != nil {
		session.end(versions.ReasonForcedClose, endNow)
		return err
	}
	session.adopt(h)
	session.startHeartbeat()
	return nil
}

// openFrame returns the open packet; the order of its keys is that of the genuine
// servers.
func (s *Session) openFrame() *packet.Frame {
	p := s.profile
	b := make([]byte, 0, 128)
	b = append(b, '0'+byte(PacketOpen))
	b = append(b, `{"sid":`...)
	b = packet.AppendString(b, s.id)
	b = append(b, `,"upgrades":[`...)
	if !s.srv.p.NoUpgrades && s.transport == (transports.Polling{}).Name() {
		for i, name := range p.Upgrades {
			if i > 0 {
				b = append(b, ',')
			}
			b = packet.AppendString(b, name)
		}
	}
	b = append(b, `],"pingInterval":`...)
	b = strconv.AppendInt(b, p.PingInterval.Milliseconds(), 10)
	b = append(b, `,"pingTimeout":`...)
	b = strconv.AppendInt(b, p.PingTimeout.Milliseconds(), 10)
	if p.Revision.AnnouncePayload {
		b = append(b, `,"maxPayload":`...)
		b = strconv.AppendInt(b, int64(p.MaxPayload), 10)
	}
	return &packet.Frame{Data: append(b, '}')}
}

package webtransport

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/heirloom-io/socketio/transports"
)

// Name is the name of the transport, by which configuration admits it.
const Name = "webtransport"

// transport makes sessions of one server the duplex carrier "webtransport".
type transport struct{}

var _ transports.DuplexTransport = transport{}

// Name returns "webtransport".
func (transport) Name() string { return Name }

// Mechanism returns MechanismDuplex.
func (transport) Mechanism() transports.Mechanism { return transports.MechanismDuplex }

// opening is a session that asks to be let in.
type opening struct {
	conn  *conn
	taken bool
}

type openingKey struct{}

var (
	errNotSession = errors.New("webtransport: not the request of a session")
	errOpening    = errors.New("webtransport: the first packet opens no session")
)

// unknown is what servers answer to the name over any other HTTP.
const unknown = `{"code":0,"message":"Transport unknown"}`

// Accept implements transports.DuplexTransport for the requests that serveSession
// makes.
func (transport) Accept(w http.ResponseWriter, r *http.Request, p transports.DuplexParams) (transports.Conn, error) {
	o, ok := r.Context().Value(openingKey{}).(*opening)
	if !ok || o.taken {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(unknown)) // a client that has gone need not be told
		return nil, errNotSession
	}
	o.taken = true
	o.conn.p = p
	return o.conn, nil
}

// serveSession opens a session, waits for the client's stream and for its first
// packet, and then asks the handler with the request that the client would have
// made for another transport. A session that the handler does not take ends.
func (s *Server) serveSession(w http.ResponseWriter, r *http.Request, q *quic.Conn, handler http.Handler) {
	c, sid, err := s.open(w, r, q)
	if err != nil {
		s.config.Logger.Debug("session not opened", "error", err)
		return
	}
	o := &opening{conn: c}
	defer func() { // also if the handler panics
		if !o.taken {
			c.Terminate()
		}
	}()
	answer := &unheard{header: http.Header{}}
	handler.ServeHTTP(answer, asHandshake(r, o, sid))
	if !o.taken {
		s.config.Logger.Debug("session refused", "status", answer.status)
	}
}

// maxOpening bounds the first packet, in bytes.
const maxOpening = 1024

// open returns the session's connection, and the name of the polling session that
// is to move to it, "" for a new one.
func (s *Server) open(w http.ResponseWriter, r *http.Request, q *quic.Conn) (c *conn, sid string, err error) {
	session, err := s.wt.Upgrade(w, r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest) // nothing, where it has been refused already
		return nil, "", err
	}
	ctx, cancel := context.WithTimeout(session.Context(), s.config.OpenTimeout)
	defer cancel()
	stream, err := session.AcceptStream(ctx)
	if err != nil {
		s.end(func() { _ = session.CloseWithError(0, "") })
		return nil, "", err
	}
	c = &conn{session: session, stream: stream, quic: q, r: bufio.NewReaderSize(stream, readBuffer), closing: s.end}
	c.p.MaxMessage = maxOpening
	until, _ := ctx.Deadline()
	err = stream.SetReadDeadline(until)
	if err == nil {
		err = c.Read(func(data []byte, binary bool) error {
			var ok bool
			if sid, ok = openingSession(data); binary || !ok {
				return errOpening
			}
			return nil
		})
	}
	if err == nil {
		err = stream.SetReadDeadline(time.Time{})
	}
	if err != nil {
		c.Terminate()
		return nil, "", err
	}
	return c, sid, nil
}

// openingSession returns the session that a first packet names, "" for a new one.
func openingSession(data []byte) (sid string, ok bool) {
	if len(data) == 0 || data[0] != '0' {
		return "", false
	}
	if len(data) == 1 {
		return "", true
	}
	var body struct {
		SID string `json:"sid"`
	}
	err := json.Unmarshal(data[1:], &body)
	return body.SID, err == nil && body.SID != ""
}

// asHandshake returns the request as a browser would make it for any other
// transport. Genuine clients give no query; what another gives is kept, but for
// the transport and the session, which are what the session says.
func asHandshake(r *http.Request, o *opening, sid string) *http.Request {
	get := r.WithContext(context.WithValue(r.Context(), openingKey{}, o))
	get.Method = http.MethodGet
	get.Body, get.ContentLength = http.NoBody, 0
	at := *r.URL
	query := at.Query()
	if !query.Has("EIO") {
		query.Set("EIO", "4")
	}
	query.Set("transport", Name)
	query.Del("sid")
	if sid != "" {
		query.Set("sid", sid)
	}
	at.RawQuery = query.Encode()
	get.URL, get.RequestURI = &at, at.RequestURI()
	return get
}

// unheard takes an answer that comes too late: the session has been opened with
// status 200.
type unheard struct {
	header http.Header
	status int
}

func (u *unheard) Header() http.Header         { return u.header }
func (u *unheard) Write(b []byte) (int, error) { return len(b), nil }
func (u *unheard) WriteHeader(status int)      { u.status = status }

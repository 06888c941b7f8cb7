package socketio

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/heirloom-io/socketio/compat"
	clients "github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/negotiate"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
	v0 "github.com/heirloom-io/socketio/versions/v0"
	v1 "github.com/heirloom-io/socketio/versions/v1"
	v2 "github.com/heirloom-io/socketio/versions/v2"
	v4 "github.com/heirloom-io/socketio/versions/v4"
)

// This file is where the generations are put together: the only one of the
// package that knows them by name.

// uplinkTimeout bounds the time a request body may take.
const uplinkTimeout = 30 * time.Second

// generation is a row with what configuration says about its clients.
type generation struct {
	row         *clients.Row
	transports  []string // of V1Config and so on
	field       string   // their name, for errors
	pingTimeout time.Duration
	// connectTimeout bounds the time in no namespace, where that can be.
	connectTimeout time.Duration
	maxPayload     int
	cookie         func(sid string) string
	ackV3          []int
}

// front is the front door of a server.
type front struct {
	engine   *engine.Server
	colon    *v0.Server        // nil if 0.7-0.9 is not admitted
	messages *v0.MessageServer // nil if 0.1-0.6 is not admitted
	params   negotiate.Params
	door     *negotiate.Door // without anything behind it
}

var _ frontDoor = (*front)(nil)

// openFrontDoor builds everything between HTTP and the server's host.
func (s *Server) openFrontDoor() (frontDoor, error) {
	c := &s.config
	registry, err := c.registry()
	if err != nil {
		return nil, err
	}
	allowed, err := compat.ParseConstraint(c.Generations)
	if err != nil {
		return nil, &ConfigError{Field: "Generations", Problem: err.Error()}
	}
	budget := transports.NewBudget(int64(c.MaxUplinkBytes))
	e := engine.NewServer(c.engineParams(registry, budget))
	handlers := map[compat.ID]negotiate.Handler{}
	rules := negotiate.Rules{Generations: allowed, Transports: map[compat.ID][]string{}}
	for _, relatives := range c.families() {
		family := clients.NewFamily(clients.Params{
			Engine: e,
			Host:   s.host(),
			Limits: c.packetLimits(budget, relatives[0].maxPayload),
			Moved: func(from, to compat.ID, why string) {
				c.Logger.Debug("client is of another generation than it seemed",
					"from", from.String(), "to", to.String(), "evidence", why)
			},
		})
		for _, g := range relatives {
			names, err := c.transportsOf(registry, g)
			if err != nil {
				return nil, err
			}
			if !allowed.Has(g.row.ID) {
				continue
			}
			family.Add(g.row, c.settings(registry, g, names))
			handlers[g.row.ID] = familyHandler{family}
			rules.Transports[g.row.ID] = names
		}
	}
	f := &front{engine: e}
	colon, names, err := c.colonServer(registry, budget, s.host())
	if err != nil {
		return nil, err
	}
	if allowed.Has(compat.V07) && len(names) > 0 {
		f.colon = colon
		handlers[compat.V07] = colonHandler{colon}
		rules.Transports[compat.V07] = names
	}
	messages, names, err := c.messageServer(registry, budget, s.host())
	if err != nil {
		return nil, err
	}
	for _, id := range []compat.ID{compat.V01, compat.V05} {
		if allowed.Has(id) && len(names) > 0 {
			f.messages = messages
			handlers[id] = messageHandler{messages}
			rules.Transports[id] = names
		}
	}
	if len(handlers) == 0 {
		return nil, &ConfigError{Field: "Generations", Problem: "admits none that is served"}
	}
	if c.AllowRequest == nil && c.OriginFunc == nil {
		rules.Origins = c.Origins
	}
	rules.OriginFunc = c.originRule()
	policy, err := negotiate.NewPolicy(rules)
	if err != nil {
		return nil, &ConfigError{Field: "Origins", Problem: err.Error()}
	}
	f.params = negotiate.Params{
		Path:     c.Path,
		Bare:     c.BarePath,
		Next:     nil,
		Handlers: handlers,
		Policy:   policy,
		Files:    c.fileHandler(),
		Logger:   c.Logger,
		Census:   negotiate.NewCensus(registry.Names()...), // one for all that Attach returns
		// Where a handler reads the body it sets the same limit.
		BodyTimeout: uplinkTimeout,
		Around:      s.around,
		Prepare:     s.engine.prepare,
		Observe:     nil,
	}
	if f.door, err = negotiate.NewDoor(f.params); err != nil {
		return nil, &ConfigError{Field: "Path", Problem: err.Error()}
	}
	return f, nil
}

// families lists what this release serves since 1.0: generations whose clients
// may be mistaken for each other stand together, newest first, which is the order
// in which such a client is taken.
func (c *Config) families() [][]generation {
	var ackV3 []int
	if c.V1.AckV3ForEIO2 {
		ackV3 = []int{engine.Revision2.Number}
	}
	cookie := c.cookie()
	newest := generation{
		row:            v4.Row,
		transports:     c.V4.Transports,
		field:          "V4.Transports",
		pingTimeout:    c.V4.PingTimeout,
		connectTimeout: c.V4.ConnectTimeout,
		maxPayload:     c.V4.MaxPayload,
	}
	if c.V4.SendCookie {
		newest.cookie = cookie
	}
	return [][]generation{{newest}, {
		{
			row: v2.Row, transports: c.V2.Transports, field: "V2.Transports",
			pingTimeout: c.PingTimeout, maxPayload: c.MaxPayload, cookie: cookie,
		},
		{
			row: v1.Row, transports: c.V1.Transports, field: "V1.Transports",
			pingTimeout: c.V1.PingTimeout, maxPayload: c.MaxPayload, cookie: cookie, ackV3: ackV3,
		},
	}}
}

// serve returns the handler that sees requests before next does.
func (f *front) serve(next http.Handler) http.Handler {
	p := f.params
	p.Next = next
	door, err := negotiate.NewDoor(p)
	if err != nil {
		// The same parameters made a door before, and next cannot spoil one.
		return f.door
	}
	return door
}

// Shutdown ends every session.
func (f *front) Shutdown(ctx context.Context) error {
	var closers []func(context.Context) error
	if f.colon != nil {
		closers = append(closers, f.colon.Close)
	}
	if f.messages != nil {
		closers = append(closers, f.messages.Close)
	}
	done := make(chan error, len(closers))
	for _, end := range closers {
		go func() { done <- end(ctx) }()
	}
	err := f.engine.Close(ctx)
	for range closers {
		err = errors.Join(err, <-done)
	}
	return err
}

// Clients returns the number of open sessions.
func (f *front) Clients() int {
	n := f.engine.Sessions()
	if f.colon != nil {
		n += f.colon.Sessions()
	}
	if f.messages != nil {
		n += f.messages.Sessions()
	}
	return n
}

// Requests returns what has become of requests.
func (f *front) Requests() []negotiate.Tally { return f.params.Census.Snapshot() }

// Rehandshakes returns how many offers of a session clients have let pass.
func (f *front) Rehandshakes() uint64 {
	if f.messages == nil {
		return 0
	}
	return f.messages.Rehandshakes()
}

// familyHandler serves generations that share their sessions.
type familyHandler struct{ family *clients.Family }

// ServeHTTP serves an admitted request.
func (h familyHandler) ServeHTTP(w http.ResponseWriter, r *http.Request, v negotiate.Verdict) {
	h.family.Serve(w, r, v.Generation, v.Reason)
}

// refusalCodes are the numbers Engine.IO has for refusals.
var refusalCodes = map[negotiate.RefusalKind]engine.Code{
	negotiate.UnsupportedVersion: engine.CodeUnsupported,
	negotiate.GenerationRefused:  engine.CodeUnsupported,
	negotiate.TransportUnknown:   engine.CodeTransportUnknown,
	negotiate.OriginForbidden:    engine.CodeForbidden,
	negotiate.BadRequest:         engine.CodeBadRequest,
}

// Refuse answers a request that is not admitted.
func (h familyHandler) Refuse(w http.ResponseWriter, r *http.Request, _ negotiate.Verdict, ref negotiate.Refusal) {
	code, ok := refusalCodes[ref.Kind]
	if !ok {
		code = engine.CodeBadRequest
	}
	engine.Refuse(w, r, code, ref.Message)
}

// colonServer returns the server of 0.7 to 0.9, and the transports its clients
// may use: none if Transports leaves none of them.
func (c *Config) colonServer(r *transports.Registry, budget *transports.Budget, host versions.Host) (*v0.Server, []string, error) {
	legacy, err := c.registry(transports.Legacy()...)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range c.Transports {
		if _, ok := legacy.Lookup(name); !ok && !v0.KnownToMessages(legacy, name) {
			return nil, nil, &ConfigError{Field: "Transports", Problem: "there is no transport of the name " + name}
		}
	}
	wanted := c.V0.Transports
	if len(wanted) == 0 {
		wanted = v0.DefaultTransports()
	}
	for _, name := range wanted {
		if !v0.Known(legacy, name) {
			return nil, nil, &ConfigError{Field: "V0.Transports", Problem: "there is no transport of the name " + name}
		}
	}
	names := c.narrowed(wanted)
	if len(names) == 0 {
		return nil, nil, nil
	}
	drafts := transports.AllDrafts
	if c.V0.DisableDrafts {
		drafts = 0
	}
	server, err := v0.NewServer(v0.Params{
		Registry:            legacy,
		Host:                host,
		Transports:          names,
		HeartbeatInterval:   c.V0.HeartbeatInterval,
		HeartbeatTimeout:    c.V0.HeartbeatTimeout,
		CloseTimeout:        c.V0.CloseTimeout,
		PollingDuration:     c.V0.PollingDuration,
		DisableHeartbeats:   c.V0.DisableHeartbeats,
		Blacklist:           c.V0.Blacklist,
		DestroyBufferSize:   c.V0.DestroyBufferSize,
		MatchOriginProtocol: c.V0.MatchOriginProtocol,
		Drafts:              drafts,
		StreamMaxBytes:      int64(c.V0.StreamMaxBytes),
		StreamMaxAge:        c.V0.StreamMaxAge,
		UplinkTimeout:       uplinkTimeout,
		WriteTimeout:        c.WriteTimeout,
		Budget:              budget,
		Outbox:              outbox.Limits{Bytes: c.MaxOutboxBytes, Frames: c.MaxOutboxPackets},
		MaxUnclaimed:        c.MaxUnclaimedSessions,
		MaxUnclaimedPerPeer: c.V0.MaxUnclaimedPerPeer,
		Admit:               c.admission(),
		GenerateID:          c.GenerateID,
		Logger:              c.Logger,
	})
	if err != nil {
		return nil, nil, &ConfigError{Field: "V0", Problem: err.Error()}
	}
	return server, names, nil
}

// colonHandler serves 0.7 to 0.9.
type colonHandler struct{ server *v0.Server }

// ServeHTTP serves an admitted request.
func (h colonHandler) ServeHTTP(w http.ResponseWriter, r *http.Request, v negotiate.Verdict) {
	h.server.ServeHTTP(w, r, v0.Request{Transport: v.Transport, Session: v.Session, Evidence: v.Reason})
}

// colonRefusals are the refusals 0.7 to 0.9 has words for.
var colonRefusals = map[negotiate.RefusalKind]v0.Refusal{
	negotiate.UnsupportedVersion: v0.RefuseProtocol,
	negotiate.GenerationRefused:  v0.RefuseProtocol,
	negotiate.TransportUnknown:   v0.RefuseTransport,
	negotiate.OriginForbidden:    v0.RefuseOrigin,
}

// Refuse answers a request that is not admitted.
func (h colonHandler) Refuse(w http.ResponseWriter, r *http.Request, _ negotiate.Verdict, ref negotiate.Refusal) {
	h.server.Refuse(w, r, colonRefusals[ref.Kind])
}

// messageServer returns the server of 0.1 to 0.6, and the transports its clients
// may use: none if Transports leaves none of them.
func (c *Config) messageServer(r *transports.Registry, budget *transports.Budget, host versions.Host) (*v0.MessageServer, []string, error) {
	legacy, err := c.registry(transports.Legacy()...)
	if err != nil {
		return nil, nil, err
	}
	m := &c.Messages
	wanted := m.Transports
	if len(wanted) == 0 {
		wanted = v0.DefaultMessageTransports()
	}
	for _, name := range wanted {
		if !v0.KnownToMessages(legacy, name) {
			return nil, nil, &ConfigError{Field: "Messages.Transports", Problem: "there is no transport of the name " + name}
		}
	}
	names := c.narrowed(wanted)
	if len(names) == 0 {
		return nil, nil, nil
	}
	var choose func(*http.Request) v0.MessageDialect
	if m.ChooseDialect != nil {
		choose = func(r *http.Request) v0.MessageDialect { return v0.MessageDialect(m.ChooseDialect(r)) }
	}
	drafts := transports.AllDrafts
	if m.DisableDrafts {
		drafts = 0
	}
	server, err := v0.NewMessageServer(v0.MessageParams{
		Registry:            legacy,
		Host:                host,
		Transports:          names,
		Dialect:             v0.MessageDialect(m.Dialect),
		ChooseDialect:       choose,
		Decode:              m.decoder(c.Logger),
		Encode:              m.encoder(c.Logger),
		HeartbeatInterval:   m.HeartbeatInterval,
		HeartbeatTimeout:    m.HeartbeatTimeout,
		CloseTimeout:        m.CloseTimeout,
		StreamCloseTimeout:  m.StreamCloseTimeout,
		PollingDuration:     m.PollingDuration,
		MaxPayload:          c.MaxPayload,
		Drafts:              drafts,
		MatchOriginProtocol: c.V0.MatchOriginProtocol,
		StreamMaxBytes:      int64(m.StreamMaxBytes),
		StreamMaxAge:        m.StreamMaxAge,
		UplinkTimeout:       uplinkTimeout,
		WriteTimeout:        c.WriteTimeout,
		Budget:              budget,
		Outbox:              outbox.Limits{Bytes: c.MaxOutboxBytes, Frames: c.MaxOutboxPackets},
		MaxUnclaimed:        c.MaxUnclaimedSessions,
		MaxUnclaimedPerPeer: m.MaxUnclaimedPerPeer,
		Admit:               c.admission(),
		GenerateID:          c.GenerateID,
		Logger:              c.Logger,
	})
	if err != nil {
		return nil, nil, &ConfigError{Field: "Messages", Problem: err.Error()}
	}
	return server, names, nil
}

// messageHandler serves 0.1 to 0.6.
type messageHandler struct{ server *v0.MessageServer }

// ServeHTTP serves an admitted request.
func (h messageHandler) ServeHTTP(w http.ResponseWriter, r *http.Request, v negotiate.Verdict) {
	h.server.ServeHTTP(w, r, v0.MessageRequest{
		Transport:  v.Transport,
		Session:    v.Session,
		Bare:       strings.HasSuffix(r.URL.EscapedPath(), "/"+v.Transport),
		Handshake:  v.Handshake,
		Candidates: v.Candidates,
		Guess:      v.Generation,
		Evidence:   v.Reason,
	})
}

// Refuse answers a request that is not admitted.
func (h messageHandler) Refuse(w http.ResponseWriter, r *http.Request, _ negotiate.Verdict, ref negotiate.Refusal) {
	h.server.Refuse(w, r, colonRefusals[ref.Kind])
}

package socketio

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/heirloom-io/socketio/compat"
	clients "github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/clientfiles"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/grammar"
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/negotiate"
	"github.com/heirloom-io/socketio/transports"
	v1 "github.com/heirloom-io/socketio/versions/v1"
	v2 "github.com/heirloom-io/socketio/versions/v2"
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
	ackV3       []int
}

// front is the front door of a server.
type front struct {
	engine *engine.Server
	params negotiate.Params
	door   *negotiate.Door // without anything behind it
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
	family := clients.NewFamily(clients.Params{
		Engine: e,
		Host:   s.host(),
		Limits: c.packetLimits(budget),
		Moved: func(from, to compat.ID, why string) {
			c.Logger.Debug("client is of another generation than it seemed",
				"from", from.String(), "to", to.String(), "evidence", why)
		},
	})
	handlers := map[compat.ID]negotiate.Handler{}
	rules := negotiate.Rules{Generations: allowed, Transports: map[compat.ID][]string{}}
	for _, g := range c.generations() {
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
	if len(handlers) == 0 {
		return nil, &ConfigError{Field: "Generations", Problem: "admits none that is served"}
	}
	if c.AllowRequest == nil && c.OriginFunc == nil {
		rules.Origins = c.Origins
	}
	f := &front{engine: e}
	policy, err := negotiate.NewPolicy(rules)
	if err != nil {
		return nil, &ConfigError{Field: "Origins", Problem: err.Error()}
	}
	f.params = negotiate.Params{
		Path:       c.Path,
		Next:       nil,
		Handlers:   handlers,
		Policy:     policy,
		Files:      c.fileHandler(),
		Logger:     c.Logger,
		Transports: registry.Names(),
		// Where a handler reads the body it sets the same limit.
		BodyTimeout: uplinkTimeout,
		Observe:     nil,
	}
	if f.door, err = negotiate.NewDoor(f.params); err != nil {
		return nil, &ConfigError{Field: "Path", Problem: err.Error()}
	}
	return f, nil
}

// generations lists what this release serves, newest first: the order in which
// a client that could be of several is taken.
func (c *Config) generations() []generation {
	var ackV3 []int
	if c.V1.AckV3ForEIO2 {
		ackV3 = []int{engine.Revision2.Number}
	}
	return []generation{
		{row: v2.Row, transports: c.V2.Transports, field: "V2.Transports", pingTimeout: c.PingTimeout},
		{row: v1.Row, transports: c.V1.Transports, field: "V1.Transports", pingTimeout: c.V1.PingTimeout, ackV3: ackV3},
	}
}

// registry returns the transports there are, those of the application included.
func (c *Config) registry() (*transports.Registry, error) {
	r := transports.NewRegistry()
	for _, t := range c.Carriers {
		if t == nil {
			return nil, &ConfigError{Field: "Carriers", Problem: "must not hold nil"}
		}
		if t.Mechanism() != transports.MechanismDuplex {
			return nil, &ConfigError{Field: "Carriers", Problem: "must be duplex: what a stream or a poll looks like belongs to a generation"}
		}
		if err := r.Register(t); err != nil {
			return nil, &ConfigError{Field: "Carriers", Problem: err.Error()}
		}
	}
	return r, nil
}

// transportsOf returns the names a generation's clients may use.
func (c *Config) transportsOf(r *transports.Registry, g generation) ([]string, error) {
	if err := known(r, "Transports", c.Transports); err != nil {
		return nil, err
	}
	if err := known(r, g.field, g.transports); err != nil {
		return nil, err
	}
	names := r.Names()
	for _, wanted := range [][]string{c.Transports, g.transports} {
		if len(wanted) > 0 {
			names = slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(wanted, n) })
		}
	}
	return names, nil
}

func known(r *transports.Registry, field string, names []string) error {
	for _, name := range names {
		if _, ok := r.Lookup(name); !ok {
			return &ConfigError{Field: field, Problem: "there is no transport of the name " + name}
		}
	}
	return nil
}

func (c *Config) settings(r *transports.Registry, g generation, names []string) clients.Settings {
	s := clients.Settings{
		PingInterval: c.PingInterval,
		PingTimeout:  g.pingTimeout,
		Transports:   map[string]bool{},
		AckV3:        g.ackV3,
	}
	for _, name := range names {
		s.Transports[name] = true
		if t, _ := r.Lookup(name); t.Mechanism() == transports.MechanismDuplex {
			s.Upgrades = append(s.Upgrades, name)
		}
	}
	return s
}

func (c *Config) engineParams(r *transports.Registry, budget *transports.Budget) engine.Params {
	p := engine.Params{
		Registry:       r,
		UpgradeTimeout: c.UpgradeTimeout,
		UplinkTimeout:  uplinkTimeout,
		WriteTimeout:   c.WriteTimeout,
		MaxPayload:     c.MaxPayload,
		Budget:         budget,
		Outbox:         outbox.Limits{Bytes: c.MaxOutboxBytes, Frames: c.MaxOutboxPackets},
		MaxUnclaimed:   c.MaxUnclaimedSessions,
		NoUpgrades:     c.DisableUpgrades,
		Cookie:         c.cookie(),
		CompressHTTP:   c.HTTPCompressionThreshold,
		Deflate:        nil,
		Admit:          c.admission(),
		GenerateID:     c.GenerateID,
		Logger:         c.Logger,
	}
	if c.DisableHTTPCompression {
		p.CompressHTTP = -1
	}
	if c.PerMessageDeflate != nil {
		p.Deflate = &transports.Deflate{Threshold: c.PerMessageDeflate.Threshold}
	}
	return p
}

// maxPending bounds what attachments may hold back where MaxPayload is small;
// each of them may have that size.
const maxPending = 16 * mebibyte

func (c *Config) packetLimits(budget *transports.Budget) grammar.Limits {
	all := (1 + c.MaxAttachments) * c.MaxPayload
	return grammar.Limits{
		MaxAttachments:  c.MaxAttachments,
		MaxPendingBytes: max(c.MaxPayload, min(all, maxPending)),
		Hold:            budget.Acquire,
		Free:            budget.Release,
	}
}

// cookie returns the func that writes the cookie of polling answers.
func (c *Config) cookie() func(sid string) string {
	if c.DisableCookie {
		return nil
	}
	template := http.Cookie{
		Name:     c.Cookie.Name,
		Path:     c.Cookie.Path,
		Domain:   c.Cookie.Domain,
		MaxAge:   c.Cookie.MaxAge,
		Secure:   c.Cookie.Secure,
		SameSite: c.Cookie.SameSite,
		HttpOnly: !c.Cookie.ScriptAccess,
	}
	return func(sid string) string {
		cookie := template
		cookie.Value = url.QueryEscape(sid)
		return cookie.String()
	}
}

// admission returns what decides about each new session, in place of the list
// of origins.
func (c *Config) admission() func(*http.Request) error {
	decide := c.AllowRequest
	if decide == nil && c.OriginFunc != nil {
		decide = func(r *http.Request) error { return c.OriginFunc(originOf(r), r) }
	}
	if decide == nil {
		return nil
	}
	return func(r *http.Request) error {
		err := decide(r)
		var told *Error
		if errors.As(err, &told) {
			return &engine.RefusedError{Message: told.Message}
		}
		return err
	}
}

// originOf returns what 2.x asks an origin function about.
func originOf(r *http.Request) string {
	for _, name := range []string{"Origin", "Referer"} {
		if v := r.Header.Get(name); v != "" && v != "null" {
			return v
		}
	}
	return "*"
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
func (f *front) Shutdown(ctx context.Context) error { return f.engine.Close(ctx) }

// Clients returns the number of open sessions.
func (f *front) Clients() int { return f.engine.Sessions() }

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

// fileHandler serves the scripts of the browser client.
func (c *Config) fileHandler() http.Handler {
	if c.ClientFiles == nil {
		return nil
	}
	files := clientfiles.New(c.ClientFiles)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		files.ServeFile(w, r, strings.TrimPrefix(r.URL.Path, c.Path))
	})
}

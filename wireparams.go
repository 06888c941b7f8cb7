package socketio

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	clients "github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/clientfiles"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/grammar"
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// This file turns the configuration into what the layers below ask for; it knows
// no generation by name.

// registry returns the transports there are: those every registry has, the given
// ones, and those of the application.
func (c *Config) registry(more ...transports.Transport) (*transports.Registry, error) {
	r := transports.NewRegistry()
	for _, t := range more {
		if err := r.Register(t); err != nil {
			return nil, &ConfigError{Field: "Carriers", Problem: err.Error()}
		}
	}
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
	for _, name := range g.transports {
		if _, ok := r.Lookup(name); !ok {
			return nil, &ConfigError{Field: g.field, Problem: "there is no transport of the name " + name}
		}
	}
	names := c.narrowed(r.Names())
	if len(g.transports) > 0 {
		names = slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(g.transports, n) })
	}
	return names, nil
}

// narrowed returns those of the names that Transports admits.
func (c *Config) narrowed(names []string) []string {
	names = slices.Clone(names)
	if len(c.Transports) == 0 {
		return names
	}
	return slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(c.Transports, n) })
}

func (c *Config) settings(r *transports.Registry, g generation, names []string) clients.Settings {
	s := clients.Settings{
		PingInterval:   c.PingInterval,
		PingTimeout:    g.pingTimeout,
		ConnectTimeout: g.connectTimeout,
		MaxPayload:     g.maxPayload,
		Cookie:         g.cookie,
		Transports:     map[string]bool{},
		AckV3:          g.ackV3,
	}
	s.Recovery = c.Recovery.Enabled
	if decide := c.Recovery.For; decide != nil {
		s.Recovers = func(h *versions.Handshake) bool { return decide(handshakeOf(h)) }
	}
	for _, name := range names {
		s.Transports[name] = true
		if t, _ := r.Lookup(name); t.Mechanism() == transports.MechanismDuplex && !slices.Contains(g.row.Unoffered, name) {
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
		Budget:         budget,
		Outbox:         outbox.Limits{Bytes: c.MaxOutboxBytes, Frames: c.MaxOutboxPackets},
		MaxUnclaimed:   c.MaxUnclaimedSessions,
		NoUpgrades:     c.DisableUpgrades,
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

// newSocketID makes the id of a socket that does not share that of its session.
func newSocketID() string { return engine.NewID() }

// maxPending bounds what attachments may hold back where MaxPayload is small;
// each of them may have that size.
const maxPending = 16 * mebibyte

func (c *Config) packetLimits(budget *transports.Budget, maxPayload int) grammar.Limits {
	all := (1 + c.MaxAttachments) * maxPayload
	return grammar.Limits{
		MaxAttachments:  c.MaxAttachments,
		MaxPendingBytes: max(maxPayload, min(all, maxPending)),
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

// admission returns what decides about each new session, in place of its origin.
func (c *Config) admission() func(*http.Request) error {
	if c.AllowRequest == nil {
		return nil
	}
	return func(r *http.Request) error {
		err := c.AllowRequest(r)
		var told *Error
		if errors.As(err, &told) && told != nil {
			return &engine.RefusedError{Message: told.Message}
		}
		return err
	}
}

// originRule returns what decides in place of the list of origins, or nil.
func (c *Config) originRule() func(string, *http.Request) (string, bool) {
	if c.AllowRequest != nil || c.OriginFunc == nil {
		return nil
	}
	return func(page string, r *http.Request) (string, bool) {
		err := c.OriginFunc(page, r)
		var told *Error
		if errors.As(err, &told) && told != nil {
			return told.Message, false
		}
		return "", err == nil
	}
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

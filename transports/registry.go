package transports

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Mechanism is how a transport uses HTTP.
type Mechanism uint8

// The mechanisms.
const (
	// MechanismDuplex: one connection carries messages both ways.
	MechanismDuplex Mechanism = iota
	// MechanismStream: one endless response down, POST requests up.
	MechanismStream
	// MechanismPoll: held GET requests down, POST requests up.
	MechanismPoll
)

// String returns the mechanism's name in lower case.
func (m Mechanism) String() string {
	switch m {
	case MechanismDuplex:
		return "duplex"
	case MechanismStream:
		return "stream"
	case MechanismPoll:
		return "poll"
	default:
		return "unknown"
	}
}

// Transport is one entry of a registry.
type Transport interface {
	// Name is the name by which clients ask for the transport and configuration
	// enables it. It never changes.
	Name() string
	// Mechanism tells how the transport works, and with it which of the further
	// interfaces of this package it must implement: [DuplexTransport] for
	// MechanismDuplex, none for the others, whose dress comes from the version.
	Mechanism() Mechanism
}

// DuplexTransport is a transport that turns a request into a connection of
// messages. An implementation of the user's own may carry a generation that has
// no such transport by nature, as long as its clients ask for it by name.
type DuplexTransport interface {
	Transport
	// Accept answers the request and returns the connection. On an error it has
	// answered the request itself. The handler returns to net/http after it, so
	// the connection must not depend on the request any more.
	Accept(w http.ResponseWriter, r *http.Request, p DuplexParams) (Conn, error)
}

// DuplexParams is what a version asks of a duplex carrier.
type DuplexParams struct {
	// MaxMessage is the largest message taken from the client, in bytes after
	// any decompression.
	MaxMessage int
	// WriteTimeout bounds every write.
	WriteTimeout time.Duration
	// Budget is the server-wide bound on bytes being received; nil for none.
	Budget *Budget
	// Deflate enables permessage-deflate where the carrier has it; nil to refuse.
	Deflate *Deflate
	// Header holds further headers of the answer to the opening request.
	Header http.Header
	// Drafts are the websocket protocols before RFC 6455 that are served beside
	// it; zero for none.
	Drafts Drafts
	// MatchOriginScheme makes the address that a hixie client is told, and
	// compares with the one it asked for, begin with wss if its page came by
	// https, instead of if this connection has TLS: for servers behind something
	// that ends TLS. It is the setting "match origin protocol" of 0.9.
	MatchOriginScheme bool
}

// Deflate configures compression of messages.
type Deflate struct {
	// Threshold is the smallest message, in bytes, that is compressed.
	Threshold int
	// Level is a level of compress/flate; 0 means its best speed.
	Level int
}

// Registry finds transports by name. It is filled before it is used and may be
// read concurrently after that.
type Registry struct {
	names  []string
	byName map[string]Transport
}

// Errors of Register.
var (
	// ErrDuplicate is returned for a name that is registered already.
	ErrDuplicate = errors.New("transports: name already registered")
	// ErrInvalid is returned for an empty or malformed name, or a transport that
	// lacks the interface of its mechanism.
	ErrInvalid = errors.New("transports: invalid transport")
)

// NewRegistry returns a registry holding the transports of this package.
func NewRegistry() *Registry {
	r := &Registry{byName: map[string]Transport{}}
	for _, t := range []Transport{Polling{}, WebSocket{}} {
		r.add(t)
	}
	return r
}

// Register adds a transport. Names consist of lower-case letters, digits and
// hyphens, since they stand in URLs.
func (r *Registry) Register(t Transport) error {
	name := t.Name()
	if !validName(name) {
		return fmt.Errorf("%w: bad name %q", ErrInvalid, name)
	}
	if _, ok := t.(DuplexTransport); t.Mechanism() == MechanismDuplex && !ok {
		return fmt.Errorf("%w: %s is duplex but has no Accept", ErrInvalid, name)
	}
	if _, ok := r.byName[name]; ok {
		return fmt.Errorf("%w: %s", ErrDuplicate, name)
	}
	r.add(t)
	return nil
}

func (r *Registry) add(t Transport) {
	r.byName[t.Name()] = t
	r.names = append(r.names, t.Name())
}

func validName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Lookup returns the transport of a name.
func (r *Registry) Lookup(name string) (Transport, bool) {
	t, ok := r.byName[name]
	return t, ok
}

// Names returns all names in order of registration.
func (r *Registry) Names() []string {
	return slices.Clone(r.names)
}

// Polling is the held GET with POST of Engine.IO; see [Held].
type Polling struct{}

// Name returns "polling".
func (Polling) Name() string { return "polling" }

// Mechanism returns MechanismPoll.
func (Polling) Mechanism() Mechanism { return MechanismPoll }

package v0

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// The defaults of Socket.IO 0.9.
const (
	// DefaultHeartbeatInterval was 20 s before 0.9.1.
	DefaultHeartbeatInterval = 25 * time.Second
	// DefaultHeartbeatTimeout was 15 s before 0.9.1.
	DefaultHeartbeatTimeout = 60 * time.Second
	// DefaultCloseTimeout was 25 s before 0.9.2.
	DefaultCloseTimeout = 60 * time.Second
	// DefaultPollingDuration is how long a GET stays open.
	DefaultPollingDuration = 20 * time.Second
	// DefaultDestroyBufferSize is the largest body, in bytes.
	DefaultDestroyBufferSize = 100_000_000
)

// DefaultBlacklist returns the event names that 0.8.6 and later do not take from
// clients.
func DefaultBlacklist() []string { return []string{"disconnect"} }

// DefaultTransports returns the transports that 0.7 to 0.9 enable, in the order
// in which they are announced. The Flash bridge has to be asked for.
func DefaultTransports() []string {
	return []string{nameWebSocket, nameHTMLFile, nameXHRPolling, nameJSONPPolling}
}

// Names of transports.
const (
	nameWebSocket    = "websocket"
	nameHTMLFile     = "htmlfile"
	nameXHRPolling   = "xhr-polling"
	nameJSONPPolling = "jsonp-polling"
)

// Known reports whether a name is that of a transport that this generation can
// use: one of its own, or a duplex one of the registry.
func Known(r *transports.Registry, name string) bool {
	switch name {
	case nameHTMLFile, nameXHRPolling, nameJSONPPolling:
		return true
	}
	t, _ := r.Lookup(name)
	_, ok := t.(transports.DuplexTransport)
	return ok
}

// Params is what a Server is made of. Every field is set by the caller, who has
// applied the defaults.
type Params struct {
	// Registry finds duplex transports by name; the others are this package's
	// own.
	Registry *transports.Registry
	// Host is the server above.
	Host versions.Host
	// Transports are the names that clients may use, in the order in which they
	// are announced: that in which browsers try them. The setting transports.
	Transports []string

	// HeartbeatInterval is the time from the opening of a websocket, flashsocket
	// or htmlfile, or from the client's last heartbeat, to the server's next. It
	// must be below HeartbeatTimeout and CloseTimeout. The setting heartbeat
	// interval.
	HeartbeatInterval time.Duration
	// HeartbeatTimeout is how long the server waits for the client's heartbeat.
	// Clients get it in seconds, rounded up, and since 0.9.1 go when they hear
	// nothing for so long. The setting heartbeat timeout.
	HeartbeatTimeout time.Duration
	// CloseTimeout is how long a polling client may be without a GET. Clients
	// get it like HeartbeatTimeout, and up to 0.9.0 go by it. The setting close
	// timeout.
	CloseTimeout time.Duration
	// PollingDuration is how long a GET stays open without anything to send. It
	// must be below CloseTimeout. The setting polling duration.
	PollingDuration time.Duration
	// DisableHeartbeats makes the server send no heartbeats. A websocket client
	// that vanishes is then noticed by nobody but the network. Clients are told
	// timeouts that do not pass: what 0.9 told them, none, made clients since
	// 0.9.1 leave at once. The setting heartbeats.
	DisableHeartbeats bool

	// Blacklist are names of events that are not taken from clients. The setting
	// blacklist.
	Blacklist []string
	// DestroyBufferSize is the size of a body or message, in bytes, above which
	// its connection is cut. The setting destroy buffer size, which 0.9 applied
	// to websockets from 0.9.17 on.
	DestroyBufferSize int
	// MatchOriginProtocol makes the address that hixie clients are told follow
	// the scheme of their page. The setting match origin protocol.
	MatchOriginProtocol bool
	// Drafts are the websocket protocols served beside RFC 6455.
	Drafts transports.Drafts

	// StreamMaxBytes and StreamMaxAge are the size in bytes and the age at which
	// the client of an htmlfile is asked to begin a new session, since its
	// browser keeps all of the response in memory; 0 for never. 0.9 had no such
	// bound.
	StreamMaxBytes int64
	StreamMaxAge   time.Duration
	// UplinkTimeout bounds the reading of a request body, WriteTimeout every
	// write.
	UplinkTimeout, WriteTimeout time.Duration
	// Budget bounds what is being received over all clients.
	Budget *transports.Budget
	// Outbox bounds what waits for one client.
	Outbox outbox.Limits
	// MaxUnclaimed is the number of handshakes that may wait for their client's
	// first request, and MaxUnclaimedPerPeer how many of these may be one peer's.
	// Over either the oldest is dropped: of that peer, or of the network address
	// that asked for the most. A peer is an address with what else its requests
	// have in common, since many share the address of a proxy.
	MaxUnclaimed, MaxUnclaimedPerPeer int
	// Admit is asked about every handshake; nil admits everybody. An error is the
	// answer "handshake unauthorized", or "handshake error" if it wraps
	// [ErrHandshake]. It stands in for the setting authorization.
	Admit func(*http.Request) error
	// GenerateID makes session ids; nil for random ones.
	GenerateID func(*http.Request) (string, error)
	// Logger gets what operators may want to know.
	Logger *slog.Logger
}

// ErrHandshake is wrapped by an error of Params.Admit that means a failure of
// the server's own, not a refusal.
var ErrHandshake = errors.New("v0: handshake error")

// maxSeconds is the longest time a client can be told: it multiplies by a
// thousand for a timer of 31 bits, which beyond would pass at once.
const maxSeconds = 2147483

// Check returns an error that names the field if the settings would make genuine
// clients leave or loop.
func (p *Params) Check() error {
	for _, t := range []struct {
		name string
		d    time.Duration
	}{
		{"HeartbeatInterval", p.HeartbeatInterval},
		{"HeartbeatTimeout", p.HeartbeatTimeout},
		{"CloseTimeout", p.CloseTimeout},
		{"PollingDuration", p.PollingDuration},
	} {
		if t.d <= 0 || t.d > maxSeconds*time.Second {
			return fmt.Errorf("v0: %s must be above 0 and at most %d s", t.name, maxSeconds)
		}
	}
	switch {
	case !p.DisableHeartbeats && p.HeartbeatInterval >= min(p.HeartbeatTimeout, p.CloseTimeout):
		return errors.New("v0: HeartbeatInterval must be below HeartbeatTimeout and CloseTimeout")
	case p.PollingDuration >= p.CloseTimeout:
		return errors.New("v0: PollingDuration must be below CloseTimeout")
	case p.MaxUnclaimedPerPeer <= 0:
		return errors.New("v0: MaxUnclaimedPerPeer must be above 0")
	case len(p.Transports) == 0:
		return errors.New("v0: Transports must name one at least")
	}
	for _, name := range p.Transports {
		if !Known(p.Registry, name) {
			return fmt.Errorf("v0: there is no transport of the name %.64q", name)
		}
	}
	return nil
}

// announced returns the two timeouts that clients are told, in seconds: neither
// may ever be 0.
func (p *Params) announced() (heartbeat, closing int64) {
	if p.DisableHeartbeats {
		return maxSeconds, maxSeconds
	}
	return seconds(p.HeartbeatTimeout), seconds(p.CloseTimeout)
}

func seconds(d time.Duration) int64 {
	return max(1, int64((d+time.Second-1)/time.Second))
}

func (p *Params) blacklisted(event string) bool {
	return slices.Contains(p.Blacklist, event)
}

package v0

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// The defaults of Socket.IO 0.6.
const (
	// DefaultMessageHeartbeatInterval suits the clients of 0.6, which go when they
	// hear nothing for 15 s.
	DefaultMessageHeartbeatInterval = 10 * time.Second
	// DefaultMessageHeartbeatTimeout is how long the answer may take.
	DefaultMessageHeartbeatTimeout = 8 * time.Second
	// DefaultMessageCloseTimeout is how long a polling client may be away.
	DefaultMessageCloseTimeout = 8 * time.Second
	// DefaultMessagePollingDuration suits the clients of 0.6, which go when they
	// hear nothing for 25 s.
	DefaultMessagePollingDuration = 20 * time.Second
	// DefaultMaxUnclaimedPerPeer is the number of offers that may be open to one
	// peer.
	DefaultMaxUnclaimedPerPeer = 128
)

// Names of transports that only 0.1 to 0.6 have, beside flashsocket, which 0.7
// to 0.9 have too.
const (
	nameFlashSocket  = "flashsocket"
	nameXHRMultipart = "xhr-multipart"
	nameServerEvents = "server-events"
)

// DefaultMessageTransports returns the transports of 0.1 to 0.6.
func DefaultMessageTransports() []string {
	return []string{
		nameWebSocket, nameServerEvents, nameFlashSocket, nameHTMLFile,
		nameXHRMultipart, nameXHRPolling, nameJSONPPolling,
	}
}

// KnownToMessages is [Known] for 0.1 to 0.6.
func KnownToMessages(r *transports.Registry, name string) bool {
	return name == nameXHRMultipart || name == nameServerEvents || Known(r, name)
}

// MessageDialect says which of the two dialects of 0.1 to 0.6 clients speak.
type MessageDialect string

// The dialects.
const (
	// DialectAuto finds it out.
	DialectAuto MessageDialect = ""
	// DialectJSON is that of 0.1 to 0.4, JSON in an envelope.
	DialectJSON MessageDialect = "json"
	// DialectFramed is that of 0.5 and 0.6, messages behind their length.
	DialectFramed MessageDialect = "framed"
)

func (d MessageDialect) known() bool {
	return d == DialectAuto || d == DialectJSON || d == DialectFramed
}

// MessageParams is what a [MessageServer] is made of. Every field is set by the
// caller, who has applied the defaults. Fields that [Params] has too mean the
// same.
type MessageParams struct {
	Registry   *transports.Registry
	Host       versions.Host
	Transports []string

	// Dialect is what clients speak whose first request does not tell.
	Dialect MessageDialect
	// ChooseDialect decides it for one request; nil, or DialectAuto as its answer,
	// leaves it to Dialect.
	ChooseDialect func(*http.Request) MessageDialect
	// Decode makes a packet of a client's message, and Encode a message of an
	// event, instead of compat.PacketOfMessage and compat.MessageOf. They may be
	// called concurrently, and must not keep what they are given. An error drops
	// the message.
	Decode func(compat.Message) (*packet.Packet, error)
	Encode func(*packet.Packet) (compat.Message, error)

	// HeartbeatInterval is the time from the opening of a stream, or from the
	// client's last heartbeat, to the server's next: transportOptions
	// heartbeatInterval.
	HeartbeatInterval time.Duration
	// HeartbeatTimeout is how long the answer may take: transportOptions timeout.
	HeartbeatTimeout time.Duration
	// CloseTimeout is how long a polling client may be away, and StreamCloseTimeout
	// one of a stream that has ended, because its connection broke, the client left
	// a heartbeat or a write waiting, or the stream reached StreamMaxBytes or
	// StreamMaxAge; 0 ends its session at once. transportOptions closeTimeout.
	CloseTimeout, StreamCloseTimeout time.Duration
	// PollingDuration is how long a poll is held: transportOptions duration.
	PollingDuration time.Duration

	// MaxPayload is the size of a body or message, in bytes, above which its
	// connection is cut. Genuine servers had no bound.
	MaxPayload                  int
	Drafts                      transports.Drafts
	MatchOriginProtocol         bool
	StreamMaxBytes              int64
	StreamMaxAge                time.Duration
	UplinkTimeout, WriteTimeout time.Duration
	Budget                      *transports.Budget
	Outbox                      outbox.Limits
	// MaxUnclaimed is the number of sessions whose client has not yet shown that it
	// understands, and MaxUnclaimedPerPeer how many of these one peer may have on
	// polling; over either the oldest is dropped.
	MaxUnclaimed, MaxUnclaimedPerPeer int
	Admit                             func(*http.Request) error
	GenerateID                        func(*http.Request) (string, error)
	Logger                            *slog.Logger
}

// Check returns an error that names the field of a setting that cannot work.
func (p *MessageParams) Check() error {
	for _, t := range []struct {
		name string
		d    time.Duration
	}{
		{"HeartbeatInterval", p.HeartbeatInterval},
		{"HeartbeatTimeout", p.HeartbeatTimeout},
		{"CloseTimeout", p.CloseTimeout},
		{"PollingDuration", p.PollingDuration},
	} {
		if t.d <= 0 {
			return fmt.Errorf("v0: %s must be above 0", t.name)
		}
	}
	switch {
	case p.StreamCloseTimeout < 0:
		return errors.New("v0: StreamCloseTimeout must not be negative")
	case !p.Dialect.known():
		return errors.New("v0: Dialect must be empty, json or framed")
	case p.MaxUnclaimedPerPeer <= 0:
		return errors.New("v0: MaxUnclaimedPerPeer must be above 0")
	case len(p.Transports) == 0:
		return errors.New("v0: Transports must name one at least")
	}
	for _, name := range p.Transports {
		if !KnownToMessages(p.Registry, name) {
			return fmt.Errorf("v0: there is no transport of the name %.64q", name)
		}
	}
	return nil
}

// core returns the parameters of the server that owns the sessions.
func (p *MessageParams) core() Params {
	return Params{
		Registry:            p.Registry,
		Host:                p.Host,
		Transports:          p.Transports,
		HeartbeatInterval:   p.HeartbeatInterval,
		HeartbeatTimeout:    p.HeartbeatTimeout,
		CloseTimeout:        p.CloseTimeout,
		PollingDuration:     p.PollingDuration,
		DisableHeartbeats:   false,
		Blacklist:           nil,
		DestroyBufferSize:   p.MaxPayload,
		MatchOriginProtocol: p.MatchOriginProtocol,
		Drafts:              p.Drafts,
		StreamMaxBytes:      p.StreamMaxBytes,
		StreamMaxAge:        p.StreamMaxAge,
		UplinkTimeout:       p.UplinkTimeout,
		WriteTimeout:        p.WriteTimeout,
		Budget:              p.Budget,
		Outbox:              p.Outbox,
		MaxUnclaimed:        p.MaxUnclaimed,
		MaxUnclaimedPerPeer: p.MaxUnclaimedPerPeer,
		Admit:               p.Admit,
		GenerateID:          p.GenerateID,
		Logger:              p.Logger,
	}
}

// dialects returns the two dialects with the application's say in them.
func (p *MessageParams) dialects() (envelope, framed *dialect) {
	message := compat.MessageOf
	if encode := p.Encode; encode != nil {
		message = func(e *packet.Packet) (compat.Message, error) {
			m, err := encode(e)
			if err == nil && m.JSON != nil {
				err = packet.Valid(m.JSON)
			}
			return m, err
		}
	}
	return newEnvelopeDialect(message), newFramedDialect(message)
}

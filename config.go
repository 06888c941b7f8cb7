package socketio

import (
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
	"github.com/heirloom-io/socketio/transports"
)

// Config sets up a [Server]. The zero value works; a field that is left zero
// has the default its comment names. [NewServer] checks and copies it, so later
// changes have no effect. Times below a millisecond and negative values are
// errors.
type Config struct {
	// Path is the path under which clients connect, default "/socket.io". One
	// trailing slash is dropped.
	Path string
	// BarePath serves clients that leave out the slash after Path as well, as
	// those since 4.6 do with addTrailingSlash set to false. By default such
	// requests are not the server's own.
	BarePath bool
	// Generations admits only the releases that satisfy a constraint such as
	// ">= 1.0, < 3"; empty admits every generation that is served. A constraint
	// that would divide clients no server can tell apart is an error.
	Generations string
	// Transports admits carriers by name, for every generation; empty admits
	// all standard ones. V1, V2 and V4 narrow it further. The order has no meaning.
	Transports []string
	// Carriers are duplex transports of the application's own. Clients that ask for one
	// by its name get it, in every generation, as long as Transports admits it.
	Carriers []transports.Transport

	// Origins lists the origins whose pages may connect, as
	// "scheme://host:port", "host:port", "host:*" or "*:port"; "*" or nothing
	// at all admits every page. It covers WebSockets as well as HTTP.
	Origins []string
	// OriginFunc decides instead of Origins, about every request that opens a
	// session. It gets the Origin header, else the Referer, else "*". An error
	// refuses the request; see [Error] for what the client gets to see.
	OriginFunc func(origin string, r *http.Request) error
	// AllowRequest decides about every request that opens a session, instead of
	// the check of the origin. An error refuses it; see [Error] for what the
	// client gets to see.
	AllowRequest func(r *http.Request) error

	// PingInterval is the time between two heartbeats, default 25 s.
	PingInterval time.Duration
	// PingTimeout is how long after a missed heartbeat a client counts as gone,
	// default 5 s, the documented value of 2.x. Clients on mobile networks are
	// better served with 20 s. V1 and V4 have fields of their own.
	PingTimeout time.Duration
	// UpgradeTimeout is the time a client has to complete an upgrade of its
	// transport, default 10 s. It then stays where it was.
	UpgradeTimeout time.Duration
	// WriteTimeout is the time one write may take before its carrier counts as
	// broken, default 20 s.
	WriteTimeout time.Duration

	// MaxPayload is the size of a request body or message, in bytes, above
	// which its client is cut off; default 100,000,000, which is the documented
	// maxHttpBufferSize of 2.x. Most applications do well with much less.
	MaxPayload int
	// MaxUplinkBytes bounds what all clients together may have under way to the
	// server in bodies and messages not yet complete, in bytes, default 1 GiB.
	MaxUplinkBytes int
	// MaxOutboxBytes and MaxOutboxPackets bound what waits to be sent to one
	// client, default 16 MiB and 16,384. A client beyond is closed with
	// [ReasonSlowConsumer].
	MaxOutboxBytes   int
	MaxOutboxPackets int
	// MaxInboxBytes and MaxInboxPackets bound what one client may have waiting
	// for its handlers, default 16 MiB and 1,024. A client beyond is not read
	// until there is room again. One packet always fits.
	MaxInboxBytes   int
	MaxInboxPackets int
	// MaxAttachments is the number of binary values in one packet above which
	// its sender is cut off, default 10 as in 2.5.
	MaxAttachments int
	// MaxNamespacesPerClient is the number of namespaces one client may be in,
	// default 100. A request for one more is refused.
	MaxNamespacesPerClient int
	// MaxDynamicNamespaces is the number of namespaces that may exist because
	// clients asked for them, default 10,000; see [ParentNamespace]. Requests for
	// one more are refused.
	MaxDynamicNamespaces int
	// MaxUnclaimedSessions is the number of sessions that may exist whose client
	// has not come back since it was given its id, default 16,384. Nobody is
	// refused over it: each one more ends the oldest of the network address that
	// asked for the most.
	MaxUnclaimedSessions int

	// CleanupEmptyChildNamespaces ends a namespace that was made from a
	// [ParentNamespace] when its last socket has left it, and when the only
	// client that asked for it was refused. Emitting to it is an error then. By
	// default they stay for ever.
	CleanupEmptyChildNamespaces bool
	// DisableUpgrades offers no upgrade to clients that started on polling.
	DisableUpgrades bool
	// Cookie is the cookie that polling answers carry, for load balancers.
	Cookie Cookie
	// DisableCookie sends none.
	DisableCookie bool
	// PerMessageDeflate compresses WebSocket messages for clients that can; nil,
	// the default, never does, as it costs much memory per client.
	PerMessageDeflate *Deflate
	// DisableHTTPCompression sends polling answers as they are.
	DisableHTTPCompression bool
	// HTTPCompressionThreshold is the size in bytes from which polling answers
	// are compressed, default 1,024.
	HTTPCompressionThreshold int

	// GenerateID makes the id of a session, which must be unique and hard to
	// guess; by default it is random. An error refuses the client, and so does an
	// id that is in use, empty, or longer than 512 bytes. Clients before 1.0 have it
	// in their paths and between colons: they are also refused over one with any of
	// ":/?#%" or a space in it.
	GenerateID func(r *http.Request) (string, error)
	// ClientFiles holds the client's scripts, to be served below Path; nil
	// serves none. "socket.io.js" is what pages that name no release get, and
	// "2.5.0/socket.io.js" that of a release. For a directory prefer the FS of an
	// os.Root, whose links cannot lead out of it.
	ClientFiles fs.FS
	// Adapter makes the room store of a namespace, once for each; nil keeps
	// rooms in memory. It must not ask the server for that namespace again.
	Adapter func(ns *Namespace) rooms.Adapter
	// Recovery lets clients since 4.6 come back to their session after they have lost
	// their connection.
	Recovery RecoveryConfig
	// Logger gets what the application cannot be told otherwise, panics above
	// all; nil discards it.
	Logger *slog.Logger

	// Messages, V0, V1, V2 and V4 hold what concerns clients of some generations
	// only: 0.1 to 0.6, 0.7 to 0.9, 1.x, 2.x, and 3.x with 4.x.
	Messages MessagesConfig
	V0       V0Config
	V1       V1Config
	V2       V2Config
	V4       V4Config
}

// MessageDialect says which of the two dialects of 0.1 to 0.6 a client speaks.
type MessageDialect string

// The dialects of 0.1 to 0.6.
const (
	// DialectAuto finds it out: from the first request where that tells, else by
	// speaking both on a stream, and by trying one after the other on polling.
	DialectAuto MessageDialect = ""
	// DialectJSON is that of 0.1 to 0.4: JSON in an envelope.
	DialectJSON MessageDialect = "json"
	// DialectFramed is that of 0.5 and 0.6: messages behind their length.
	DialectFramed MessageDialect = "framed"
)

// MessagesConfig is the part of a [Config] that concerns clients of 0.1 to 0.6.
// They know messages only: a text message is the event "message" with that text,
// and the table of package compat says what becomes of everything else.
type MessagesConfig struct {
	// Transports are the names of the transports that clients may use, of those
	// that Config.Transports admits; default all that 0.1 to 0.6 had: "websocket",
	// "server-events", "flashsocket", "htmlfile", "xhr-multipart", "xhr-polling"
	// and "jsonp-polling".
	Transports []string
	// Dialect is what clients speak whose first request does not tell, default
	// DialectAuto.
	Dialect MessageDialect
	// ChooseDialect decides it for one request, by its Referer for example; nil, or
	// DialectAuto as its answer, leaves it to Dialect.
	ChooseDialect func(r *http.Request) MessageDialect
	// Decode makes an event of a client's message, and Encode a message of an event,
	// in place of compat.PacketOfMessage and compat.MessageOf. They are called
	// concurrently, with values they must not keep. An error or a panic, which is
	// logged, drops the message.
	Decode func(m compat.Message) (*packet.Packet, error)
	Encode func(p *packet.Packet) (compat.Message, error)
	// HeartbeatInterval is the time between two heartbeats of the server, on
	// transports that stay open; default 10 s. Clients of 0.6 go when they hear
	// nothing for 15 s.
	HeartbeatInterval time.Duration
	// HeartbeatTimeout is how long the answer to a heartbeat may take, default 8 s.
	// Clients before 0.5 answer none, and are not asked.
	HeartbeatTimeout time.Duration
	// CloseTimeout is how long a polling client may be away, default 8 s.
	CloseTimeout time.Duration
	// StreamCloseTimeout is how long the session of a client waits for it after its
	// stream has ended, on the other transports, with what is sent to it in the
	// meantime: after its connection has broken, it has left a heartbeat unanswered or
	// a write waiting, or the stream has reached StreamMaxBytes or StreamMaxAge. Zero,
	// the default as it was in 0.6, ends the session at once: only clients before 0.6
	// ever come back to one.
	StreamCloseTimeout time.Duration
	// PollingDuration is how long a poll is held without anything to send, default
	// 20 s. Clients of 0.6 go when they hear nothing for 25 s.
	PollingDuration time.Duration
	// DisableDrafts refuses the websocket protocols before RFC 6455, which the
	// browsers of the time had; not on flashsocket.
	DisableDrafts bool
	// StreamMaxBytes and StreamMaxAge are like those of [V0Config], for all
	// streams that are responses; default 16 MiB and one hour.
	StreamMaxBytes int
	StreamMaxAge   time.Duration
	// MaxUnclaimedPerPeer bounds the sessions that one peer may have been offered on
	// polling and not taken, default 128. Each one more ends the oldest.
	MaxUnclaimedPerPeer int
}

// V0Config is the part of a [Config] that concerns clients of 0.7 to 0.9. Its
// fields are the settings of 0.9, and so are their defaults.
type V0Config struct {
	// Transports are the names of the transports that clients may use, of those
	// that Config.Transports admits, in the order in which browsers try them;
	// default "websocket", "htmlfile", "xhr-polling", "jsonp-polling". There is
	// "flashsocket" too, which has to be asked for.
	Transports []string
	// HeartbeatInterval is the time between two heartbeats of the server, on
	// transports that stay open; default 25 s. It must be below HeartbeatTimeout
	// and CloseTimeout.
	HeartbeatInterval time.Duration
	// HeartbeatTimeout is how long the answer to a heartbeat may take, default
	// 60 s. Clients since 0.9.1 go when they hear nothing for so long.
	HeartbeatTimeout time.Duration
	// CloseTimeout is how long a polling client may be away, default 60 s.
	CloseTimeout time.Duration
	// PollingDuration is how long a poll is held without anything to send,
	// default 20 s. It must be below CloseTimeout.
	PollingDuration time.Duration
	// DisableHeartbeats sends none. A client that vanishes without a word is
	// then noticed by nobody but the network.
	DisableHeartbeats bool
	// Blacklist holds the names of events that are not taken from clients; nil
	// means the default, "disconnect".
	Blacklist []string
	// DestroyBufferSize is the size of a request body or message, in bytes, above
	// which its client is cut off; default 100,000,000.
	DestroyBufferSize int
	// MatchOriginProtocol makes the address that websocket clients of drafts
	// before RFC 6455 are told follow the scheme of their page, for servers
	// behind something that ends TLS.
	MatchOriginProtocol bool
	// MaxUnclaimedPerPeer bounds the sessions of one peer whose client has not come
	// back since it was given its id, default 4,096, since all clients behind one
	// proxy may be one peer. Each one more ends the oldest of that peer. See
	// Config.MaxUnclaimedSessions for all peers together.
	MaxUnclaimedPerPeer int
	// DisableDrafts refuses the websocket protocols before RFC 6455: hixie-75,
	// hixie-76 and hybi-07 to hybi-12; not on flashsocket.
	DisableDrafts bool
	// StreamMaxBytes and StreamMaxAge are the size in bytes and the age at which
	// an htmlfile stream ends and its client starts anew, since its browser keeps
	// all of it in memory; default 16 MiB and one hour. 0.9 had no such bound.
	StreamMaxBytes int
	StreamMaxAge   time.Duration
}

// V1Config is the part of a [Config] that concerns clients of 1.x.
type V1Config struct {
	// Transports admits carriers by name for this generation, of those that
	// Config.Transports admits; empty admits them all.
	Transports []string
	// PingTimeout replaces Config.PingTimeout, default that value. Servers of
	// 1.x had 60 s.
	PingTimeout time.Duration
	// AckV3ForEIO2 sends acknowledgements in the form of 1.0.0-1.0.2 to clients
	// that open with EIO=2 and have not acknowledged anything yet. Those
	// releases hang on the later form, 1.0.3-1.0.6 on this one.
	AckV3ForEIO2 bool
}

// V2Config is the part of a [Config] that concerns clients of 2.x.
type V2Config struct {
	// Transports admits carriers by name for this generation, of those that
	// Config.Transports admits; empty admits them all.
	Transports []string
}

// V4Config is the part of a [Config] that concerns clients of 3.x and 4.x. The
// defaults are those of 4.x. Origins, which are a matter of their own in servers
// since 3.0, are one policy for all generations here: [Config.Origins].
type V4Config struct {
	// Transports admits carriers by name for this generation, of those that
	// Config.Transports admits; empty admits them all.
	Transports []string
	// PingTimeout replaces Config.PingTimeout: how long the answer to a heartbeat
	// may take, default 20 s. Servers of 3.x had 5 s.
	PingTimeout time.Duration
	// ConnectTimeout is how long a client may be in no namespace after it has
	// connected, default 45 s.
	ConnectTimeout time.Duration
	// MaxPayload replaces Config.MaxPayload, in bytes; default 1,000,000, or
	// Config.MaxPayload if that is less. Clients since 4.5 are told, and keep
	// their polling bodies below it.
	MaxPayload int
	// SendCookie sends Config.Cookie to these clients too, with the answer to a
	// handshake over polling. By default they get none.
	SendCookie bool
}

// Cookie describes the cookie of polling answers.
type Cookie struct {
	// Name is the cookie's name, default "io".
	Name string
	// Path is its path, default "/". That of the server, such as "/socket.io",
	// keeps it from all other requests.
	Path string
	// Domain, MaxAge (seconds) and Secure are left out of it when zero.
	Domain string
	MaxAge int
	Secure bool
	// SameSite defaults to Strict, as since 2.3.
	SameSite http.SameSite
	// ScriptAccess lets scripts read it: no HttpOnly.
	ScriptAccess bool
}

// Deflate sets up permessage-deflate.
type Deflate struct {
	// Threshold is the size in bytes from which messages are compressed,
	// default 1,024.
	Threshold int
}

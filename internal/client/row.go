package client

import (
	"time"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/grammar"
	"github.com/heirloom-io/socketio/versions"
)

// Row holds the traits of one generation: everything in which it differs from
// its relatives. Values are never changed.
type Row struct {
	// ID is the generation's place in the catalogue.
	ID compat.ID
	// Revisions are the Engine.IO revisions its clients announce, the one for
	// clients that announce none first.
	Revisions []*engine.Revision
	// Style is how packets to its clients are written.
	Style grammar.Style
	// ASCIIBodies keeps polling text ASCII: its relatives read any other as
	// UTF-8 twice, and which of them a client is may not be known.
	// ASCIIFrames does the same for websockets.
	ASCIIBodies, ASCIIFrames bool
	// Certain is set if the first request tells the generation for sure, so that
	// nothing its clients do is taken for a habit of its relatives.
	Certain bool
	// ImplicitRoot is set if the server connects clients to "/" unasked. Clients
	// of the others have to ask before they do anything else, and within
	// Settings.ConnectTimeout.
	ImplicitRoot bool
	// Recovers reports whether a client may be one that can have its session back,
	// by its first request; nil if none of the generation can.
	Recovers func(Traits) bool
	// Unoffered lists transports that none of its releases has heard of, which are
	// therefore not offered to its clients. They may ask for them all the same.
	Unoffered []string
	// Dialect names the releases a client belongs to, as far as they are known.
	Dialect func(Traits) string
}

// Traits is what a client has shown of itself.
type Traits struct {
	// Revision is the number of its Engine.IO revision.
	Revision int
	// DateStamp is set if its cache buster has the form of 1.0-1.3.
	DateStamp bool
	// Stamped is set if it sent any cache buster.
	Stamped bool
	// RandomStamp is set if its cache buster has the form of 4.8.
	RandomStamp bool
	// JSONP is set if it polls by scripts.
	JSONP bool
	// AckV3 is set if it writes acknowledgements as 1.0.0-1.0.2.
	AckV3 bool
}

// Settings is what configuration says about the clients of one row.
type Settings struct {
	// PingInterval and PingTimeout are announced to clients and watched.
	PingInterval, PingTimeout time.Duration
	// ConnectTimeout is how long a client may be in no namespace after its session
	// began. It ends with the first one that takes it in, whatever follows; it
	// counts for rows without ImplicitRoot.
	ConnectTimeout time.Duration
	// MaxPayload is the largest body or message taken from a client, in bytes.
	MaxPayload int
	// Cookie makes the cookie of polling answers for a session id; nil for none.
	Cookie func(sid string) string
	// Transports holds the names clients may use, Upgrades those offered to a
	// polling client.
	Transports map[string]bool
	Upgrades   []string
	// AckV3 lists the revisions whose clients get acknowledgements in the form
	// of protocol 3 until they have shown which they use.
	AckV3 []int
	// Recovers decides, in place of Row.Recovers, whose sessions are kept and are
	// told so. Both are asked only if Recovery is set.
	Recovers func(*versions.Handshake) bool
	Recovery bool
}

// form says what a packet to a client looks like beyond the style of its row.
type form uint8

const (
	formASCII form = 1 << iota
	formAckV3
	formOffset
	forms = 1 << iota
)

// encoders are the forms in which packets to a row's clients are written.
type encoders [forms]*grammar.Encoder

func newEncoders(s grammar.Style) *encoders {
	var all encoders
	for f := range form(forms) {
		s := s
		s.ASCII = f&formASCII != 0
		s.AckBinaryForm = s.AckBinaryForm || f&formAckV3 != 0
		s.Offset = f&formOffset != 0
		all[f] = grammar.NewEncoder(s)
	}
	return &all
}

package client

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/grammar"
	"github.com/heirloom-io/socketio/versions"
)

// Params is what a Family is made of.
type Params struct {
	// Engine owns the sessions.
	Engine *engine.Server
	// Host is the server above.
	Host versions.Host
	// Limits bound what one client's packets may hold back.
	Limits grammar.Limits
	// Moved is told when a client turned out to be of another generation than
	// it was taken for; nil to tell nobody. It must not block.
	Moved func(from, to compat.ID, why string)
}

// Family serves generations that share their URLs.
type Family struct {
	p       Params
	members []*member
}

// member is a row with what was made of it.
type member struct {
	row      *Row
	settings Settings
	encoders *encoders
	decoding *grammar.Decoding
	profiles []*engine.Profile // as row.Revisions
}

// NewFamily returns a family without generations. A client that turns out to be
// of a generation that was not added is disconnected.
func NewFamily(p Params) *Family {
	return &Family{p: p}
}

// Add makes the family serve a generation. It must not be called any more once
// requests are served.
func (f *Family) Add(row *Row, s Settings) {
	m := &member{row: row, settings: s, encoders: newEncoders(row.Style), decoding: grammar.NewDecoding(row.Style, f.p.Limits)}
	for _, rev := range row.Revisions {
		fresh := &state{member: m, ackV3: slices.Contains(s.AckV3, rev.Number)}
		m.profiles = append(m.profiles, &engine.Profile{
			Revision:     rev,
			PingInterval: s.PingInterval,
			PingTimeout:  s.PingTimeout,
			MaxPayload:   s.MaxPayload,
			Cookie:       s.Cookie,
			Transports:   s.Transports,
			Upgrades:     s.Upgrades,
			Accept:       func(session *engine.Session) (engine.Handler, error) { return f.accept(fresh, session) },
		})
	}
	f.members = append(f.members, m)
}

// Serve handles a request of a client that was taken for one of a generation of
// the family, by the given evidence.
func (f *Family) Serve(w http.ResponseWriter, r *http.Request, id compat.ID, evidence string) {
	m := f.member(id)
	if m == nil {
		engine.Refuse(w, r, engine.CodeUnsupported, "")
		return
	}
	f.p.Engine.Serve(w, r, m.profile(r.URL.RawQuery), evidence)
}

func (f *Family) member(id compat.ID) *member {
	i := slices.IndexFunc(f.members, func(m *member) bool { return m.row.ID == id })
	if i < 0 {
		return nil
	}
	return f.members[i]
}

// profile picks the revision a client announces; without one, or with one that
// the row does not list, the first.
func (m *member) profile(rawQuery string) *engine.Profile {
	for pair := range strings.SplitSeq(rawQuery, "&") {
		eio, ok := strings.CutPrefix(pair, "EIO=")
		if !ok {
			continue
		}
		for _, p := range m.profiles {
			if strconv.Itoa(p.Revision.Number) == eio {
				return p
			}
		}
		break // the first counts
	}
	return m.profiles[0]
}

package negotiate

import "github.com/heirloom-io/socketio/compat"

// Kind says what a request under the resource asks for.
type Kind uint8

// The kinds of requests.
const (
	// KindSession opens a session or belongs to one.
	KindSession Kind = iota
	// KindFile asks for a file of a client library.
	KindFile
)

// Verdict is what Detect has found out. Verdicts can be compared.
type Verdict struct {
	// Kind is what the request asks for. For a file nothing else but Reason is
	// set.
	Kind Kind
	// Generation is the generation of the client, or the best guess if there
	// are several candidates. Unknown goes with a refusal.
	Generation compat.ID
	// Candidates are the generations that the client may be of.
	Candidates compat.Set
	// Transport is the name of the carrier as the client wrote it, "" if it
	// named none. It is raw input: in a path it is not decoded.
	Transport string
	// Session is the id of the session as the client wrote it, "" if it gave
	// none. It is raw input, like Transport.
	Session string
	// Handshake is set if the request may open a session. With a 0.1-0.6
	// client it can be set beside Session: where proxies merge slashes, a time
	// stamp stands in the place of the id.
	Handshake bool
	// Upgrade is set if the request asks for a websocket.
	Upgrade bool
	// Script is set if the answer is meant to run as a script (JSONP).
	Script bool
	// Refused is the refusal that follows from the request itself.
	Refused RefusalKind
	// Reason is the evidence in a few words, one of a fixed number of texts.
	Reason string
}

// Guess reports whether the generation is not known for sure.
func (v *Verdict) Guess() bool {
	return v.Candidates&(v.Candidates-1) != 0
}

// among returns the verdict with the candidates that are not in set taken out,
// and a guess that is left. The set must have one of them at least.
func (v Verdict) among(set compat.Set) Verdict {
	v.Candidates &= set
	if !v.Candidates.Has(v.Generation) {
		ids := v.Candidates.IDs()
		v.Generation = ids[len(ids)-1]
	}
	return v
}

package negotiate

import (
	"strings"

	"github.com/heirloom-io/socketio/compat"
)

// rule is one row of the detection table. It is asked with the first segment
// of the path and what follows it; rest is nil if not even a slash does.
type rule struct {
	name   string
	claims func(first string) bool
	decide func(req *Request, q *query, first string, rest *string) Verdict
}

// table is the detection table. The first row that claims a segment decides;
// the last one claims whatever is left, as the genuine servers since 1.0 do.
var table = []rule{
	{"file", isFileName, fileVerdict},
	{"carrier", isCarrier, carrierVerdict},
	{"number", isNumber, numberVerdict},
	{"query", func(string) bool { return true }, queryVerdict},
}

// Detect tells which generation a request under the resource comes from. It
// depends on nothing but the request, and never fails: what it cannot place
// carries a refusal. It may be called concurrently.
func Detect(req Request) Verdict {
	q, ok := parseQuery(req.Query)
	if !ok {
		return Verdict{Refused: BadRequest, Reason: "too many query parameters"}
	}
	first, after, slash := strings.Cut(req.Path, "/")
	var rest *string
	if slash {
		rest = &after
	}
	for i := range table {
		if !table[i].claims(first) {
			continue
		}
		v := table[i].decide(&req, &q, first, rest)
		if v.Kind == KindSession {
			v.Upgrade = isUpgrade(req.Method, req.Header)
		}
		return v
	}
	return Verdict{Refused: BadRequest, Reason: "no rule"}
}

// numberVerdict is for 0.7 to 0.9: the number is that of the protocol. The
// genuine server compares numerically, so that 01 passes too; no client ever
// sent that.
func numberVerdict(_ *Request, q *query, first string, rest *string) Verdict {
	v := Verdict{Generation: compat.V07, Candidates: compat.SetOf(compat.V07), Reason: "path /1"}
	if first != "1" {
		v.Refused, v.Reason = UnsupportedVersion, "path with a protocol number other than 1"
	}
	if rest != nil {
		var session string
		v.Transport, session, _ = strings.Cut(*rest, "/")
		v.Session, _, _ = strings.Cut(session, "/")
	}
	v.Handshake = v.Session == ""
	v.Script = q.jsonp != "" || v.Transport == "jsonp-polling"
	return v
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// queryVerdict is for everything since 1.0.
func queryVerdict(req *Request, q *query, _ string, _ *string) Verdict {
	v := Verdict{
		Transport: q.transport,
		Session:   q.sid,
		Handshake: q.sid == "",
		Script:    q.j != "",
	}
	switch {
	case q.eio == "4":
		v.Generation, v.Reason = compat.V4, "EIO=4"
	case q.eio == "2":
		v.Generation, v.Reason = compat.V1, "EIO=2: browser of 1.0.0-1.0.6"
	case q.eio == "3" || !q.hasEIO:
		return familyVerdict(v, req, q)
	default:
		v.Refused, v.Reason = UnsupportedVersion, "EIO with a number no release has"
		return v
	}
	v.Candidates = compat.SetOf(v.Generation)
	return v
}

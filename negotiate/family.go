package negotiate

import (
	"encoding/base64"
	"strings"

	"github.com/heirloom-io/socketio/compat"
)

// family is what EIO=3, or no EIO at all, can be.
const family = compat.Set(1<<compat.V1 | 1<<compat.V2)

// familyVerdict tells 1.x from 2.x as far as a request can. Habits that no
// release of 2.x has make it certain; without one both remain, and 2.x is the
// guess, since that is what its server took everyone for.
//
// A request of a session in progress is not judged by its habits: whether the
// client may come in has been decided when it came.
func familyVerdict(v Verdict, req *Request, q *query) Verdict {
	v.Generation, v.Candidates, v.Reason = compat.V2, family, "EIO=3"
	if !q.hasEIO {
		v.Reason = "no EIO"
	}
	if !v.Handshake {
		return v
	}
	switch {
	case isDateStamp(q.t):
		v.Reason = "t made of a date and a counter: 1.0-1.3"
	case isUpgrade(req.Method, req.Header) && isOldKey(req.Header.Get("Sec-Websocket-Key")):
		v.Reason = "websocket key made of a date: node client of 1.x"
	case isUpgrade(req.Method, req.Header) && isBareHostPort(req.Header.Get("Origin")):
		v.Reason = "origin without a scheme: node client of 1.0-1.3"
	default:
		if isYeast(q.t) {
			v.Reason = "t in base 64: 1.4-2.x"
		}
		return v
	}
	v.Generation, v.Candidates = compat.V1, compat.SetOf(compat.V1)
	return v
}

// isDateStamp recognises 1795197040665-0: 13 digits of milliseconds, a dash
// and a counter.
func isDateStamp(t string) bool {
	const ms = 13
	return len(t) > ms+1 && t[ms] == '-' && isNumber(t[:ms]) && isNumber(t[ms+1:])
}

// isYeast recognises Q7w5LR8 and Q7w5LR8.0: milliseconds in base 64, and a
// counter where two requests share one.
func isYeast(t string) bool {
	stamp, counter, dotted := strings.Cut(t, ".")
	return len(stamp) == 7 && isBase64URL(stamp) && (!dotted || counter != "" && isBase64URL(counter))
}

func isBase64URL(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// isOldKey recognises the websocket key of the module ws before 2.0: instead
// of 16 random bytes the text 13- and the time in milliseconds.
func isOldKey(key string) bool {
	const length = 24
	if len(key) != length {
		return false
	}
	var buf [length]byte
	n, err := base64.StdEncoding.Decode(buf[:], []byte(key))
	if err != nil {
		return false
	}
	ms, ok := strings.CutPrefix(string(buf[:n]), "13-")
	return ok && len(ms) == 13 && isNumber(ms)
}

// isBareHostPort recognises the origin that ws 0.4 and 0.5 send: the host and
// port they connect to.
func isBareHostPort(value string) bool {
	if strings.Contains(value, "://") {
		return false
	}
	o, ok := parseOrigin(value)
	return ok && strings.HasSuffix(value, ":"+o.port)
}

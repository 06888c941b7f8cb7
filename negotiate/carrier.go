package negotiate

import (
	"net/http"
	"strings"

	"github.com/heirloom-io/socketio/compat"
)

// carrier is what the name of a carrier in the path says about the 0.1-0.6
// client that uses it.
type carrier struct {
	name string
	// only is the generation that alone has the carrier, Unknown if both do.
	only compat.ID
	// bare is set if the name with nothing behind it, not even a slash, was
	// written by clients up to 0.2.1 alone.
	bare bool
	// stamped carriers put the time behind the id, so that no cache answers:
	// the first request has a double slash where the id is missing.
	stamped bool
}

var carriers = []carrier{
	{name: "websocket"},
	{name: "flashsocket", only: compat.V05},
	{name: "htmlfile", bare: true, stamped: true},
	{name: "xhr-multipart", bare: true},
	{name: "xhr-polling", bare: true, stamped: true},
	{name: "jsonp-polling", only: compat.V05, stamped: true},
	{name: "server-events", only: compat.V01},
}

func findCarrier(name string) *carrier {
	for i := range carriers {
		if carriers[i].name == name {
			return &carriers[i]
		}
	}
	return nil
}

func isCarrier(first string) bool {
	return findCarrier(first) != nil
}

// carrierVerdict is for 0.1 to 0.6, whose paths are /<carrier>/<id>/<rest>.
// Which of the two dialects a client speaks shows in a few cases only. Where it
// does not, 0.5-0.6 is the guess: those releases were far more widespread.
func carrierVerdict(req *Request, _ *query, first string, rest *string) Verdict {
	c := findCarrier(first)
	v := Verdict{
		Generation: compat.V05,
		Candidates: compat.SetOf(compat.V01, compat.V05),
		Transport:  c.name,
		Script:     c.name == "jsonp-polling",
		Reason:     "path names a carrier",
	}
	if rest != nil {
		v.Session, _, _ = strings.Cut(*rest, "/")
	}
	v.Handshake = v.Session == "" ||
		// A proxy may have merged the double slash, and the time may stand in
		// the place of the id. Only the sessions know.
		c.stamped && req.Method == http.MethodGet && len(v.Session) == 13 && isNumber(v.Session)
	switch {
	case c.only != compat.Unknown:
		v.Generation, v.Candidates = c.only, compat.SetOf(c.only)
		v.Reason = "path names a carrier of one dialect only"
	case c.bare && rest == nil:
		v.Generation, v.Candidates = compat.V01, compat.SetOf(compat.V01)
		v.Reason = "path ends with the carrier: client up to 0.2.1"
	case hasCookie(req.Header, "socketio"):
		v.Reason = "path names a carrier, cookie socketio: 0.6"
	case hasCookie(req.Header, "socket.io"):
		v.Generation = compat.V01
		v.Reason = "path names a carrier, cookie socket.io: 0.1-0.4"
	}
	return v
}

func hasCookie(h http.Header, name string) bool {
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			key, _, ok := strings.Cut(strings.TrimSpace(pair), "=")
			if ok && key == name {
				return true
			}
		}
	}
	return false
}

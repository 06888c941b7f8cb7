package v0

import (
	"fmt"
	"net/http"
	"strings"
)

// release is a release of the client, as a number: 0.8.7 is 807.
type release uint16

// span is the releases from one to another, both included: the first in the
// upper half.
type span uint32

func spanOf(from, to release) span { return span(from)<<16 | span(to) }

// allReleases is what is known of a client of 0.7 to 0.9 at first.
var allReleases = spanOf(700, 917)

// wholeSpans are the spans that stand for a dialect as a whole.
var wholeSpans = map[span]string{
	allReleases:      "0.7-0.9",
	framedReleases:   "0.5-0.6",
	envelopeReleases: "0.1-0.4",
}

// String returns the span as Info has it: "0.7.0-0.8.5".
func (s span) String() string {
	if whole, ok := wholeSpans[s]; ok {
		return whole
	}
	from, to := release(s>>16), release(s&0xffff)
	if from == to {
		return from.String()
	}
	return from.String() + "-" + to.String()
}

// String returns the release as it is written: "0.8.7".
func (r release) String() string { return fmt.Sprintf("0.%d.%d", r/100, r%100) }

// What requests and packets tell of the release. Nothing depends on it but what
// is shown.
var (
	tellNothing         = allReleases
	tellBareStamp       = spanOf(700, 704) // ?t123 without an equals sign
	tellRawForm         = spanOf(700, 805) // the body of a JSONP post is not JSON
	tellForceDisconnect = spanOf(909, 917) // //SID/?disconnect=1
	tellOldNode         = spanOf(700, 908) // User-Agent: node.js
	tellNewNode         = spanOf(909, 917) // User-Agent: node-XMLHttpRequest
	tellAckArity        = spanOf(700, 702) // ids by the arity of callbacks
	tellHixieNode       = spanOf(700, 807) // a draft, from node
)

// narrow takes what has been found out into account, unless it contradicts what
// is known: somebody else's client may imitate anything.
func (s *session) narrow(to span) {
	for {
		old := s.releases.Load()
		from, until := max(span(old)>>16, to>>16), min(span(old)&0xffff, to&0xffff)
		fresh := uint32(from<<16 | until)
		if from > until || fresh == old || s.releases.CompareAndSwap(old, fresh) {
			return
		}
	}
}

func tellsOfHandshake(r *http.Request) span {
	switch {
	case r.UserAgent() == "node.js":
		return tellOldNode
	case strings.HasPrefix(r.UserAgent(), "node-XMLHttpRequest"):
		return tellNewNode
	}
	return tellNothing
}

func tellsOfRequest(r *http.Request) span {
	switch {
	case r.Header.Get("Sec-Websocket-Key1") != "" && r.Header.Get("Origin") == "http://www.example.com":
		return tellHixieNode
	case bareStamp(r.URL.RawQuery):
		return tellBareStamp
	}
	return tellNothing
}

// bareStamp finds a time stamp that is the key of a parameter without a value.
func bareStamp(query string) bool {
	const stamp = len("t1321395060000")
	for pair := range strings.SplitSeq(query, "&") {
		if len(pair) == stamp && pair[0] == 't' && strings.Trim(pair[1:], "0123456789") == "" {
			return true
		}
	}
	return false
}

func tellsOfPacket(c Colon) span {
	if c.Type == ColonEvent && c.Ack == AckAuto || c.Type == ColonMessage && c.Ack == AckData {
		return tellAckArity
	}
	return tellNothing
}

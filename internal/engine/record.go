package engine

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
)

// Tri is a fact about a client that may not be known yet.
type Tri uint32

// The values of a Tri.
const (
	Unknown Tri = iota
	No
	Yes
)

// Record is what a session knows of its client's habits. The first fields are
// fixed when the session starts; the others are learnt and may be read and set
// concurrently.
type Record struct {
	// Base64 is set if the client cannot take raw binary in polling answers.
	Base64 bool
	// RandomStamp is set if the cache buster is eight random characters of base
	// 36, as since 4.8.
	RandomStamp bool
	// JSONP is the index of a JSONP client, empty for others.
	JSONP string
	// OctetOnly is set for clients that misread every polling answer that is
	// not a binary payload (browsers of 1.0-1.3 with XHR 2).
	OctetOnly bool
	// DateStamp is set if the cache buster has the form of 1.0-1.3.
	DateStamp bool
	// Stamped is set if there is a cache buster of any form.
	Stamped bool
	// OldNode is set if the request looks like a node client up to 1.3.5, of
	// which those of 1.0.x encode websocket text twice.
	OldNode bool

	doubleText atomic.Uint32
}

// DoubleText tells whether the client encodes the text of polling bodies as
// UTF-8 twice, as 1.x does, or once, as 2.x does.
func (r *Record) DoubleText() Tri { return Tri(r.doubleText.Load()) }

// SetDoubleText records what has been learnt about it elsewhere.
func (r *Record) SetDoubleText(v Tri) { r.doubleText.Store(uint32(v)) }

// dateStamp is the cache buster of 1.0-1.3: milliseconds and a counter. From
// 1.4 on it is a short base64-like stamp.
var dateStamp = regexp.MustCompile(`^\d{13}-\d+$`)

// randomStamp is the cache buster since 4.8: five characters of the clock and
// three random ones.
var randomStamp = regexp.MustCompile(`^[0-9a-z]{8}$`)

// read fills in what the first request of a session tells.
func (r *Record) read(q url.Values, h http.Header, rev *Revision) {
	r.Base64 = rev.Base64Asked && q.Get("b64") != ""
	r.DateStamp = dateStamp.MatchString(q.Get("t"))
	r.RandomStamp = randomStamp.MatchString(q.Get("t"))
	r.Stamped = q.Get("t") != ""
	r.OctetOnly = r.DateStamp || rev.OctetByDefault
	r.readHeader(h)
}

// readHeader looks for the old websocket library of node, which sends its host
// and port as the origin, without a scheme.
func (r *Record) readHeader(h http.Header) {
	o := h.Get("Origin")
	if o != "" && o != "null" && !strings.Contains(o, "://") && h.Get("Sec-Websocket-Key") != "" {
		r.OldNode = true
	}
}

// repairBody undoes double encoding of a text packet from a polling body. It
// reports what the packet proves, Unknown for nothing new.
func (r *Record) repairBody(b []byte) ([]byte, Tri) {
	known := r.DoubleText()
	if known == No || asciiWords(b) == len(b) {
		return b, Unknown
	}
	out, ok := DecodeDouble(b)
	switch {
	case ok && known == Unknown:
		r.SetDoubleText(Yes)
		return out, Yes
	case ok:
		return out, Unknown
	case known == Unknown:
		r.SetDoubleText(No)
		return b, No
	}
	return b, Unknown
}

// repairFrame undoes double encoding of a websocket text message.
func (r *Record) repairFrame(b []byte, rev *Revision) []byte {
	if rev.FrameText == TextOnce || rev.FrameText == TextByHabit && !r.OldNode {
		return b
	}
	out, _ := DecodeDouble(b)
	return out
}

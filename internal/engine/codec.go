package engine

import (
	"slices"

	"github.com/heirloom-io/socketio/packet"
)

// bodyCodec joins and splits the packets of polling bodies.
type bodyCodec interface {
	// split cuts a body into packets. The packets before a fault are returned
	// with it.
	split(body []byte, octet bool, rec *Record, lim PayloadLimits) (packets []RawPacket, learnt Tri, err error)
	// join makes the body for frames.
	join(dst []byte, frames []*packet.Frame, rev *Revision, rec *Record) (body []byte, octet bool)
}

// maxText3 is the size from which a text payload is too large for browsers of
// 1.4-1.7: with XHR 2 they hand all of its characters to one call as arguments,
// which fails for a message of 1 MB in Chromium. This is well below that.
const maxText3 = 32 << 10

// payload3 is the codec of revisions 2 and 3.
type payload3 struct{}

func (payload3) split(body []byte, octet bool, rec *Record, lim PayloadLimits) ([]RawPacket, Tri, error) {
	if octet {
		// Strings are UTF-8, once, in binary payloads of every release.
		ps, err := DecodePayloadBinary(body, lim)
		for i := range ps {
			if !ps[i].Binary {
				ps[i].Data = ToValidUTF8(ps[i].Data)
			}
		}
		return ps, Unknown, err
	}
	texts, err := DecodePayloadText(ToValidUTF8(body), lim)
	ps := make([]RawPacket, len(texts))
	learnt := Unknown
	for i, t := range texts {
		data, l := rec.repairBody(t)
		ps[i].Data = data
		if l != Unknown {
			learnt = l
		}
	}
	return ps, learnt, err
}

func (payload3) join(dst []byte, frames []*packet.Frame, rev *Revision, rec *Record) ([]byte, bool) {
	if rec.Base64 || rec.JSONP != "" {
		return joinText3(dst, frames, rev, rec), false
	}
	octet, size := rec.OctetOnly, 0
	for _, f := range frames {
		octet = octet || f.Binary || asciiWords(f.Data) != len(f.Data)
		size += len(f.Data)
	}
	// A browser of 2.x would read it either way, but not every other client of
	// 2.x can: one that is known to be of 2.x keeps its text.
	octet = octet || size > maxText3 && rec.Stamped && rec.DoubleText() != No
	if !octet {
		return joinText3(dst, frames, rev, rec), false
	}
	for _, f := range frames {
		dst = AppendPayloadBinary(dst, f.Data, f.Binary)
	}
	return dst, true
}

// payload4 is the codec of revision 4.
type payload4 struct{}

func (payload4) split(body []byte, _ bool, _ *Record, lim PayloadLimits) ([]RawPacket, Tri, error) {
	texts, err := DecodePayload4(ToValidUTF8(body), lim)
	ps := make([]RawPacket, len(texts))
	for i, t := range texts {
		ps[i].Data = t
	}
	return ps, Unknown, err
}

func (payload4) join(dst []byte, frames []*packet.Frame, rev *Revision, _ *Record) ([]byte, bool) {
	size := len(frames)
	for _, f := range frames {
		size += len(f.Data)
	}
	dst = slices.Grow(dst, size)
	var scratch []byte
	for _, f := range frames {
		data := f.Data
		if f.Binary {
			scratch = rev.Framing.AppendBase64(scratch[:0], data)
			data = scratch
		}
		dst = AppendPayload4(dst, data)
	}
	return dst, false
}

func joinText3(dst []byte, frames []*packet.Frame, rev *Revision, rec *Record) []byte {
	var scratch []byte
	for _, f := range frames {
		switch {
		case f.Binary:
			scratch = rev.Framing.AppendBase64(scratch[:0], f.Data)
			dst = AppendPayloadText(dst, scratch)
		case rec.DoubleText() == Yes && asciiWords(f.Data) != len(f.Data):
			// Only text that could not be made ASCII comes here: a namespace
			// name, or a message that is not JSON.
			scratch = EncodeDouble(scratch[:0], f.Data)
			dst = AppendPayloadText(dst, scratch)
		default:
			dst = AppendPayloadText(dst, f.Data)
		}
	}
	return dst
}

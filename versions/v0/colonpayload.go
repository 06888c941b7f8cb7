package v0

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/packet"
)

// colonFrame is what frames the packets of a payload: U+FFFD, in UTF-8.
const colonFrame = "\ufffd"

// maxLengthDigits bounds the digits of a length; no body that a server accepts
// needs more.
const maxLengthDigits = 10

// DecodeColonPayload cuts an HTTP body into its packets. A body that begins
// with U+FFFD is framed, each packet behind its length in UTF-16 code units:
//
//	U+FFFD length U+FFFD packet
//
// Any other body is one packet, and an empty one none. As in genuine servers a
// length beyond the end takes what is there, and what is no length is skipped
// up to the next U+FFFD. A length that would part a surrogate pair takes all of
// it.
//
// The packets alias the body, which must be valid UTF-8. The error wraps
// [ErrColonLimit]: more packets than the limit, or than [DefaultMaxPackets] if
// that is 0. Those before it are returned too.
func DecodeColonPayload(body []byte, maxPackets int) ([][]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	if !bytes.HasPrefix(body, []byte(colonFrame)) {
		return [][]byte{body}, nil
	}
	if maxPackets == 0 {
		maxPackets = DefaultMaxPackets
	}
	var out [][]byte
	for {
		start := bytes.Index(body, []byte(colonFrame))
		if start < 0 {
			return out, nil
		}
		body = body[start+len(colonFrame):]
		n, digits := cutDigits(body)
		if digits == 0 || digits > maxLengthDigits || !bytes.HasPrefix(body[digits:], []byte(colonFrame)) {
			continue
		}
		body = body[digits+len(colonFrame):]
		end := cutUnits(body, int(n))
		if end == 0 {
			continue
		}
		if len(out) == maxPackets {
			return out, errColonPackets
		}
		out = append(out, body[:end:end])
		body = body[end:]
	}
}

// cutUnits returns how many bytes of b make n UTF-16 code units, or all of them
// if there are fewer.
func cutUnits(b []byte, n int) int {
	end := 0
	for end < len(b) && n > 0 {
		if b[end] < utf8.RuneSelf {
			end++
			n--
			continue
		}
		r, size := utf8.DecodeRune(b[end:])
		end += size
		n--
		if r > 0xffff {
			n--
		}
	}
	return end
}

// AppendColonPayload appends the body that carries frames: a single packet as it
// is, several of them framed.
func AppendColonPayload(dst []byte, frames []*packet.Frame) []byte {
	if len(frames) == 1 {
		return append(dst, frames[0].Data...)
	}
	for _, f := range frames {
		dst = append(dst, colonFrame...)
		dst = strconv.AppendInt(dst, int64(engine.UTF16Len(f.Data)), 10)
		dst = append(dst, colonFrame...)
		dst = append(dst, f.Data...)
	}
	return dst
}

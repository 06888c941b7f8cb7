package v0

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/packet"
)

// The dialect of 0.5 and 0.6, in both directions: messages behind their length
// in UTF-16 code units, one after the other.
//
//	~m~5~m~hello~m~12~m~~j~{"k":"v"}
//
// A body that begins with ~h~ is a heartbeat with its number, one that begins
// with ~j~ is JSON, anything else is text.
const (
	framedMark    = "~m~"
	heartbeatMark = "~h~"
	jsonMark      = "~j~"
)

// maxFramedDigits bounds the digits of a length.
const maxFramedDigits = 9

// AppendFramed appends one message of 0.5 and 0.6. The body must be valid UTF-8.
func AppendFramed(dst, body []byte) []byte {
	dst = append(dst, framedMark...)
	dst = strconv.AppendInt(dst, int64(engine.UTF16Len(body)), 10)
	return append(append(dst, framedMark...), body...)
}

// DecodeFramed cuts a payload of 0.5 and 0.6 into the bodies of its messages,
// which alias it unless a length parts a character. The payload must be valid
// UTF-8. A length beyond the end takes what is there, as in genuine servers.
//
// The errors wrap [ErrMessages] where a frame should begin and none does, and
// [ErrMessagesLimit] for more messages than the limit, or than
// [DefaultMaxPackets] if that is 0. The bodies before are returned too; genuine
// servers, which take fewer pains to find an error, stop there as well.
func DecodeFramed(payload []byte, maxMessages int) ([][]byte, error) {
	if maxMessages == 0 {
		maxMessages = DefaultMaxPackets
	}
	var out [][]byte
	for len(payload) > 0 {
		rest, ok := bytes.CutPrefix(payload, []byte(framedMark))
		if !ok {
			return out, errMessagesFrame
		}
		n, digits := cutDigits(rest)
		if digits > maxFramedDigits {
			return out, errMessagesLength
		}
		rest, ok = bytes.CutPrefix(rest[digits:], []byte(framedMark))
		switch {
		case digits == 0 || !ok:
			return out, errMessagesFrame
		case len(out) == maxMessages:
			return out, errMessagesCount
		}
		end := cutUnits(rest, int(n))
		body := rest[:end:end]
		if engine.UTF16Len(body) > int(n) {
			// The genuine server goes on with half a character.
			_, size := utf8.DecodeLastRune(body)
			return append(out, append(bytes.Clone(body[:end-size]), "\ufffd"...)), errMessagesPair
		}
		out, payload = append(out, body), rest[end:]
	}
	return out, nil
}

// joinFramed appends the payload that carries frames of the dialect. What is left
// of a greeting in the other one is passed over: behind it clients read nothing.
func joinFramed(dst []byte, frames []*packet.Frame) []byte {
	for _, f := range frames {
		if bytes.HasPrefix(f.Data, []byte(framedMark)) {
			dst = append(dst, f.Data...)
		}
	}
	return dst
}

// DecodeMessageForm returns the payload in a form that a client of 0.1 to 0.6
// posts, its field data, whatever the content type. Bad escapes stand for
// themselves, and bytes that are not UTF-8 become U+FFFD. Without the field there
// is no payload.
func DecodeMessageForm(body []byte) []byte {
	for pair := range bytes.SplitSeq(body, []byte("&")) {
		if value, ok := bytes.CutPrefix(pair, []byte("data=")); ok {
			return engine.ToValidUTF8(unescapeForm(value))
		}
	}
	return nil
}

// DecodeMessageTextArea returns the payload in a form that a JSONP client of 0.6
// submits. Its field is a textarea, whose line ends browsers turn into CRLF,
// after the lengths have been counted. They are turned back if the lengths do not
// fit otherwise; the genuine server loses the end of such messages.
func DecodeMessageTextArea(body []byte) []byte {
	payload := DecodeMessageForm(body)
	if !bytes.Contains(payload, []byte("\r\n")) || framedFits(payload) {
		return payload
	}
	return bytes.ReplaceAll(payload, []byte("\r\n"), []byte("\n"))
}

// framedFits reports whether the last length of a payload ends where it does.
func framedFits(payload []byte) bool {
	bodies, err := DecodeFramed(payload, 0)
	if err != nil || len(bodies) == 0 {
		return false
	}
	size := 0
	for _, body := range bodies {
		size += len(AppendFramed(nil, body)) // leading zeros are nobody's habit
	}
	return size == len(payload)
}

package v0

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// AppendColon appends one packet. Type and endpoint must be such as
// [DecodeColon] returns; the data is written as it is. What is written is
// always read back by it as the same packet.
func AppendColon(dst []byte, p Colon) []byte {
	dst = append(dst, '0'+byte(p.Type), ':')
	if p.Ack != AckNone {
		dst = strconv.AppendInt(dst, p.ID, 10)
	}
	if p.Ack == AckData {
		dst = append(dst, '+')
	}
	dst = append(dst, ':')
	dst = append(dst, p.Endpoint...)
	if len(p.Data) > 0 {
		dst = append(append(dst, ':'), p.Data...)
	}
	return dst
}

// AppendSafeJSON appends JSON text that means the same to a JSON parser and
// survives every release of the client:
//
//   - Up to 0.8.2 packets are matched by an expression that stops at line ends,
//     among which JavaScript counts U+2028 and U+2029. These are escaped, and
//     line ends between values dropped. In acknowledgements the two separators
//     are fatal to all releases.
//   - Since 0.9.15 the htmlfile transport of the client replaces every
//     backslash and slash by the slash alone, after the script's own escapes
//     have been undone. A slash behind a backslash is written as \u002f.
//   - U+FFFD, which frames payloads, is escaped too, so that nothing can take
//     it for a frame.
//
// The text is trusted to be valid.
func AppendSafeJSON(dst, json []byte) []byte {
	from := 0
	for i := 0; i < len(json); {
		n, replacement := unsafeJSON(json[i:])
		if n == 0 {
			i++
			continue
		}
		dst = append(dst, json[from:i]...)
		dst = append(dst, replacement...)
		i += n
		from = i
	}
	return append(dst, json[from:]...)
}

// unsafeJSON returns how many bytes at the start of b have to be written in
// another way, and which; 0 if the first may stay.
func unsafeJSON(b []byte) (n int, replacement string) {
	switch b[0] {
	case '\n', '\r':
		return 1, ""
	case '\\':
		switch {
		case len(b) > 2 && b[1] == '\\' && b[2] == '/':
			return 3, `\\\u002f`
		case len(b) > 1 && b[1] == '/':
			return 2, `\u002f`
		case len(b) > 1:
			return 2, string(b[:2]) // so that the second is not taken for the start of an escape
		}
	case 0xe2: // U+2028 and U+2029 are e2 80 a8 and e2 80 a9
		switch {
		case bytes.HasPrefix(b, []byte("\u2028")):
			return 3, `\u2028`
		case bytes.HasPrefix(b, []byte("\u2029")):
			return 3, `\u2029`
		}
	case 0xef:
		if bytes.HasPrefix(b, []byte("\ufffd")) {
			return 3, `\ufffd`
		}
	}
	return 0, ""
}

// plainText reports whether a text survives as the data of a message packet in
// every release, see [AppendSafeJSON]. Other texts travel as JSON strings, which
// clients hand to the same handlers.
func plainText(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\n', c == '\r', c == '/' && i > 0 && s[i-1] == '\\':
			return false
		case c == 0xe2 || c == 0xef:
			switch r, _ := utf8.DecodeRuneInString(s[i:]); r {
			case '\u2028', '\u2029', utf8.RuneError:
				return false
			}
		}
	}
	return true
}

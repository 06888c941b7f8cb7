package v0

import (
	"unicode/utf8"

	"github.com/heirloom-io/socketio/packet"
)

// appendScriptString appends text as a string literal of JavaScript. It is pure
// ASCII, whatever charset a page assumes, and holds nothing that can end or open
// a script element or a comment of one. A slash stays as it is: clients since
// 0.9.15 turn a slash with a backslash into the slash alone a second time, after
// JavaScript has.
func appendScriptString(dst, text []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
			i++
			continue
		}
		dst = append(dst, text[from:i]...)
		size := 1
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < utf8.RuneSelf:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			_, size = utf8.DecodeRune(text[i:])
			dst = packet.AppendASCII(dst, text[i:i+size])
		}
		i += size
		from = i
	}
	return append(append(dst, text[from:]...), '"')
}

const hexDigits = "0123456789abcdef"

// appendCall appends the call that hands a payload to a JSONP client. The index
// has been checked to be digits.
func (p *pollStyle) appendCall(dst []byte, index string, payload []byte) []byte {
	dst = append(append(append(dst, p.call...), index...), p.member...)
	dst = appendScriptString(dst, payload)
	return append(dst, ");"...)
}

package engine

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONPIndex bounds the digits of an index. Clients count from 0, one for
// each JSONP session of a page.
const maxJSONPIndex = 20

// errFormBytes is returned for a form whose payload exceeds the limit.
var errFormBytes = fmt.Errorf("%w: form field too long", ErrPayloadLimit)

// JSONPIndex checks the index of a JSONP request, its parameter j: one to 20
// decimal digits. Genuine servers keep the digits of anything else; here it is
// refused, because the index becomes part of a script.
func JSONPIndex(j string) (string, bool) {
	if j == "" || len(j) > maxJSONPIndex {
		return "", false
	}
	for _, c := range []byte(j) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return j, true
}

// AppendJSONP appends the script that hands a text payload to a JSONP client:
//
//	___eio[0]("2:40");
//
// The index must have passed [JSONPIndex]. The payload becomes a string literal
// of pure ASCII, whatever charset the page assumes, in which nothing can end or
// open a script element or a comment of one: "<" and ">" are escaped as well.
// Bytes that are not UTF-8 become U+FFFD.
func AppendJSONP(dst []byte, index string, payload []byte) []byte {
	dst = append(dst, "___eio["...)
	dst = append(dst, index...)
	dst = append(dst, `]("`...)
	from := 0
	for i := 0; i < len(payload); {
		c := payload[i]
		if c < utf8.RuneSelf {
			if !needsEscape(c) {
				i++
				continue
			}
			dst = append(dst, payload[from:i]...)
			dst = appendEscapedASCII(dst, c)
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRune(payload[i:])
		dst = append(dst, payload[from:i]...)
		if r > 0xffff {
			hi, lo := utf16.EncodeRune(r)
			dst = appendUnit(appendUnit(dst, hi), lo)
		} else {
			dst = appendUnit(dst, r)
		}
		i += size
		from = i
	}
	dst = append(dst, payload[from:]...)
	return append(dst, `");`...)
}

// DecodeJSONPForm returns the text payload in the form that a JSONP client
// posts: the field d of an urlencoded body, "+" being a space, with the
// client's escaping of newlines undone. Bad percent escapes stand for
// themselves and bytes that are not UTF-8 become U+FFFD, as genuine servers
// have it; other fields are ignored. Without a field d ok is false: genuine
// servers answer such a post as if nothing were wrong.
//
// The result never aliases body. A payload of more than maxBytes bytes, or of
// [DefaultMaxBytes] if that is 0, is an error that wraps [ErrPayloadLimit].
func DecodeJSONPForm(body []byte, maxBytes int) (payload []byte, ok bool, err error) {
	if maxBytes == 0 {
		maxBytes = DefaultMaxBytes
	}
	value, ok := formField(body)
	if !ok {
		return nil, false, nil
	}
	out := make([]byte, 0, min(len(value), maxBytes))
	slashes := 0 // backslashes at the end of out
	for len(value) > 0 {
		var c byte
		c, value = CutFormByte(value)
		// A browser's form would turn newlines into CR LF. So clients write a
		// newline as backslash n, and, to tell it from that, backslash n with
		// one backslash more.
		if c == 'n' && slashes > 0 {
			out = out[:len(out)-1]
			if slashes == 1 {
				c = '\n'
			}
		}
		if c == '\\' {
			slashes++
		} else {
			slashes = 0
		}
		if len(out) >= maxBytes {
			return nil, false, errFormBytes
		}
		out = append(out, c)
	}
	return ToValidUTF8(out), true, nil
}

// formField finds the undecoded value of the field d.
func formField(body []byte) ([]byte, bool) {
	for start := 0; start <= len(body); {
		end := start
		for end < len(body) && body[end] != '&' {
			end++
		}
		if pair := body[start:end]; len(pair) >= 2 && pair[0] == 'd' && pair[1] == '=' {
			return pair[2:], true
		}
		start = end + 1
	}
	return nil, false
}

// CutFormByte takes the first byte off a value in an urlencoded form, which must
// not be empty: "+" is a space, and a bad percent escape stands for itself.
func CutFormByte(value []byte) (c byte, rest []byte) {
	switch c = value[0]; {
	case c == '+':
		c = ' '
	case c == '%' && len(value) > 2:
		if hi, lo := unhex(value[1]), unhex(value[2]); hi|lo < 16 {
			return hi<<4 | lo, value[3:]
		}
	}
	return c, value[1:]
}

// unhex returns the value of a hexadecimal digit, 255 if c is none.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

func needsEscape(c byte) bool {
	return c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == 0x7f
}

func appendEscapedASCII(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendUnit(dst, rune(c))
}

// appendUnit appends the escape of one UTF-16 code unit.
func appendUnit(dst []byte, u rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[u>>12&0xf], hex[u>>8&0xf], hex[u>>4&0xf], hex[u&0xf])
}

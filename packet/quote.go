package packet

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// AppendString appends s as a JSON string, escaped as JSON.stringify escapes.
// Beyond that, U+2028 and U+2029 are always escaped, since scripts before
// ES2019 take them for line ends, and invalid UTF-8 becomes U+FFFD. The
// characters <, > and & stay as they are: what surrounds a payload has to deal
// with them.
func AppendString(dst []byte, s string) []byte {
	dst = append(slices.Grow(dst, len(s)+2), '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			dst = append(dst, s[start:i]...)
			dst = appendUnit(dst, r)
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return appendUnit(dst, rune(c))
}

// Unquote returns the text of a JSON string, given with its quotes, such as the
// first element of an event's array. Invalid UTF-8 and lone surrogates become
// U+FFFD. It returns false if raw is not exactly one JSON string.
func Unquote(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	end := plainEnd(raw, 1)
	if end == len(raw)-1 && raw[end] == '"' && utf8.Valid(raw) {
		return string(raw[1:end]), true
	}
	if bytes.HasSuffix(raw, []byte{'"'}) {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s, true
		}
	}
	return "", false
}

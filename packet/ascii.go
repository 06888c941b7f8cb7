package packet

import (
	"encoding/binary"
	"unicode/utf8"
)

// IsASCII reports whether every byte of b is below 0x80.
func IsASCII(b []byte) bool {
	return asciiEnd(b, 0) == len(b)
}

// asciiEnd returns the index of the first byte from i on that is not ASCII.
func asciiEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if binary.LittleEndian.Uint64(b[i:])&tops != 0 {
			break
		}
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// AppendASCII appends JSON text in which every character beyond ASCII is
// written as \uXXXX, characters beyond U+FFFF as a surrogate pair and each
// invalid byte as U+FFFD. The result means the same to every JSON parser, and
// passes unharmed through the double UTF-8 encoding of 1.x clients. The text
// itself is not checked.
func AppendASCII(dst, json []byte) []byte {
	for i := 0; ; {
		end := asciiEnd(json, i)
		dst = append(dst, json[i:end]...)
		if end == len(json) {
			return dst
		}
		r, size := utf8.DecodeRune(json[end:])
		dst = appendUnicode(dst, r)
		i = end + size
	}
}

const hexDigits = "0123456789abcdef"

func appendUnicode(dst []byte, r rune) []byte {
	if r > 0xFFFF {
		r -= 0x10000
		dst = appendUnit(dst, 0xD800+r>>10)
		r = 0xDC00 + r&0x3FF
	}
	return appendUnit(dst, r)
}

func appendUnit(dst []byte, u rune) []byte {
	return append(dst, '\\', 'u',
		hexDigits[u>>12&15], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}

package engine

import (
	"encoding/binary"
	"unicode/utf8"
)

// nonASCII selects the top bits of eight bytes at once.
const nonASCII = 0x8080808080808080

// surrogateLen is the length of a surrogate in generalised UTF-8, where
// 1.0-1.3.6 and 1.5-1.7 write a lone one like any other character.
const surrogateLen = 3

// UTF16Len returns the number of UTF-16 code units of UTF-8 text, the measure
// of lengths in text payloads. A byte that is not UTF-8 counts as one.
func UTF16Len(b []byte) int {
	n := 0
	for i := 0; i < len(b); {
		if k := asciiWords(b[i:]); k > 0 {
			i, n = i+k, n+k
			continue
		}
		size, units := measureRune(b[i:])
		i, n = i+size, n+units
	}
	return n
}

// cutUTF16 returns how many bytes of b make n UTF-16 code units. It fails if b
// is shorter, or if the cut would part a surrogate pair.
func cutUTF16(b []byte, n int) (end int, ok bool) {
	if n > len(b) { // every unit takes a byte at least
		return 0, false
	}
	for n > 0 && end < len(b) {
		// A piece of n bytes never has more than n units.
		if k := asciiWords(b[end:min(len(b), end+n)]); k > 0 {
			end, n = end+k, n-k
			continue
		}
		size, units := measureRune(b[end:])
		end, n = end+size, n-units
	}
	return end, n == 0
}

// ToValidUTF8 returns b itself if it is valid UTF-8, else a copy in which
// U+FFFD stands for each lone surrogate and each byte that is not UTF-8.
func ToValidUTF8(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	out, _ := appendGeneralised(make([]byte, 0, len(b)+utf8.UTFMax), b, false)
	return out
}

// DecodeDouble undoes UTF-8 that was applied twice: 1.x clients do so in text
// payloads, 1.0.x on WebSocket too, and nothing announces it. The text counts as
// such if it has a character from U+0080, none above U+00FF, and its characters
// taken as bytes are UTF-8, in which lone surrogates are accepted and become
// U+FFFD. Otherwise the result is b itself and false.
//
// Text in which a 2.x client really means such characters, "Ã©" for example,
// is misread; a session that is known to be 2.x must not ask.
func DecodeDouble(b []byte) (out []byte, ok bool) {
	start := asciiWords(b)
	if start == len(b) {
		return b, false
	}
	var inner []byte
	for i := start; i < len(b); i++ {
		c := b[i]
		if c >= utf8.RuneSelf {
			// U+0080 to U+00FF are c2 80 to c3 bf.
			if c>>1 != 0xc2>>1 || i+1 == len(b) || b[i+1]>>6 != 0b10 {
				return b, false
			}
			if inner == nil {
				inner = append(make([]byte, 0, len(b)), b[:i]...)
			}
			i++
			c = c<<6 | b[i]&0x3f
		}
		if inner != nil {
			inner = append(inner, c)
		}
	}
	if inner == nil {
		return b, false
	}
	if utf8.Valid(inner) {
		return inner, true
	}
	out, ok = appendGeneralised(make([]byte, 0, len(inner)), inner, true)
	if !ok {
		return b, false
	}
	return out, true
}

// EncodeDouble appends UTF-8 text with each of its bytes written as a
// character, the way 1.x expects text in text payloads.
func EncodeDouble(dst, b []byte) []byte {
	for _, c := range b {
		dst = utf8.AppendRune(dst, rune(c))
	}
	return dst
}

// appendGeneralised copies b with lone surrogates made U+FFFD. Other bytes that
// are not UTF-8 end it if strict, else become U+FFFD too.
func appendGeneralised(dst, b []byte, strict bool) ([]byte, bool) {
	for i := 0; i < len(b); {
		if k := asciiWords(b[i:]); k > 0 {
			dst = append(dst, b[i:i+k]...)
			i += k
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			switch {
			case isSurrogate(b[i:]):
				size = surrogateLen
			case strict:
				return dst, false
			}
		}
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst, true
}

func isSurrogate(b []byte) bool {
	return len(b) >= surrogateLen && b[0] == 0xed && b[1]>>5 == 0b101 && b[2]>>6 == 0b10
}

// asciiWords returns the length of the run of ASCII at the start of b, in whole
// words of eight bytes except at the end of b.
func asciiWords(b []byte) int {
	n := 0
	for len(b)-n >= 8 {
		if binary.LittleEndian.Uint64(b[n:])&nonASCII != 0 {
			return n
		}
		n += 8
	}
	for i := n; i < len(b); i++ {
		if b[i] >= utf8.RuneSelf {
			return n
		}
	}
	return len(b)
}

// measureRune returns the bytes and the UTF-16 code units of the first
// character of b, which is not empty.
func measureRune(b []byte) (size, units int) {
	r, size := utf8.DecodeRune(b)
	if r > 0xffff {
		return size, 2
	}
	return size, 1
}

package packet

import (
	"encoding/binary"
	"math/bits"
)

func scanEnd(b []byte, i int) error {
	if i = skipSpace(b, i); i < len(b) {
		return syntaxError(b, i, msgTrailing)
	}
	return nil
}

// scanValue returns the end of the value that starts at b[i]. It nests arrays
// and objects at most limit deep.
func scanValue(b []byte, i, limit int) (int, error) {
	if i < len(b) && (b[i] == '[' || b[i] == '{') {
		return scanNested(b, i, limit)
	}
	return scanScalar(b, i)
}

// levels holds a bit for every open level: set for an object, clear for an
// array. It stands in for recursion, and for a stack on the heap.
type levels [(MaxDepth + 63) / 64]uint64

func (l *levels) set(depth int, object bool) {
	bit := uint64(1) << (depth % 64)
	if object {
		l[depth/64] |= bit
	} else {
		l[depth/64] &^= bit
	}
}

func (l *levels) object(depth int) bool {
	return l[depth/64]>>(depth%64)&1 != 0
}

func scanNested(b []byte, i, limit int) (int, error) {
	var (
		open  levels
		depth int
		err   error
	)
	for {
		// A value starts at b[i].
		if i < len(b) && (b[i] == '[' || b[i] == '{') {
			if depth == limit {
				return i, ErrTooDeep
			}
			object := b[i] == '{'
			open.set(depth, object)
			depth++
			i = skipSpace(b, i+1)
			// An empty container has its end treated like any other below.
			if i == len(b) || b[i] != closer(object) {
				if object {
					if i, err = scanKey(b, i); err != nil {
						return i, err
					}
				}
				continue
			}
		} else if i, err = scanScalar(b, i); err != nil {
			return i, err
		}
		// A value, or an empty container's content, has ended before b[i].
		for {
			object := open.object(depth - 1)
			i = skipSpace(b, i)
			if i < len(b) && b[i] == closer(object) {
				i++
				if depth--; depth == 0 {
					return i, nil
				}
				continue
			}
			if i == len(b) || b[i] != ',' {
				return i, syntaxError(b, i, msgNext)
			}
			i = skipSpace(b, i+1)
			if object {
				if i, err = scanKey(b, i); err != nil {
					return i, err
				}
			}
			break
		}
	}
}

func closer(object bool) byte {
	if object {
		return '}'
	}
	return ']'
}

// scanKey returns where the value that belongs to the key at b[i] starts.
func scanKey(b []byte, i int) (int, error) {
	if i >= len(b) || b[i] != '"' {
		return i, syntaxError(b, i, msgKey)
	}
	i, err := scanString(b, i)
	if err != nil {
		return i, err
	}
	i = skipSpace(b, i)
	if i == len(b) || b[i] != ':' {
		return i, syntaxError(b, i, msgColon)
	}
	return skipSpace(b, i+1), nil
}

func scanScalar(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, syntaxError(b, i, msgEnd)
	}
	switch c := b[i]; {
	case c == '"':
		return scanString(b, i)
	case c == '-' || isDigit(c):
		return scanNumber(b, i)
	case c == 't':
		return scanLiteral(b, i, "true")
	case c == 'f':
		return scanLiteral(b, i, "false")
	case c == 'n':
		return scanLiteral(b, i, "null")
	}
	return i, syntaxError(b, i, msgValue)
}

func scanLiteral(b []byte, i int, word string) (int, error) {
	for k := range len(word) {
		if i+k >= len(b) || b[i+k] != word[k] {
			return i, syntaxError(b, i+k, msgLiteral)
		}
	}
	return i + len(word), nil
}

func scanNumber(b []byte, i int) (int, error) {
	if b[i] == '-' {
		i++
	}
	var ok bool
	if i < len(b) && b[i] == '0' {
		i++ // a leading zero stands alone
	} else if i, ok = scanDigits(b, i); !ok {
		return i, syntaxError(b, i, msgNumber)
	}
	if i < len(b) && b[i] == '.' {
		if i, ok = scanDigits(b, i+1); !ok {
			return i, syntaxError(b, i, msgNumber)
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i, ok = scanDigits(b, i); !ok {
			return i, syntaxError(b, i, msgNumber)
		}
	}
	return i, nil
}

// scanDigits skips digits, of which there must be one.
func scanDigits(b []byte, i int) (int, bool) {
	start := i
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i, i > start
}

func scanString(b []byte, i int) (int, error) {
	for i++; ; i++ {
		i = plainEnd(b, i)
		if i == len(b) {
			return i, syntaxError(b, i, msgEnd)
		}
		switch b[i] {
		case '"':
			return i + 1, nil
		case '\\':
			n, err := scanEscape(b, i+1)
			if err != nil {
				return i, err
			}
			i = n
		default:
			return i, syntaxError(b, i, msgControl)
		}
	}
}

// scanEscape returns the index of the last byte of the escape whose backslash
// stands before b[i].
func scanEscape(b []byte, i int) (int, error) {
	if i == len(b) {
		return i, syntaxError(b, i, msgEnd)
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i, nil
	case 'u':
		for k := 1; k <= 4; k++ {
			if i+k >= len(b) || !isHex(b[i+k]) {
				return i, syntaxError(b, i+k, msgEscape)
			}
		}
		return i + 4, nil
	}
	return i, syntaxError(b, i, msgEscape)
}

const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// plainEnd returns the index of the first byte from i on that does not stand
// for itself in a JSON string: a quote, a backslash or a control character.
// Strings are the bulk of what clients send, so it looks at eight bytes at a
// time. Each term may have false marks only above a true one, so the lowest
// mark is exact.
func plainEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		mark := (w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash
		if mark &= tops; mark != 0 {
			return i + bits.TrailingZeros64(mark)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

func isDigit(c byte) bool {
	return '0' <= c && c <= '9'
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
}

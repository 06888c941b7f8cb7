package packet

import (
	"errors"
	"strconv"
)

// MaxDepth is the deepest nesting of arrays and objects that the scanner
// accepts, the array of a packet included. Clients nest a handful of levels;
// encoding/json would allow 10000.
const MaxDepth = 512

// ErrTooDeep is returned for JSON nested deeper than [MaxDepth].
var ErrTooDeep = errors.New("packet: JSON nested too deeply")

// SyntaxError is the error for text that is not JSON, or not the kind of JSON
// that was asked for.
type SyntaxError struct {
	// Offset is the index of the offending byte in the text that was passed in;
	// the length of the text if it ends too early.
	Offset int
	// Msg says what was wrong, without quoting the text.
	Msg string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return "packet: invalid JSON at offset " + strconv.Itoa(e.Offset) + ": " + e.Msg
}

// What a SyntaxError says.
const (
	msgEnd       = "unexpected end"
	msgTrailing  = "text after the value"
	msgValue     = "expected a value"
	msgArray     = "expected an array"
	msgKey       = "expected a key"
	msgColon     = "expected a colon"
	msgNext      = "expected a comma or the end"
	msgLiteral   = "invalid literal"
	msgNumber    = "invalid number"
	msgEscape    = "invalid escape"
	msgControl   = "control character in a string"
	msgSeparator = "expected a comma"
)

func syntaxError(b []byte, i int, msg string) error {
	if i >= len(b) {
		return &SyntaxError{Offset: len(b), Msg: msgEnd}
	}
	return &SyntaxError{Offset: i, Msg: msg}
}

// Valid checks that b is exactly one JSON value, white space around it allowed.
// It accepts what encoding/json accepts (invalid UTF-8 in strings and repeated
// keys included) down to a depth of [MaxDepth]. The error is a *[SyntaxError]
// or [ErrTooDeep].
func Valid(b []byte) error {
	i, err := scanValue(b, skipSpace(b, 0), MaxDepth)
	if err != nil {
		return err
	}
	return scanEnd(b, i)
}

// ScanArray checks that b is exactly one JSON array, and returns its content
// as [Packet].Args has it (without brackets and without white space around
// it) and the number of its elements. The content shares memory with b. The
// error is a *[SyntaxError] or [ErrTooDeep].
func ScanArray(b []byte) (args []byte, n int, err error) {
	_, args, n, err = scanArray(b)
	return args, n, err
}

// CutArray is [ScanArray] for the array of an event: it takes ["name",a,b]
// apart into its first element and the rest, a,b. Both lack white space around
// them and share memory with b. The first element of an empty array is nil.
func CutArray(b []byte) (first, rest []byte, err error) {
	first, args, n, err := scanArray(b)
	if err != nil || n == 0 {
		return nil, nil, err
	}
	if n == 1 {
		return first, nil, nil
	}
	// The first element is the start of args; a comma follows it somewhere.
	i := skipSpace(args, len(first)) + 1
	return first, args[skipSpace(args, i):], nil
}

// Split appends the values of args, which are separated by commas as in
// [Packet].Args, to dst. The values share memory with args and have no white
// space around them. The error is a *[SyntaxError] or [ErrTooDeep]; dst then
// comes back as it was.
func Split(args []byte, dst [][]byte) ([][]byte, error) {
	i := skipSpace(args, 0)
	if i == len(args) {
		return dst, nil
	}
	values := dst
	for {
		end, err := scanValue(args, i, MaxDepth-1)
		if err != nil {
			return dst, err
		}
		values = append(values, args[i:end:end])
		i = skipSpace(args, end)
		if i == len(args) {
			return values, nil
		}
		if args[i] != ',' {
			return dst, syntaxError(args, i, msgSeparator)
		}
		i = skipSpace(args, i+1)
	}
}

func scanArray(b []byte) (first, args []byte, n int, err error) {
	i := skipSpace(b, 0)
	if i == len(b) || b[i] != '[' {
		return nil, nil, 0, syntaxError(b, i, msgArray)
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return nil, nil, 0, scanEnd(b, i+1)
	}
	start := i
	for {
		end, err := scanValue(b, i, MaxDepth-1)
		if err != nil {
			return nil, nil, 0, err
		}
		if n == 0 {
			first = b[start:end:end]
		}
		n++
		i = skipSpace(b, end)
		if i < len(b) && b[i] == ',' {
			i = skipSpace(b, i+1)
			continue
		}
		if i == len(b) || b[i] != ']' {
			return nil, nil, 0, syntaxError(b, i, msgNext)
		}
		if err := scanEnd(b, i+1); err != nil {
			return nil, nil, 0, err
		}
		return first, b[start:end:end], n, nil
	}
}

package packet

import (
	"bytes"
	"encoding/base64"
	"strconv"
)

// PlaceholderError is the error for a place of a binary value that names no
// attachment, or one that an earlier place has already named.
type PlaceholderError struct {
	// Num is the index that was asked for, -1 if it was missing or not a
	// natural number.
	Num int
	// Attachments is the number of attachments there are.
	Attachments int
}

// Error implements error.
func (e *PlaceholderError) Error() string {
	return "packet: binary placeholder " + strconv.Itoa(e.Num) +
		" does not fit " + strconv.Itoa(e.Attachments) + " attachments"
}

// AppendPlaceholder appends the object that stands for attachment num.
func AppendPlaceholder(dst []byte, num int) []byte {
	dst = append(dst, `{"_placeholder":true,"num":`...)
	dst = strconv.AppendInt(dst, int64(num), 10)
	return append(dst, '}')
}

// AppendBase64 appends the object that stands for a binary value in dialects
// that have text only: {"base64":true,"data":"..."} with standard base64.
// [Unmarshal] takes the same form for a binary value.
func AppendBase64(dst, data []byte) []byte {
	dst = append(dst, `{"base64":true,"data":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, data)
	return append(dst, `"}`...)
}

// CheckPlaceholders checks that every placeholder in args, values separated by
// commas, names one of n attachments and that no two name the same. An object
// is a placeholder if its member _placeholder is true.
//
// Genuine decoders let two places share an attachment. No genuine encoder
// writes that, and a small packet could so be made to stand for a huge one.
//
// The error is a *[PlaceholderError], or that of [Split] if args are not JSON;
// the latter is noticed only where something looks like a placeholder.
func CheckPlaceholders(args []byte, n int) error {
	_, err := findPlaceholders(args, n)
	return err
}

// ReplacePlaceholders appends args to dst, with every placeholder replaced by
// what f appends for its number, which is below attachments. Without
// attachments there are no placeholders, and objects that look like one are
// ordinary data. Errors are those of [CheckPlaceholders]; dst then comes back
// as it was.
func ReplacePlaceholders(
	dst, args []byte, attachments int, f func(dst []byte, num int) []byte,
) ([]byte, error) {
	if attachments == 0 {
		return append(dst, args...), nil
	}
	found, err := findPlaceholders(args, attachments)
	if err != nil {
		return dst, err
	}
	last := 0
	for _, o := range found {
		dst = append(dst, args[last:o.start]...)
		dst = f(dst, o.num)
		last = o.end
	}
	return append(dst, args[last:]...), nil
}

func findPlaceholders(args []byte, n int) ([]object, error) {
	if !maybePlaceholder(args) {
		return nil, nil
	}
	found, err := findObjects(args, false)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found, checkNumbers(found, n)
}

func checkNumbers(found []object, n int) error {
	seen := make([]bool, n)
	for _, o := range found {
		if o.form != formPlaceholder {
			continue
		}
		if o.num < 0 || o.num >= n || seen[o.num] {
			return &PlaceholderError{Num: o.num, Attachments: n}
		}
		seen[o.num] = true
	}
	return nil
}

// maybePlaceholder reports whether there can be a placeholder in JSON text. Its
// key could be spelled with escapes; only \u can spell a letter.
func maybePlaceholder(text []byte) bool {
	return bytes.Contains(text, []byte(`_placeholder"`)) || maybeEscaped(text)
}

func maybeEscaped(text []byte) bool {
	return bytes.Contains(text, []byte(`\u`))
}

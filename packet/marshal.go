package packet

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
)

// Marshal turns arguments into the form of [Packet].Args and
// [Packet].Attachments. JSON is what encoding/json writes, struct tags and
// Marshalers included, with <, > and & left as they are, and with these rules
// of its own:
//
//   - A []byte, or a named type of that kind, becomes an attachment wherever it
//     stands: in structs, maps, slices, arrays, pointers and interfaces.
//     Attachments are numbered in document order over all arguments. A nil one
//     is null; an empty one is an empty attachment.
//   - Any other nil slice is [], not null, wherever it stands.
//   - Types with a MarshalJSON or MarshalText of their own are left to it,
//     whatever they hold. A json.RawMessage is checked and written as it is.
//   - An object of the arguments that looks like a binary placeholder is an
//     error beside real binary values, for it would let whoever supplied it
//     break every client that receives the packet.
//   - Binary behind an embedded pointer to an unexported struct is an error.
//
// Attachments are retained without copying: the caller must not change the
// bytes afterwards. The values themselves are neither changed nor kept.
//
// The error is an *[EncodeError]. Any number of goroutines may call Marshal.
func Marshal(args []any) (raw []byte, attachments [][]byte, err error) {
	var m marshaler
	for i, arg := range args {
		if i > 0 {
			m.raw = append(m.raw, ',')
		}
		if err := m.add(arg); err != nil {
			return nil, nil, &EncodeError{Arg: i, Type: reflect.TypeOf(arg), Err: err}
		}
		if m.lookalike && m.suspect == 0 {
			m.suspect = i + 1
		}
	}
	if m.suspect > 0 && len(m.attachments) > 0 {
		i := m.suspect - 1
		return nil, nil, &EncodeError{Arg: i, Type: reflect.TypeOf(args[i]), Err: errLookalike}
	}
	return m.raw, m.attachments, nil
}

type marshaler struct {
	raw         []byte
	attachments [][]byte
	lookalike   bool // an argument held an object posing as a placeholder
	suspect     int  // one more than the index of the first that did
}

// add appends one argument. The kinds that make up most messages are written
// without reflection.
func (m *marshaler) add(arg any) error {
	switch v := arg.(type) {
	case nil:
		m.raw = append(m.raw, "null"...)
	case string:
		m.raw = AppendString(m.raw, v)
	case bool:
		m.raw = strconv.AppendBool(m.raw, v)
	case int:
		m.raw = strconv.AppendInt(m.raw, int64(v), 10)
	case int8:
		m.raw = strconv.AppendInt(m.raw, int64(v), 10)
	case int16:
		m.raw = strconv.AppendInt(m.raw, int64(v), 10)
	case int32:
		m.raw = strconv.AppendInt(m.raw, int64(v), 10)
	case int64:
		m.raw = strconv.AppendInt(m.raw, v, 10)
	case uint:
		m.raw = strconv.AppendUint(m.raw, uint64(v), 10)
	case uint8:
		m.raw = strconv.AppendUint(m.raw, uint64(v), 10)
	case uint16:
		m.raw = strconv.AppendUint(m.raw, uint64(v), 10)
	case uint32:
		m.raw = strconv.AppendUint(m.raw, uint64(v), 10)
	case uint64:
		m.raw = strconv.AppendUint(m.raw, v, 10)
	case float64:
		return m.addFloat(v, 64)
	case float32:
		return m.addFloat(float64(v), 32)
	case []byte:
		if v == nil {
			m.raw = append(m.raw, "null"...)
			return nil
		}
		m.attach(v)
	case json.RawMessage:
		return m.addRaw(v)
	default:
		return m.addValue(arg)
	}
	return nil
}

func (m *marshaler) attach(data []byte) {
	m.raw = AppendPlaceholder(m.raw, len(m.attachments))
	m.attachments = append(m.attachments, data)
}

// addRaw appends JSON of the caller's. As with encoding/json, nil is null.
func (m *marshaler) addRaw(v json.RawMessage) error {
	if v == nil {
		m.raw = append(m.raw, "null"...)
		return nil
	}
	if err := Valid(v); err != nil {
		return err
	}
	m.raw = append(m.raw, bytes.Trim(v, " \t\r\n")...)
	return m.suspectFrom(v, 0)
}

// addFloat writes the shortest form that reads back as the same number, with
// an exponent where JavaScript has one.
func (m *marshaler) addFloat(f float64, size int) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return errNotFinite
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 {
		if size == 64 && (a < 1e-6 || a >= 1e21) ||
			size == 32 && (float32(a) < 1e-6 || float32(a) >= 1e21) {
			format = 'e'
		}
	}
	m.raw = strconv.AppendFloat(m.raw, f, format, -1, size)
	// strconv writes at least two digits of exponent, JavaScript as few as
	// possible; positive exponents have two here anyway.
	if n := len(m.raw); format == 'e' && m.raw[n-4] == 'e' && m.raw[n-2] == '0' {
		m.raw[n-2] = m.raw[n-1]
		m.raw = m.raw[:n-1]
	}
	return nil
}

func (m *marshaler) addValue(arg any) error {
	v := reflect.ValueOf(arg)
	var issued tokens
	if shapeOf(v.Type()).rewritable {
		w := rewriter{tokens: &issued}
		rewritten, err := w.value(v, 0)
		if err != nil {
			return err
		}
		if rewritten.IsValid() {
			arg = rewritten.Interface()
		}
	}
	start, before := len(m.raw), len(m.attachments)
	if len(issued.data) == 0 {
		var err error
		if m.raw, err = appendJSON(m.raw, arg); err != nil {
			return err
		}
	} else {
		text, err := appendJSON(nil, arg)
		if err != nil {
			return err
		}
		m.placeTokens(text, &issued)
	}
	return m.suspectFrom(m.raw[start:], len(m.attachments)-before)
}

// suspectFrom notes whether JSON text holds other placeholders than those that
// Marshal has put there for its last own attachments.
func (m *marshaler) suspectFrom(text []byte, own int) error {
	if own == 0 && !maybePlaceholder(text) {
		return nil
	}
	found, err := findObjects(text, false)
	if err != nil {
		return err
	}
	num := len(m.attachments) - own
	if len(found) != own {
		m.lookalike = true
		return nil
	}
	var buf [48]byte
	for i, o := range found {
		// An object round a true placeholder hides it, and takes its place.
		if !bytes.Equal(text[o.start:o.end], AppendPlaceholder(buf[:0], num+i)) {
			m.lookalike = true
		}
	}
	return nil
}

// appendJSON appends what encoding/json makes of a value.
func appendJSON(dst []byte, v any) ([]byte, error) {
	s := sink(dst)
	e := json.NewEncoder(&s)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return dst, err
	}
	return s[:len(s)-1], nil // without the newline
}

type sink []byte

func (s *sink) Write(p []byte) (int, error) {
	*s = append(*s, p...)
	return len(p), nil
}

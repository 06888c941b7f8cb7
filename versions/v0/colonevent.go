package v0

import (
	"bytes"

	"github.com/heirloom-io/socketio/packet"
)

// DecodeColonEvent reads the data of an event, {"name":...,"args":[...]}. The
// arguments are returned as [packet.Packet].Args has them, and alias data. As in
// genuine servers arguments that are not in an array are one argument, the last
// of several members with one name counts, and others are ignored. The errors
// wrap [ErrColon]: JSON that is invalid or too deep, or no name that is a string.
func DecodeColonEvent(data []byte) (name string, args []byte, err error) {
	if packet.Valid(data) != nil {
		return "", nil, errColonJSON
	}
	named := false
	for m := (members{rest: data}); m.next(); {
		switch key, _ := packet.Unquote(m.key); key {
		case "name":
			name, named = packet.Unquote(m.value)
		case "args":
			args = m.value
		}
	}
	if !named {
		return "", nil, errColonName
	}
	if len(args) > 0 && args[0] == '[' {
		if args, _, err = packet.ScanArray(args); err != nil {
			return "", nil, errColonJSON // cannot happen: it is valid
		}
	}
	return name, args, nil
}

// members walks the members of an object. The text must be valid JSON, so that
// nothing has to be checked here; of other values there are no members.
type members struct {
	rest       []byte
	inside     bool
	key, value []byte // without white space around them
}

func (m *members) next() bool {
	b := bytes.TrimLeft(m.rest, jsonSpace)
	opening := byte(',')
	if !m.inside {
		opening = '{'
	}
	if len(b) == 0 || b[0] != opening {
		return false
	}
	m.inside = true
	b = bytes.TrimLeft(b[1:], jsonSpace)
	if b[0] == '}' {
		m.rest = b
		return false
	}
	end := valueEnd(b)
	m.key = b[:end]
	b = bytes.TrimLeft(b[end:], jsonSpace)[1:] // the colon
	b = bytes.TrimLeft(b, jsonSpace)
	end = valueEnd(b)
	m.value, m.rest = b[:end:end], b[end:]
	return true
}

const jsonSpace = " \t\r\n"

// valueEnd returns the end of the value at the start of valid JSON.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i)
			if depth == 0 {
				return i + 1
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth < 0 {
				return i
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// stringEnd returns the index of the quote that closes the string at b[i].
func stringEnd(b []byte, i int) int {
	for i++; i < len(b) && b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i
}

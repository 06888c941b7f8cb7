package packet

// form is what an object stands for.
type form uint8

const (
	// formPlaceholder is {"_placeholder":true,"num":N}, further members allowed.
	formPlaceholder form = iota
	// formBase64 is {"base64":true,"data":"..."} with no other members.
	formBase64
)

// object is an object that stands for a binary value, at text[start:end].
type object struct {
	start, end int
	form       form
	num        int    // of a placeholder, -1 if it is none
	data       []byte // of the base64 form: a JSON string
}

// findObjects returns the outermost objects in a list of values that stand for
// binary ones, in document order; those of the base64 form only if asked for.
func findObjects(args []byte, withBase64 bool) ([]object, error) {
	f := finder{text: args, withBase64: withBase64}
	i := skipSpace(args, 0)
	if i == len(args) {
		return nil, nil
	}
	for {
		end, err := f.value(i, 1)
		if err != nil {
			return nil, err
		}
		i = skipSpace(args, end)
		if i == len(args) {
			return f.found, nil
		}
		if args[i] != ',' {
			return nil, syntaxError(args, i, msgSeparator)
		}
		i = skipSpace(args, i+1)
	}
}

// finder walks JSON text, which it checks on the way. It recurses at most
// MaxDepth deep.
type finder struct {
	text       []byte
	withBase64 bool
	found      []object
}

func (f *finder) value(i, depth int) (int, error) {
	if i >= len(f.text) || f.text[i] != '{' && f.text[i] != '[' {
		return scanScalar(f.text, i)
	}
	if depth >= MaxDepth {
		return i, ErrTooDeep
	}
	if f.text[i] == '{' {
		return f.object(i, depth+1)
	}
	return f.array(i, depth+1)
}

func (f *finder) array(i, depth int) (int, error) {
	i = skipSpace(f.text, i+1)
	if i < len(f.text) && f.text[i] == ']' {
		return i + 1, nil
	}
	for {
		end, err := f.value(i, depth)
		if err != nil {
			return end, err
		}
		i = skipSpace(f.text, end)
		switch {
		case i < len(f.text) && f.text[i] == ']':
			return i + 1, nil
		case i == len(f.text) || f.text[i] != ',':
			return i, syntaxError(f.text, i, msgNext)
		}
		i = skipSpace(f.text, i+1)
	}
}

func (f *finder) object(start, depth int) (int, error) {
	var m members
	inner := len(f.found)
	i := skipSpace(f.text, start+1)
	if i < len(f.text) && f.text[i] == '}' {
		return i + 1, nil
	}
	for {
		v, err := scanKey(f.text, i)
		if err != nil {
			return v, err
		}
		end, err := f.value(v, depth)
		if err != nil {
			return end, err
		}
		m.add(f.text[i:v], f.text[v:end])
		i = skipSpace(f.text, end)
		if i < len(f.text) && f.text[i] == '}' {
			break
		}
		if i == len(f.text) || f.text[i] != ',' {
			return i, syntaxError(f.text, i, msgNext)
		}
		i = skipSpace(f.text, i+1)
	}
	i++
	o := object{start: start, end: i, num: -1}
	switch {
	case string(m.placeholder) == "true":
		o.form, o.num = formPlaceholder, parseNum(m.num)
	case f.withBase64 && m.count == 2 && string(m.base64) == "true" && len(m.data) > 0 && m.data[0] == '"':
		o.form, o.data = formBase64, m.data
	default:
		return i, nil
	}
	f.found = append(f.found[:inner], o)
	return i, nil
}

// members collects what decides about an object. As in JavaScript, the last
// of several members with one name counts.
type members struct {
	count                          int
	placeholder, num, base64, data []byte
}

// add takes a member; key is the text from the key up to the value.
func (m *members) add(key, value []byte) {
	m.count++
	end, err := scanString(key, 0)
	if err != nil {
		return
	}
	name := key[1 : end-1]
	if maybeEscaped(name) {
		s, _ := Unquote(key[:end])
		name = []byte(s)
	}
	switch string(name) {
	case "_placeholder":
		m.placeholder = value
	case "num":
		m.num = value
	case "base64":
		m.base64 = value
	case "data":
		m.data = value
	}
}

// parseNum reads an index as encoders write it: a few digits.
func parseNum(text []byte) int {
	const maxDigits = 9
	if len(text) == 0 || len(text) > maxDigits {
		return -1
	}
	n := 0
	for _, c := range text {
		if !isDigit(c) {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

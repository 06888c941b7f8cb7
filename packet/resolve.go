package packet

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
)

// On the way in, binary values make the same detour as on the way out: the
// text that encoding/json reads has a string in the place of each, which is a
// mark followed by the base64 of a token. The mark is the token once more, its
// bits written as line ends, which decoders of base64 skip. A []byte then holds
// the token, an any or a string the whole string, and a walk over the target
// puts right what arrived. Where a type with an UnmarshalJSON or UnmarshalText may
// be in the way, the base64 is that of the value itself, since no walk can enter
// those.

const (
	// markRandom is the part of a mark that all values of an argument share,
	// in bits, and so in line ends.
	markRandom = tokenRandom * 8
	markSize   = tokenSize * 8
)

// resolver knows the binary values of one argument.
type resolver struct {
	raw    []byte
	tokens tokens
	// places holds, for each token, what it replaced in raw.
	places []object
	// inline: the base64 in the text is that of the values themselves.
	inline bool
	// prefix is what all marks start with, as text and as it is escaped in JSON.
	prefix        string
	escapedPrefix []byte
}

// substitute returns the text for encoding/json.
func (r *resolver) substitute(found []object, attachments [][]byte) ([]byte, error) {
	var out []byte
	last := 0
	for _, o := range found {
		data, err := o.binary(attachments)
		if err != nil {
			continue // the base64 form without base64 is ordinary data
		}
		token, ok := r.tokens.issue(data)
		if !ok {
			return nil, errNested
		}
		r.places = append(r.places, o)
		out = append(out, r.raw[last:o.start]...)
		start := len(out)
		out = append(out, '"')
		out = appendMark(out, token)
		if r.escapedPrefix == nil {
			r.escapedPrefix = bytes.Clone(out[start : start+1+2*markRandom])
			r.prefix = strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(string(r.escapedPrefix[1:]))
		}
		if !r.inline {
			data = token
		}
		out = base64.StdEncoding.AppendEncode(out, data)
		out = append(out, '"')
		last = o.end
	}
	return append(out, r.raw[last:]...), nil
}

// appendMark appends the bits of a token as escaped line ends.
func appendMark(dst, token []byte) []byte {
	for _, b := range token {
		for bit := 7; bit >= 0; bit-- {
			if b>>bit&1 != 0 {
				dst = append(dst, `\n`...)
			} else {
				dst = append(dst, `\r`...)
			}
		}
	}
	return dst
}

// marked returns the number of the value that a string stands for.
func (r *resolver) marked(s string) (int, bool) {
	if len(s) < markSize || s[:markRandom] != r.prefix {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s[markRandom:markSize]) {
		n <<= 1
		if c == '\n' {
			n |= 1
		}
	}
	return n, n < len(r.places)
}

// restore gives a raw message its original text again.
func (r *resolver) restore(text []byte) []byte {
	var out []byte
	for r.escapedPrefix != nil {
		i := bytes.Index(text, r.escapedPrefix)
		if i < 0 {
			break
		}
		length := bytes.IndexByte(text[i+1:], '"') + 2
		s, _ := Unquote(text[i : i+length])
		n, ok := r.marked(s)
		if !ok {
			break
		}
		out = append(out, text[:i]...)
		out = append(out, r.raw[r.places[n].start:r.places[n].end]...)
		text = text[i+length:]
	}
	return append(out, text...)
}

// value puts binary values into a target. Only what encoding/json has just
// decoded can hold tokens, so what was there before stays as it was.
func (r *resolver) value(v reflect.Value, hops int) error {
	if hops > maxHops {
		return errNested
	}
	switch v.Kind() {
	case reflect.String:
		if _, ok := r.marked(v.String()); ok {
			return errNotText
		}
		return nil
	case reflect.Interface:
		return r.dynamic(v, hops)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return r.value(v.Elem(), hops+1)
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
	default:
		return nil
	}
	if v.Type() == rawMessageType {
		v.SetBytes(r.restore(v.Bytes()))
		return nil
	}
	s := shapeOf(v.Type())
	switch {
	case s.decodesItself:
		return nil
	case s.binary:
		if n, ok := r.tokens.lookup(v.Bytes()); ok {
			v.SetBytes(r.tokens.data[n])
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Map:
		return r.entries(v, hops)
	case reflect.Struct:
		for _, f := range s.fields {
			if err := r.value(v.FieldByIndex(f.index), hops+1); err != nil {
				return err
			}
		}
		return nil
	}
	if k := v.Type().Elem().Kind(); k >= reflect.Bool && k <= reflect.Complex128 {
		return nil
	}
	for i := range v.Len() {
		if err := r.value(v.Index(i), hops+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) entries(v reflect.Value, hops int) error {
	for it := v.MapRange(); it.Next(); {
		elem := reflect.New(v.Type().Elem()).Elem()
		elem.Set(it.Value())
		if err := r.value(elem, hops+1); err != nil {
			return err
		}
		v.SetMapIndex(it.Key(), elem)
	}
	return nil
}

// dynamic resolves what an interface holds: what encoding/json put into an any,
// or something of the caller's that was there before.
func (r *resolver) dynamic(v reflect.Value, hops int) error {
	if v.IsNil() {
		return nil
	}
	if s, ok := v.Interface().(string); ok {
		n, ok := r.marked(s)
		if !ok {
			return nil
		}
		x, err := r.loose(n)
		if err == nil && v.CanSet() {
			v.Set(reflect.ValueOf(x))
		}
		return err
	}
	switch elem := v.Elem(); elem.Kind() {
	case reflect.Pointer:
		return r.value(elem, hops+1)
	case reflect.Map, reflect.Slice:
		// Only the types that encoding/json makes hold something new.
		switch v.Interface().(type) {
		case map[string]any, []any:
			return r.value(elem, hops+1)
		}
	}
	return nil
}

// loose returns what belongs in an any: the bytes of a placeholder, but the
// base64 form as the object it is.
func (r *resolver) loose(n int) (any, error) {
	o := r.places[n]
	if o.form == formPlaceholder {
		return r.tokens.data[n], nil
	}
	var x any
	err := json.Unmarshal(r.raw[o.start:o.end], &x)
	return x, err
}

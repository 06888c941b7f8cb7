package packet

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"reflect"
)

// Binary values take a detour through encoding/json: a copy of the value holds
// a token in the place of each, and in the text the base64 of the token is
// replaced by a placeholder. So all of encoding/json's rules hold without
// being written a second time.

const (
	tokenRandom = 15 // bytes, a multiple of three, so that base64 ends there
	tokenSize   = tokenRandom + 3
	// maxTokens is what the rest of a token can count.
	maxTokens = 1 << 24
)

// tokens hands out byte strings that nobody can foresee, each standing for data.
type tokens struct {
	random [tokenRandom]byte
	data   [][]byte
}

// issue returns a new token for data, false if there are too many.
func (t *tokens) issue(data []byte) ([]byte, bool) {
	n := len(t.data)
	if n == maxTokens {
		return nil, false
	}
	if n == 0 {
		_, _ = rand.Read(t.random[:]) // never fails
	}
	t.data = append(t.data, data)
	return append(append(make([]byte, 0, tokenSize), t.random[:]...), byte(n>>16), byte(n>>8), byte(n)), true
}

// lookup returns the number of a token, false if it is none.
func (t *tokens) lookup(token []byte) (int, bool) {
	if len(token) != tokenSize || len(t.data) == 0 || !bytes.Equal(token[:tokenRandom], t.random[:]) {
		return 0, false
	}
	n := int(token[tokenRandom])<<16 | int(token[tokenRandom+1])<<8 | int(token[tokenRandom+2])
	return n, n < len(t.data)
}

// placeTokens appends text with placeholders for the issued tokens in it.
func (m *marshaler) placeTokens(text []byte, issued *tokens) {
	var mark [1 + tokenRandom/3*4]byte
	mark[0] = '"'
	base64.StdEncoding.Encode(mark[1:], issued.random[:])
	const size = 1 + tokenSize/3*4 + 1
	for {
		i := bytes.Index(text, mark[:])
		if i < 0 || i+size > len(text) {
			m.raw = append(m.raw, text...)
			return
		}
		var token [tokenSize]byte
		// What does not decode to a token has no number and stays as it is.
		_, _ = base64.StdEncoding.Decode(token[:], text[i+1:i+size-1])
		n, ok := issued.lookup(token[:])
		if !ok {
			m.raw = append(m.raw, text[:i+1]...)
			text = text[i+1:]
			continue
		}
		m.raw = append(m.raw, text[:i]...)
		m.attach(issued.data[n])
		text = text[i+size:]
	}
}

// maxHops bounds the walks over values, where pointers and interfaces count as
// levels too; it is what ends a walk round a cycle.
const maxHops = 2 * MaxDepth

// rewriter makes copies of values in which tokens stand for binary values, and
// empty slices for nil ones.
type rewriter struct {
	tokens *tokens
	// sealed is above 0 inside of what cannot be replaced.
	sealed int
}

// value returns a rewritten copy of v, or the zero Value if v can stay as it
// is. The original is never changed.
func (w *rewriter) value(v reflect.Value, hops int) (reflect.Value, error) {
	if hops > maxHops {
		return reflect.Value{}, errNested
	}
	s := shapeOf(v.Type())
	// encoding/json calls the methods of the pointer where it can have one.
	if !s.rewritable || s.encodesItself || s.pointerEncodes && v.CanAddr() {
		return reflect.Value{}, nil
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return reflect.Value{}, nil
		}
		return w.value(v.Elem(), hops+1)
	case reflect.Pointer:
		return w.pointer(v, hops)
	case reflect.Slice:
		if s.binary {
			return w.binary(v)
		}
		if v.IsNil() {
			return reflect.MakeSlice(v.Type(), 0, 0), nil
		}
		return w.elements(v, hops)
	case reflect.Array:
		return w.elements(v, hops)
	case reflect.Map:
		return w.entries(v, hops)
	case reflect.Struct:
		return w.fields(v, s, hops)
	}
	return reflect.Value{}, nil
}

func (w *rewriter) binary(v reflect.Value) (reflect.Value, error) {
	if v.IsNil() {
		return reflect.Value{}, nil
	}
	if w.sealed > 0 {
		return reflect.Value{}, errSealed
	}
	token, ok := w.tokens.issue(v.Bytes())
	if !ok {
		return reflect.Value{}, errNested
	}
	out := reflect.New(v.Type()).Elem()
	out.SetBytes(token)
	return out, nil
}

func (w *rewriter) pointer(v reflect.Value, hops int) (reflect.Value, error) {
	if v.IsNil() {
		return reflect.Value{}, nil
	}
	elem, err := w.value(v.Elem(), hops+1)
	if err != nil || !elem.IsValid() {
		return reflect.Value{}, err
	}
	out := reflect.New(v.Type().Elem())
	out.Elem().Set(elem)
	return out.Convert(v.Type()), nil
}

func (w *rewriter) elements(v reflect.Value, hops int) (reflect.Value, error) {
	var out reflect.Value
	if !shapeOf(v.Type().Elem()).rewritable {
		return out, nil
	}
	for i := range v.Len() {
		elem, err := w.value(v.Index(i), hops+1)
		if err != nil {
			return out, err
		}
		if !elem.IsValid() {
			continue
		}
		if !out.IsValid() {
			out = reflect.New(v.Type()).Elem()
			if v.Kind() == reflect.Slice {
				out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			}
			reflect.Copy(out, v)
		}
		out.Index(i).Set(elem)
	}
	return out, nil
}

func (w *rewriter) entries(v reflect.Value, hops int) (reflect.Value, error) {
	var out reflect.Value
	if !shapeOf(v.Type().Elem()).rewritable {
		return out, nil
	}
	for it := v.MapRange(); it.Next(); {
		elem, err := w.value(it.Value(), hops+1)
		if err != nil {
			return out, err
		}
		if !elem.IsValid() {
			continue
		}
		if !out.IsValid() {
			out = reflect.MakeMapWithSize(v.Type(), v.Len())
			for all := v.MapRange(); all.Next(); {
				out.SetMapIndex(all.Key(), all.Value())
			}
		}
		out.SetMapIndex(it.Key(), elem)
	}
	return out, nil
}

func (w *rewriter) fields(v reflect.Value, s *shape, hops int) (reflect.Value, error) {
	var out reflect.Value
	for _, f := range s.fields {
		from := v.FieldByIndex(f.index)
		if f.stays(from) {
			continue
		}
		if f.sealed {
			w.sealed++
		}
		elem, err := w.value(from, hops+1)
		if f.sealed {
			w.sealed--
			elem = reflect.Value{}
		}
		if err != nil {
			return out, err
		}
		// What is sealed cannot be copied either; nil slices stay null there.
		if !elem.IsValid() || w.sealed > 0 {
			continue
		}
		if !out.IsValid() {
			out = copyStruct(v, s)
		}
		out.FieldByIndex(f.index).Set(elem)
	}
	return out, nil
}

// stays reports whether an option of the field's tag drops it, which another
// value could change.
func (f *field) stays(v reflect.Value) bool {
	if f.omitEmpty && v.Kind() == reflect.Slice && v.Len() == 0 {
		return true
	}
	if !f.omitZero {
		return false
	}
	if v.IsZero() {
		return true
	}
	if v.Kind() == reflect.Interface || f.sealed {
		return false
	}
	if z, ok := v.Interface().(zeroer); ok {
		return z.IsZero()
	}
	if reflect.PointerTo(v.Type()).Implements(zeroerType) {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		return p.Interface().(zeroer).IsZero()
	}
	return false
}

// copyStruct copies what encoding/json looks at. Other fields may be locks, or
// be guarded by one, and are not touched unless they matter.
func copyStruct(v reflect.Value, s *shape) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	if s.copyWhole {
		out.Set(v)
		return out
	}
	for _, f := range s.fields {
		out.FieldByIndex(f.index).Set(v.FieldByIndex(f.index))
	}
	return out
}

package packet

import (
	text "encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"time"
)

var (
	marshalerType       = reflect.TypeFor[json.Marshaler]()
	textMarshalerType   = reflect.TypeFor[text.TextMarshaler]()
	unmarshalerType     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[text.TextUnmarshaler]()
	rawMessageType      = reflect.TypeFor[json.RawMessage]()
	zeroerType          = reflect.TypeFor[zeroer]()
	timeType            = reflect.TypeFor[time.Time]()
)

// shape is what the walks over values need to know of a type. It is found out
// once for each type.
type shape struct {
	// encodesItself: the type has a method that encoding/json would call, so
	// what it holds is its own affair. pointerEncodes: its pointer has one.
	encodesItself, pointerEncodes bool
	// decodesItself is the same for decoding.
	decodesItself bool
	// binary: encoding/json writes the type as base64.
	binary bool
	// rewritable: a value may hold a slice, or something yet unknown.
	rewritable bool
	// runsOwnDecoder: decoding may call an UnmarshalJSON or UnmarshalText inside.
	runsOwnDecoder bool
	// fields of a struct that encoding/json looks at, and those behind it.
	fields []field
	// copyWhole: unexported fields matter in a copy of the struct.
	copyWhole bool
}

// field is one exported field of a struct, or of one embedded in it by value.
type field struct {
	index               []int
	omitEmpty, omitZero bool
	// sealed: an embedded pointer to an unexported struct, which can be read
	// but not set.
	sealed bool
}

// shapes grows with the number of types that a program passes in.
var shapes sync.Map // reflect.Type to *shape

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s, _ := shapes.LoadOrStore(t, newShape(t))
	return s.(*shape)
}

func newShape(t reflect.Type) *shape {
	s := &shape{
		encodesItself:  encodesItself(t),
		pointerEncodes: encodesItself(reflect.PointerTo(t)),
		decodesItself:  decodesItself(t),
		binary: t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 &&
			!encodesItself(reflect.PointerTo(t.Elem())),
	}
	s.rewritable = reaches(t, map[reflect.Type]bool{}, func(t reflect.Type) (hit, stop bool) {
		return t.Kind() == reflect.Slice || t.Kind() == reflect.Interface, encodesItself(t)
	})
	s.runsOwnDecoder = reaches(t, map[reflect.Type]bool{}, func(t reflect.Type) (hit, stop bool) {
		if t == rawMessageType || t == timeType {
			return false, true
		}
		return decodesItself(t), false
	})
	if t.Kind() == reflect.Struct {
		s.addFields(t, nil)
		s.copyWhole = s.copyWhole || reflect.PointerTo(t).Implements(zeroerType)
	}
	return s
}

func encodesItself(t reflect.Type) bool {
	return t.Implements(marshalerType) || t.Implements(textMarshalerType)
}

func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(unmarshalerType) || p.Implements(textUnmarshalerType)
}

// zeroer is what the option omitzero asks for.
type zeroer interface{ IsZero() bool }

func (s *shape) addFields(t reflect.Type, prefix []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		index := append(prefix[:len(prefix):len(prefix)], i)
		name, options, _ := strings.Cut(tag, ",")
		out := field{
			index:     index,
			omitEmpty: hasOption(options, "omitempty"),
			omitZero:  hasOption(options, "omitzero"),
		}
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct && (name == "" || !f.IsExported()):
			s.addFields(f.Type, index)
			continue
		case f.IsExported():
		case f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct:
			out.sealed, s.copyWhole = true, true
		default:
			continue
		}
		s.fields = append(s.fields, out)
	}
}

func hasOption(options, want string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == want {
			return true
		}
	}
	return false
}

// reaches reports whether a value of type t can contain one of a type that
// test calls a hit, without passing through one that it tells to stop at.
func reaches(t reflect.Type, seen map[reflect.Type]bool, test func(reflect.Type) (hit, stop bool)) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	hit, stop := test(t)
	if hit || stop {
		return hit && !stop
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return reaches(t.Elem(), seen, test)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if (f.IsExported() || f.Anonymous) && reaches(f.Type, seen, test) {
				return true
			}
		}
	}
	return false
}

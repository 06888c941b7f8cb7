package packet

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"reflect"
)

// Unmarshal decodes one raw argument, a JSON value, into the value that v
// points to. It is encoding/json's Unmarshal, with these rules for binary
// values, which are placeholders that name one of the attachments:
//
//   - A *[]byte (named types too), an *io.Reader and an *any take a binary
//     value directly; the reader is a *bytes.Reader.
//   - Inside structs, maps, slices and the like, []byte and any take one. A
//     json.RawMessage, there or at the top, keeps the text with its
//     placeholders. A type with an UnmarshalJSON or UnmarshalText of its own
//     gets what encoding/json takes for a []byte: a string of base64, with line
//     ends in it, which decoders of base64 skip.
//   - A []byte or an io.Reader also takes {"base64":true,"data":"..."}, the form
//     of binary values in dialects without any. For other targets that is an
//     ordinary object.
//   - At the top level a string goes into a []byte or an io.Reader as its UTF-8
//     text, and null as nil. Deeper inside, a string for a []byte is base64, as
//     encoding/json has it.
//   - A binary value for any other type is an error.
//
// Without attachments there are no placeholders, and objects that look like
// one are ordinary data. Binary values share memory with the attachments, and
// so with the packet: they must not be changed if the packet is sent on.
//
// raw and attachments are not changed, and raw is not kept. The error is a
// *[DecodeError]; what v points to may be half filled then. Goroutines may call
// Unmarshal concurrently with different targets.
func Unmarshal(raw []byte, attachments [][]byte, v any) error {
	return unmarshalArg(0, raw, attachments, v)
}

// UnmarshalArgs decodes the arguments of a packet, in the form of [Packet].Args,
// into targets as [Unmarshal] does, one each. Surplus arguments are dropped, a
// nil target skips one, and targets without an argument stay as they are. The
// error is a *[DecodeError].
func UnmarshalArgs(args []byte, attachments [][]byte, targets ...any) error {
	var few [8][]byte
	values, err := Split(args, few[:0])
	if err != nil {
		return &DecodeError{Err: err}
	}
	for i, raw := range values[:min(len(values), len(targets))] {
		if targets[i] == nil {
			continue
		}
		if err := unmarshalArg(i, raw, attachments, targets[i]); err != nil {
			return err
		}
	}
	return nil
}

func unmarshalArg(i int, raw []byte, attachments [][]byte, v any) error {
	err := unmarshal(raw, attachments, v)
	if err == nil {
		return nil
	}
	t := reflect.TypeOf(v)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return &DecodeError{Arg: i, Type: t, Err: err}
}

func unmarshal(raw []byte, attachments [][]byte, v any) error {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return errTarget
	}
	switch target := v.(type) {
	case *string:
		if s, ok := Unquote(raw); ok {
			*target = s
			return nil
		}
	case *io.Reader:
		data, err := topBinary(raw, attachments)
		if err != nil {
			return err
		}
		*target = nil
		if data != nil {
			*target = bytes.NewReader(data)
		}
		return nil
	}
	if s := shapeOf(p.Type().Elem()); s.binary && !s.decodesItself {
		data, err := topBinary(raw, attachments)
		if err != nil {
			return err
		}
		p.Elem().SetBytes(data)
		return nil
	}
	if p.Type().Elem() == rawMessageType {
		return json.Unmarshal(raw, v)
	}
	return decode(raw, attachments, p)
}

// topBinary returns the binary value that a whole argument is.
func topBinary(raw []byte, attachments [][]byte) ([]byte, error) {
	raw = bytes.Trim(raw, " \t\r\n")
	if string(raw) == "null" {
		return nil, nil
	}
	if s, ok := Unquote(raw); ok {
		return []byte(s), nil
	}
	found, err := findObjects(raw, true)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 || found[0].start != 0 || found[0].end != len(raw) {
		return nil, errNotBinary
	}
	if err := checkNumbers(found, len(attachments)); err != nil {
		return nil, err
	}
	return found[0].binary(attachments)
}

// binary returns the bytes that an object stands for.
func (o *object) binary(attachments [][]byte) ([]byte, error) {
	if o.form == formPlaceholder {
		data := attachments[o.num]
		// Appending to what a handler gets must not run into what follows.
		return data[:len(data):len(data)], nil
	}
	text, _ := Unquote(o.data)
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errBase64Text
	}
	return data, nil
}

// decode leaves raw to encoding/json, with something else in the place of
// binary values, and puts them in where that has arrived.
func decode(raw []byte, attachments [][]byte, p reflect.Value) error {
	placeholders := len(attachments) > 0 && maybePlaceholder(raw)
	texts := bytes.Contains(raw, []byte(`"base64"`))
	if !placeholders && !texts {
		return json.Unmarshal(raw, p.Interface())
	}
	found, err := findObjects(raw, true)
	if err != nil {
		return err
	}
	var first []object
	if placeholders {
		if err := checkNumbers(found, len(attachments)); err != nil {
			return err
		}
		first = withForm(found, formPlaceholder)
	}
	err = decodeObjects(raw, attachments, first, p)
	// An object {"base64":...} may be meant as it is. Only a target that cannot
	// take an object shows that it is not.
	if _, mismatch := errors.AsType[*json.UnmarshalTypeError](err); !mismatch {
		return err
	}
	if texts = len(withForm(found, formBase64)) > 0; !texts {
		return err
	}
	if !placeholders {
		found = withForm(found, formBase64)
	}
	if decodeObjects(raw, attachments, found, p) == nil {
		return nil
	}
	return err
}

// decodeObjects decodes with the given objects as binary values.
func decodeObjects(raw []byte, attachments [][]byte, found []object, p reflect.Value) error {
	if len(found) == 0 {
		return json.Unmarshal(raw, p.Interface())
	}
	r := resolver{raw: raw, inline: shapeOf(p.Type()).runsOwnDecoder}
	text, err := r.substitute(found, attachments)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, p.Interface()); err != nil {
		return err
	}
	return r.value(p.Elem(), 0)
}

func withForm(found []object, want form) []object {
	var kept []object
	for _, o := range found {
		if o.form == want {
			kept = append(kept, o)
		}
	}
	return kept
}

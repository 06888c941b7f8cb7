package packet

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	place0 = `{"_placeholder":true,"num":0}`
	place1 = `{"_placeholder":true,"num":1}`
	text0  = `{"base64":true,"data":"AQIDBA=="}`
)

func twoBlobs() [][]byte {
	return [][]byte{{1, 2, 3, 4}, {0xff, 0, 1}}
}

type upload struct {
	Name  string          `json:"name"`
	Data  []byte          `json:"data"`
	Named blob            `json:"named"`
	More  map[string]blob `json:"more"`
	Any   any             `json:"any"`
	Raw   json.RawMessage `json:"raw"`
	List  [][]byte        `json:"list"`
	Next  *upload         `json:"next"`
}

type wrapped struct {
	Data optional
	Any  any
	Raw  json.RawMessage
	Time time.Time
	Own  []byte
}

// keeper and textKeeper keep any string they are given.
type keeper struct{ Text string }

func (k *keeper) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &k.Text) }

type textKeeper struct{ Text string }

func (k *textKeeper) UnmarshalText(b []byte) error {
	k.Text = string(b)
	return nil
}

type plainBase64 struct {
	Base64 bool
	Data   string
}

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	b := twoBlobs()
	when := time.Date(2014, 5, 28, 1, 2, 3, 0, time.UTC)
	tests := []struct {
		name, raw string
		want      any // of the target's type
	}{
		{"string", `"é\n"`, "é\n"},
		{"string with space", ` "a" `, "a"},
		{"number", `7`, 7},
		{"number into any", `[7]`, []any{7.0}},
		{"null into a string", `null`, ""},

		{"bytes", place0, b[0]},
		{"bytes with space", " { \"num\": 1, \"_placeholder\" : true } ", b[1]},
		{"named bytes", place1, blob(b[1])},
		{"bytes from null", `null`, []byte(nil)},
		{"bytes from text", `"AQ=="`, []byte("AQ==")},
		{"bytes from the text form", text0, b[0]},
		{"named bytes from the text form", ` ` + text0 + ` `, blob(b[0])},

		{"placeholders deep in any", `{"a":[` + place1 + `,1],"b":` + place0 + `}`, map[string]any{"a": []any{b[1], 1.0}, "b": b[0]}},
		{"text form into any", `{"a":` + text0 + `,"b":` + place0 + `}`, map[string]any{"a": map[string]any{"base64": true, "data": "AQIDBA=="}, "b": b[0]}},
		{
			"struct",
			`{"name":"f","data":` + place0 + `,"more":{"x":` + place1 + `}}`,
			upload{Name: "f", Data: b[0], More: map[string]blob{"x": b[1]}},
		},
		{
			"every place of a struct",
			`{"named":` + place0 + `,"any":{"k":` + place1 + `},"next":{"list":["AQ==",null]}}`,
			upload{Named: b[0], Any: map[string]any{"k": b[1]}, Next: &upload{List: [][]byte{{1}, nil}}},
		},
		{"raw keeps its text", `{"raw":[1, ` + place0 + `],"list":[` + place1 + `]}`, upload{Raw: json.RawMessage(`[1, ` + place0 + `]`), List: [][]byte{b[1]}}},
		{"raw at the top", `[` + place0 + `]`, json.RawMessage(`[` + place0 + `]`)},
		{"raws in a list", `[` + place0 + `,1,{"num":1,"_placeholder":true}]`, []json.RawMessage{json.RawMessage(place0), json.RawMessage(`1`), json.RawMessage(`{"num":1,"_placeholder":true}`)}},
		{"text form in a struct", `{"data":` + text0 + `,"any":` + text0 + `,"raw":` + text0 + `,"next":{"data":` + place1 + `}}`, upload{
			Data: b[0], Any: map[string]any{"base64": true, "data": "AQIDBA=="}, Raw: json.RawMessage(text0), Next: &upload{Data: b[1]},
		}},
		{"text form meant as it is", text0, plainBase64{true, "AQIDBA=="}},
		{"text form beside a placeholder, meant as it is", `[` + place0 + `,` + text0 + `]`, []any{b[0], map[string]any{"base64": true, "data": "AQIDBA=="}}},
		{"embedded", `{"Data":` + place0 + `}`, struct{ inner }{inner{b[0]}}},
		{"arrays", `[` + place0 + `,` + place1 + `]`, [2][]byte{b[0], b[1]}},
		{
			"types that decode themselves",
			`{"Data":` + place0 + `,"Any":` + place1 + `,"Time":"2014-05-28T01:02:03Z","Raw":[1]}`,
			wrapped{Data: optional{b[0]}, Any: b[1], Time: when, Raw: json.RawMessage(`[1]`)},
		},
		{"beside types that decode themselves", `{"Raw":[` + place1 + `],"Own":` + place0 + `}`, wrapped{Raw: json.RawMessage(`[` + place1 + `]`), Own: b[0]}},
		{"a text decoder", `["1.2.3.4"]`, []net.IP{net.IPv4(1, 2, 3, 4)}},
		{"dropped fields", `{"unknown":` + place0 + `,"name":"f"}`, upload{Name: "f"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			raw, attachments := []byte(tt.raw), twoBlobs()
			target := reflect.New(reflect.TypeOf(tt.want))
			if err := Unmarshal(raw, attachments, target.Interface()); err != nil {
				t.Fatal(err, errors.Unwrap(err))
			}
			opts := cmp.AllowUnexported(struct{ inner }{}, optional{}, inner{})
			if diff := cmp.Diff(tt.want, target.Elem().Interface(), opts); diff != "" {
				t.Error(diff)
			}
			if string(raw) != tt.raw || !cmp.Equal(attachments, twoBlobs()) {
				t.Error("the input was changed")
			}
		})
	}
}

func TestUnmarshalIntoInterfaces(t *testing.T) {
	t.Parallel()
	b := twoBlobs()
	var x any
	if err := Unmarshal([]byte(place0), b, &x); err != nil || !cmp.Equal(x, any(b[0])) {
		t.Errorf("any: %v, %v", x, err)
	}
	for raw, want := range map[string]string{place1: "\xff\x00\x01", text0: "\x01\x02\x03\x04", `"text"`: "text"} {
		var r io.Reader
		if err := Unmarshal([]byte(raw), b, &r); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != want {
			t.Errorf("reader of %s: %q, %v", raw, got, err)
		}
	}
	r := io.Reader(strings.NewReader(""))
	if err := Unmarshal([]byte(`null`), b, &r); err != nil || r != nil {
		t.Errorf("reader of null: %v, %v", r, err)
	}
	// encoding/json decodes into a pointer that an interface holds already.
	held := &upload{}
	x = held
	if err := Unmarshal([]byte(`{"data":`+place0+`}`), b, &x); err != nil || !cmp.Equal(held.Data, b[0]) {
		t.Errorf("held pointer: %v, %v", held.Data, err)
	}
}

func TestUnmarshalSharesAttachments(t *testing.T) {
	t.Parallel()
	whole := []byte{1, 2, 3, 4, 5}
	attachments := [][]byte{whole[:4]}
	var top []byte
	var deep upload
	if Unmarshal([]byte(place0), attachments, &top) != nil || Unmarshal([]byte(`{"data":`+place0+`}`), attachments, &deep) != nil {
		t.Fatal("does not decode")
	}
	for _, got := range [][]byte{top, deep.Data} {
		if &got[0] != &whole[0] || cap(got) != 4 {
			t.Errorf("copied, or with room to write over what follows: cap %d", cap(got))
		}
	}
}

func TestUnmarshalWithoutAttachments(t *testing.T) {
	t.Parallel()
	var x any
	if err := Unmarshal([]byte(`[`+place0+`]`), nil, &x); err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{"_placeholder": true, "num": 0.0}}
	if diff := cmp.Diff(any(want), x); diff != "" {
		t.Error(diff)
	}
	var u upload
	if err := Unmarshal([]byte(`{"data":`+text0+`,"any":`+place0+`}`), nil, &u); err != nil || string(u.Data) != "\x01\x02\x03\x04" {
		t.Errorf("%v, %v", u, err)
	}
}

func TestUnmarshalErrors(t *testing.T) {
	t.Parallel()
	var nilPointer *int
	tests := []struct {
		name, raw string
		target    any
		text      string
	}{
		{"no pointer", `1`, 1, "packet: cannot decode argument 0 into int: target is not a pointer, or nil"},
		{"nothing", `1`, nil, "packet: cannot decode argument 0: target is not a pointer, or nil"},
		{"nil pointer", `1`, nilPointer, "packet: cannot decode argument 0 into int: target is not a pointer, or nil"},
		{"other type", `"secret"`, new(int), "packet: cannot decode argument 0 into int: string for type int"},
		{"number too big", `123456`, new(int8), "packet: cannot decode argument 0 into int8: number for type int8"},
		{"field", `{"name":1}`, new(upload), "packet: cannot decode argument 0 into packet.upload: number for type string of field name"},
		{"binary for a string", place0, new(string), "packet: cannot decode argument 0 into string: binary value for a string"},
		{"binary for a string inside", `{"name":` + place0 + `}`, new(upload), "packet: cannot decode argument 0 into packet.upload: binary value for a string"},
		{"binary for a number", `[` + place0 + `]`, new([]int), "packet: cannot decode argument 0 into []int: string for type int"},
		{"number for bytes", `1`, new([]byte), "packet: cannot decode argument 0 into []uint8: value is not binary"},
		{"object for bytes", `{"a":` + place0 + `}`, new([]byte), "packet: cannot decode argument 0 into []uint8: value is not binary"},
		{"array for a reader", `[` + place0 + `]`, new(io.Reader), "packet: cannot decode argument 0 into io.Reader: value is not binary"},
		{"bad base64", `{"base64":true,"data":"secret!"}`, new([]byte), "packet: cannot decode argument 0 into []uint8: invalid base64"},
		{"bad base64 inside", `{"data":{"base64":true,"data":"secret!"}}`, new(upload), "packet: cannot decode argument 0 into packet.upload: object for type []uint8 of field data"},
		{"index", `{"_placeholder":true,"num":2}`, new([]byte), "packet: cannot decode argument 0 into []uint8: binary placeholder 2 does not fit 2 attachments"},
		{"index inside", `[{"_placeholder":true,"num":-7}]`, new(any), "packet: cannot decode argument 0 into interface {}: binary placeholder -1 does not fit 2 attachments"},
		{"syntax", `{"secret`, new(any), "packet: cannot decode argument 0 into interface {}: invalid JSON"},
		{"syntax beside binary", place0 + `,`, new(upload), "packet: cannot decode argument 0 into packet.upload: invalid JSON"},
		{"time", `"secret"`, new(time.Time), "packet: cannot decode argument 0 into time.Time: refused by its type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := Unmarshal([]byte(tt.raw), twoBlobs(), tt.target)
			e, ok := errors.AsType[*DecodeError](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			if e.Error() != tt.text || e.Unwrap() == nil {
				t.Errorf("got  %s\nwant %s", e.Error(), tt.text)
			}
		})
	}
	var p *PlaceholderError
	if err := Unmarshal([]byte(place0), nil, new([]byte)); !errors.As(err, &p) || p.Attachments != 0 {
		t.Errorf("without attachments: %v", err)
	}
}

func TestUnmarshalArgs(t *testing.T) {
	t.Parallel()
	var (
		name string
		data []byte
		rest = 5
	)
	args := []byte(`"f" , ` + place1 + `,[1]`)
	if err := UnmarshalArgs(args, twoBlobs(), &name, &data); err != nil || name != "f" || string(data) != "\xff\x00\x01" {
		t.Errorf("%q, %q, %v", name, data, err)
	}
	if err := UnmarshalArgs([]byte(`"g"`), nil, &name, &data, &rest); err != nil || name != "g" || rest != 5 || len(data) != 3 {
		t.Errorf("missing arguments: %q, %d, %v", name, rest, err)
	}
	if err := UnmarshalArgs(nil, nil, &rest); err != nil || rest != 5 {
		t.Errorf("no arguments: %d, %v", rest, err)
	}
	if err := UnmarshalArgs(args, twoBlobs(), nil, nil); err != nil {
		t.Errorf("skipped: %v", err)
	}
	e, ok := errors.AsType[*DecodeError](UnmarshalArgs(args, twoBlobs(), nil, nil, &rest))
	if !ok || e.Arg != 2 || e.Type != reflect.TypeFor[int]() {
		t.Errorf("error %v", e)
	}
	if _, ok := errors.AsType[*DecodeError](UnmarshalArgs([]byte(`1,`), nil, &rest)); !ok {
		t.Error("no error for half a list")
	}
}

// A target that leads back to itself ends the walk with an error.
func TestUnmarshalIntoCycle(t *testing.T) {
	t.Parallel()
	type ring struct {
		Data []byte
		Next *ring
	}
	r := &ring{}
	r.Next = r
	err := Unmarshal([]byte(`{"Data":`+place0+`}`), twoBlobs(), r)
	if !errors.Is(err, errNested) {
		t.Errorf("error %v", err)
	}
}

// Types that take strings on their own get the base64 of the binary value.
func TestUnmarshalIntoOwnDecoders(t *testing.T) {
	t.Parallel()
	var got struct {
		A keeper
		B textKeeper
		C keeper
	}
	raw := `{"A":` + place0 + `,"B":` + place1 + `,"C":"plain"}`
	if err := Unmarshal([]byte(raw), twoBlobs(), &got); err != nil {
		t.Fatal(err)
	}
	noLineEnds := strings.NewReplacer("\n", "", "\r", "").Replace
	if a, b := noLineEnds(got.A.Text), noLineEnds(got.B.Text); a != "AQIDBA==" || b != "/wAB" || got.C.Text != "plain" {
		t.Errorf("got %q, %q, %q", a, b, got.C.Text)
	}
}

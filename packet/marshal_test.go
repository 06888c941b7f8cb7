package packet

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type (
	blob    []byte
	octet   uint8
	octets  []octet
	wordy   []byte // has a MarshalText
	ptrOwn  struct{ Data []byte }
	valOwn  struct{ Data []byte }
	inner   struct{ Data []byte }
	Outer   struct{ Data []byte }
	tree    struct{ Kids []*tree }
	node    struct{ Next *node }
	guarded struct {
		mu   sync.Mutex
		uses int
		Data []byte
	}
	optional struct{ data []byte }
)

func (w wordy) MarshalText() ([]byte, error)    { return []byte("word"), nil }
func (*ptrOwn) MarshalJSON() ([]byte, error)    { return []byte(`"pointer"`), nil }
func (valOwn) MarshalJSON() ([]byte, error)     { return []byte(`"value"`), nil }
func (o optional) MarshalJSON() ([]byte, error) { return json.Marshal(o.data) }
func (o *optional) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &o.data)
}

type failing struct{}

func (failing) MarshalJSON() ([]byte, error) { return nil, errors.New("secret") }

// lengthZero is zero when its unexported part is.
type lengthZero struct {
	n    int
	Data []byte
}

func (l lengthZero) IsZero() bool { return l.n == 0 }

// pairZero asks its pointer.
type pairZero struct{ Data []byte }

func (p *pairZero) IsZero() bool { return len(p.Data) == 0 }

func TestMarshal(t *testing.T) {
	t.Parallel()
	when := time.Date(2014, 5, 28, 1, 2, 3, 0, time.UTC)
	one, two := []byte{1}, []byte{2, 2}
	const p0, p1, p2 = `{"_placeholder":true,"num":0}`, `{"_placeholder":true,"num":1}`, `{"_placeholder":true,"num":2}`
	tests := []struct {
		name string
		args []any
		want string
		data [][]byte
	}{
		{"nothing", nil, ``, nil},
		{"nil", []any{nil}, `null`, nil},
		{"scalars", []any{true, false, -1, int8(-2), int16(3), int32(4), int64(math.MinInt64)}, `true,false,-1,-2,3,4,-9223372036854775808`, nil},
		{"unsigned", []any{uint(1), uint8(2), uint16(3), uint32(4), uint64(math.MaxUint64)}, `1,2,3,4,18446744073709551615`, nil},
		{"strings", []any{"a", "é\"<&>\u2028"}, `"a","é\"<&>\u2028"`, nil},
		{"html in values", []any{map[string]string{"<": "&"}}, `{"<":"&"}`, nil},
		{"time and number", []any{when, json.Number("1.50")}, `"2014-05-28T01:02:03Z",1.50`, nil},
		{"raw", []any{json.RawMessage(" {\"a\": 1}\n"), json.RawMessage(nil)}, `{"a": 1},null`, nil},
		{"text marshalers", []any{net.IPv4(1, 2, 3, 4), big.NewInt(7)}, `"1.2.3.4",7`, nil},

		{"nil slices", []any{[]string(nil), []any(nil), [][]int{nil}}, `[],[],[[]]`, nil},
		{"nil slices deep", []any{map[string]any{"a": []int(nil), "b": &tree{}}}, `{"a":[],"b":{"Kids":[]}}`, nil},
		{"nil others", []any{map[string]int(nil), (*inner)(nil)}, `null,null`, nil},
		{"nil raw inside", []any{[]json.RawMessage{nil}}, `[null]`, nil},

		{"binary", []any{"f", one, two}, `"f",` + p0 + `,` + p1, [][]byte{one, two}},
		{"nil and empty binary", []any{[]byte(nil), []byte{}}, `null,` + p0, [][]byte{{}}},
		{"named", []any{blob(one), octets{2, 2}, json.RawMessage(`1`)}, p0 + `,` + p1 + `,1`, [][]byte{one, two}},
		{"in a map, by sorted key", []any{map[string]any{"b": two, "a": one, "c": 1}}, `{"a":` + p0 + `,"b":` + p1 + `,"c":1}`, [][]byte{one, two}},
		{"in typed maps", []any{map[int][]byte{2: two, 1: one}}, `{"1":` + p0 + `,"2":` + p1 + `}`, [][]byte{one, two}},
		{"in slices and arrays", []any{[][]byte{one, nil, two}, [1]any{one}}, `[` + p0 + `,null,` + p1 + `],[` + p2 + `]`, [][]byte{one, two, one}},
		{"byte arrays are numbers", []any{[2]byte{1, 2}}, `[1,2]`, nil},
		{"behind pointers", []any{&inner{one}, new(any(two))}, `{"Data":` + p0 + `},` + p1, [][]byte{one, two}},
		{"twice the same", []any{[]*inner{{one}, {one}}}, `[{"Data":` + p0 + `},{"Data":` + p1 + `}]`, [][]byte{one, one}},

		{"tags", []any{struct {
			Z []byte `json:"z"`
			A []byte `json:"a,omitempty"`
			B []byte `json:"b,omitempty"`
			C []byte `json:"c,omitzero"`
			D []byte `json:"d,omitzero"`
			E []byte `json:"-"`
			//lint:ignore SA5008 a field named "-" is what is tested
			F []byte `json:"-,"`
			g []byte
		}{Z: one, A: []byte{}, B: two, C: []byte{}, E: one, F: one, g: one}}, `{"z":` + p0 + `,"b":` + p1 + `,"c":` + p2 + `,"-":{"_placeholder":true,"num":3}}`, [][]byte{one, two, {}, one}},
		{"omitted slices stay omitted", []any{struct {
			A []int     `json:"a,omitempty"`
			B []int     `json:"b,omitzero"`
			C inner2    `json:"c,omitzero"`
			D []int     `json:"d"`
			E *[]string `json:"e,omitempty"`
		}{}}, `{"d":[]}`, nil},
		{"asks for zero", []any{struct {
			A lengthZero `json:"a,omitzero"`
			B lengthZero `json:"b,omitzero"`
			C pairZero   `json:"c,omitzero"`
		}{A: lengthZero{1, one}, B: lengthZero{0, two}, C: pairZero{[]byte{}}}}, `{"a":{"Data":` + p0 + `}}`, [][]byte{one}},
		{"embedded", []any{struct {
			inner
			More []byte
		}{inner{one}, two}}, `{"Data":` + p0 + `,"More":` + p1 + `}`, [][]byte{one, two}},
		{"embedded exported", []any{struct{ Outer }{Outer{one}}, struct{ *Outer }{&Outer{two}}}, `{"Data":` + p0 + `},{"Data":` + p1 + `}`, [][]byte{one, two}},
		{"embedded with a name", []any{struct {
			Outer `json:"o"`
		}{Outer{one}}}, `{"o":{"Data":` + p0 + `}}`, [][]byte{one}},
		{"embedded pointer without binary", []any{struct {
			*inner
			More []byte
		}{&inner{}, one}}, `{"Data":null,"More":` + p0 + `}`, [][]byte{one}},

		{"own marshaler", []any{valOwn{one}, []any{valOwn{one}, two}}, `"value",["value",` + p0 + `]`, [][]byte{two}},
		{"own text", []any{[]any{wordy{1}, one}}, `["word",` + p0 + `]`, [][]byte{one}},
		{"marshaler of the pointer, addressable", []any{&ptrOwn{one}, []ptrOwn{{one}}, &struct{ P ptrOwn }{ptrOwn{one}}}, `"pointer",["pointer"],{"P":"pointer"}`, nil},
		{"marshaler of the pointer, not addressable", []any{ptrOwn{one}, map[string]ptrOwn{"a": {two}}}, `{"Data":` + p0 + `},{"a":{"Data":` + p1 + `}}`, [][]byte{one, two}},
		{"marshaler with base64 of its own", []any{optional{one}}, `"AQ=="`, nil},
		{"posing without binary", []any{map[string]any{"_placeholder": true, "num": 9}}, `{"_placeholder":true,"num":9}`, nil},
		{"the word alone", []any{"_placeholder", map[string]any{"a": "_placeholder", "_placeholder": false}, one}, `"_placeholder",{"_placeholder":false,"a":"_placeholder"},` + p0, [][]byte{one}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			raw, attachments, err := Marshal(tt.args)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(raw)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.data, attachments); diff != "" {
				t.Error(diff)
			}
			if err := CheckPlaceholders(raw, len(attachments)); err != nil && !strings.HasPrefix(tt.name, "posing") {
				t.Error(err)
			}
		})
	}
}

type inner2 struct {
	Data []byte
	List []int
}

func TestMarshalFloats(t *testing.T) {
	t.Parallel()
	for _, f := range []float64{
		0, math.Copysign(0, -1), 1, -1.5, 1e-6, 9.99e-7, 1e-7, 1.5e-10, 1e20, 1e21, 1.7976931348623157e308, 5e-324, 0.1, 123456789.125, 1e100, 2e-300,
	} {
		for _, v := range []any{f, float32(f)} {
			want, err := json.Marshal(v)
			got, _, gotErr := Marshal([]any{v})
			if string(got) != string(want) || (err != nil) != (gotErr != nil) {
				t.Errorf("%T %v: %s, %v; want %s", v, v, got, gotErr, want)
			}
		}
	}
}

func TestMarshalErrors(t *testing.T) {
	t.Parallel()
	loop := &node{}
	loop.Next = loop
	around := map[string]any{}
	around["a"], around["b"] = around, around
	one := []byte{1}
	tests := []struct {
		name string
		args []any
		arg  int
		text string
	}{
		{"function", []any{1, func() {}}, 1, "packet: cannot encode argument 1 of type func(): unsupported type func()"},
		{"channel inside", []any{[]any{make(chan int)}}, 0, "packet: cannot encode argument 0 of type []interface {}: unsupported type chan int"},
		{"nan", []any{math.NaN()}, 0, "packet: cannot encode argument 0 of type float64: number is not finite"},
		{"infinity inside", []any{[]float64{math.Inf(1)}}, 0, "packet: cannot encode argument 0 of type []float64: unsupported value"},
		{"marshaler", []any{failing{}}, 0, "packet: cannot encode argument 0 of type packet.failing: marshaler of type packet.failing failed"},
		{"raw", []any{json.RawMessage(`{"secret"`)}, 0, "packet: cannot encode argument 0 of type json.RawMessage: invalid raw JSON"},
		{"empty raw", []any{json.RawMessage{}}, 0, "packet: cannot encode argument 0 of type json.RawMessage: invalid raw JSON"},
		{"pointer cycle", []any{loop}, 0, "packet: cannot encode argument 0 of type *packet.node: unsupported value"},
		{"map cycle", []any{around}, 0, "packet: cannot encode argument 0 of type map[string]interface {}: value is cyclic or nested too deeply"},
		{"sealed", []any{struct{ *inner }{&inner{one}}}, 0, "packet: cannot encode argument 0 of type struct { *packet.inner }: binary value behind an embedded pointer to an unexported struct"},
		{"posing in a value", []any{one, map[string]any{"_placeholder": true, "num": 0}}, 1, "packet: cannot encode argument 1 of type map[string]interface {}: object poses as a binary placeholder beside binary values"},
		{"posing in raw, escaped, before", []any{json.RawMessage(`{"\u005fplaceholder":true,"num":0}`), one}, 0, "packet: cannot encode argument 0 of type json.RawMessage: object poses as a binary placeholder beside binary values"},
		{"posing round a true one", []any{map[string]any{"_placeholder": true, "num": 0, "x": one}}, 0, "packet: cannot encode argument 0 of type map[string]interface {}: object poses as a binary placeholder beside binary values"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			raw, attachments, err := Marshal(tt.args)
			e, ok := errors.AsType[*EncodeError](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			if raw != nil || attachments != nil || e.Arg != tt.arg || e.Error() != tt.text || e.Unwrap() == nil {
				t.Errorf("got %q, %v, %d, %q", raw, attachments, e.Arg, e.Error())
			}
		})
	}
}

// Marshal leaves the values alone, retains attachments as they are, and does
// not touch what is none of its business, such as a lock that is in use.
func TestMarshalLeavesValuesAlone(t *testing.T) {
	t.Parallel()
	data := []byte{1, 2, 3}
	arg := map[string]any{"list": []int(nil), "data": data, "deep": []any{map[string]any{"x": data}}}
	before := map[string]any{"list": []int(nil), "data": []byte{1, 2, 3}, "deep": []any{map[string]any{"x": []byte{1, 2, 3}}}}
	_, attachments, err := Marshal([]any{arg})
	if err != nil || len(attachments) != 2 {
		t.Fatal(err, attachments)
	}
	if !reflect.DeepEqual(arg, before) {
		t.Errorf("changed to %v", arg)
	}
	if &attachments[0][0] != &data[0] {
		t.Error("the attachment was copied")
	}

	g := &guarded{Data: data}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 1000 {
			g.mu.Lock()
			g.uses++
			g.mu.Unlock()
		}
	})
	for range 100 {
		if _, _, err := Marshal([]any{g}); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}

func TestMarshalStringAllocatesOnce(t *testing.T) {
	args := []any{"hello"}
	if n := testing.AllocsPerRun(100, func() { _, _, _ = Marshal(args) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

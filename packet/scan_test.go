package packet

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// jsonSamples are texts for every rule of the grammar, valid and not.
var jsonSamples = []string{
	``, ` `, `null`, `true`, `false`, `nul`, `nulll`, `truE`, `t`, `0`, `-0`, `-`, `00`, `01`, `1.`, `.5`, `1.5`,
	`1e5`, `1E+5`, `1e-05`, `1e`, `1e+`, `1.e3`, `+1`, `0x1`, `12 `, ` 12`, `1 2`, `Infinity`, `NaN`,
	`""`, `"`, `"a`, `"a"b`, `"\n"`, "\"\n\"", "\"\x1f\"", "\"\x7f\"", `"\u00e9"`, `"\u00G0"`, `"\u00e`, `"\x"`, `"\`,
	`"\ud800"`, `"é€😀"`, "\"\xff\xfe\"", `"12345678"`, `"1234567\"8"`, "\"1234567\x008\"", `"aaaaaaaaaaaaaaaaaaaaa\\"`,
	"\"\u2028\"", "\"\x80\x80\x80\x80\x80\x80\x80\x80\x22", `'a'`,
	`[]`, `[ ]`, `[`, `]`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `[1,2]`, " [ 1 ,\t2\r\n] ", `[[]]`, `[[],[[]]]`, `[}`, `[1}`,
	`{}`, `{ }`, `{`, `}`, `{]`, `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1,}`, `{"a":1,"a":2}`, `{a:1}`, `{1:2}`, `{"a" : [ {} ] , "b" : null}`,
	`{"a":1]`, `{"a",1}`, `{,}`, `{"a":1 "b":2}`, `[{"a":[{"b":[]}]},{}]`, `[1]]`, `[1]x`, `{}{}`, "[1]\x00", "\ufeff[]",
	`["ev","h",1,{"a":"é€😀"}]`, `["bin",{"_placeholder":true,"num":0}]`, `["hello","\u00e9\n\\n\"\u20ac\u2028"]`,
	`["x",]`, `["a","b"]x`, `["a"`, `[null]`, `[1.5e300,-1e-7]`,
}

func TestValidAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, text := range jsonSamples {
		if got, want := Valid([]byte(text)) == nil, json.Valid([]byte(text)); got != want {
			t.Errorf("Valid(%q) accepts: %t, want %t", text, got, want)
		}
	}
}

// A byte that must be noticed is noticed at every position within and beyond
// the eight bytes looked at together.
func TestStringScanAtEveryOffset(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		for at := range n {
			for _, c := range []byte{'"', '\\', 0x00, 0x1f, ' ', 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff} {
				text := []byte(`"` + strings.Repeat("\xa2", n) + `"`)
				text[1+at] = c
				if got, want := Valid(text) == nil, json.Valid(text); got != want {
					t.Fatalf("Valid(%q) accepts: %t, want %t", text, got, want)
				}
			}
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       SyntaxError
	}{
		{"nothing", "", SyntaxError{0, msgEnd}},
		{"cut off", `["a"`, SyntaxError{4, msgEnd}},
		{"trailing text", `[1]x`, SyntaxError{3, msgTrailing}},
		{"no value", `[1,]`, SyntaxError{3, msgValue}},
		{"no comma", `[1 2]`, SyntaxError{3, msgNext}},
		{"no key", `{1:2}`, SyntaxError{1, msgKey}},
		{"no colon", `{"a" 1}`, SyntaxError{5, msgColon}},
		{"literal", `tru_`, SyntaxError{3, msgLiteral}},
		{"number", `1.x`, SyntaxError{2, msgNumber}},
		{"escape", `"\x"`, SyntaxError{2, msgEscape}},
		{"control character", "\"a\n\"", SyntaxError{2, msgControl}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := errors.AsType[*SyntaxError](Valid([]byte(tt.text)))
			if !ok {
				t.Fatal("no *SyntaxError")
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Error(diff)
			}
			if !strings.HasPrefix(got.Error(), "packet: ") {
				t.Errorf("Error() = %q", got.Error())
			}
		})
	}
}

func TestDepthLimit(t *testing.T) {
	t.Parallel()
	nest := func(open, end string, n int) []byte {
		return []byte(strings.Repeat(open, n) + "1" + strings.Repeat(end, n))
	}
	for _, brackets := range [][2]string{{"[", "]"}, {`{"a":`, "}"}, {`[{"a":`, "}]"}} {
		per := strings.Count(brackets[0], "[") + strings.Count(brackets[0], "{")
		if err := Valid(nest(brackets[0], brackets[1], MaxDepth/per)); err != nil {
			t.Errorf("%s at the limit: %v", brackets[0], err)
		}
		over := nest(brackets[0], brackets[1], MaxDepth/per+1)
		if err := Valid(over); !errors.Is(err, ErrTooDeep) {
			t.Errorf("%s over the limit: %v", brackets[0], err)
		}
	}
	array := nest("[", "]", MaxDepth)
	args, _, err := ScanArray(array)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Split(args, nil); err != nil {
		t.Errorf("content of an array at the limit: %v", err)
	}
	if _, _, err := ScanArray(nest("[", "]", MaxDepth+1)); !errors.Is(err, ErrTooDeep) {
		t.Errorf("ScanArray: %v", err)
	}
	if err := Valid([]byte(strings.Repeat("[", 1<<20))); !errors.Is(err, ErrTooDeep) {
		t.Errorf("a megabyte of brackets: %v", err)
	}
}

func TestScanAndCutArray(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text        string
		args, first, rest string
		n                 int
	}{
		{name: "empty", text: `[]`},
		{name: "empty with space", text: " [ \n] "},
		{name: "one", text: `["a"]`, args: `"a"`, first: `"a"`, n: 1},
		{name: "one with space", text: ` [ "a" ] `, args: `"a"`, first: `"a"`, n: 1},
		{name: "three", text: `["ev",1,{"a":[2]}]`, args: `"ev",1,{"a":[2]}`, first: `"ev"`, rest: `1,{"a":[2]}`, n: 3},
		{name: "space", text: "[ \"e,v\" ,\t1 , 2 ]\n", args: "\"e,v\" ,\t1 , 2", first: `"e,v"`, rest: "1 , 2", n: 3},
		{name: "number first", text: `[1,"a"]`, args: `1,"a"`, first: `1`, rest: `"a"`, n: 2},
		{name: "nested first", text: `[[1,2],3]`, args: `[1,2],3`, first: `[1,2]`, rest: `3`, n: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args, n, err := ScanArray([]byte(tt.text))
			if err != nil || string(args) != tt.args || n != tt.n {
				t.Errorf("ScanArray = %q, %d, %v", args, n, err)
			}
			first, rest, err := CutArray([]byte(tt.text))
			if err != nil || string(first) != tt.first || string(rest) != tt.rest {
				t.Errorf("CutArray = %q, %q, %v", first, rest, err)
			}
			if (first == nil) != (tt.n == 0) {
				t.Errorf("first is nil: %t, for %d elements", first == nil, tt.n)
			}
		})
	}
	for _, text := range []string{``, `{}`, `"a"`, `1`, `["a"`, `["x",]`, `["a","b"]x`, `a`, `[1}`} {
		if _, _, err := ScanArray([]byte(text)); err == nil {
			t.Errorf("ScanArray(%q) has no error", text)
		}
		if _, _, err := CutArray([]byte(text)); err == nil {
			t.Errorf("CutArray(%q) has no error", text)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, args string
		want       []string
		fails      bool
	}{
		{name: "none", args: ""},
		{name: "space", args: " \n"},
		{name: "one", args: `{"a":[1,2]}`, want: []string{`{"a":[1,2]}`}},
		{name: "several", args: "1 , \"a,b\",[ 2 ]\t", want: []string{`1`, `"a,b"`, `[ 2 ]`}},
		{name: "open end", args: `1,`, fails: true},
		{name: "no comma", args: `1 2`, fails: true},
		{name: "bracket", args: `1]`, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			kept := []byte("kept")
			values, err := Split([]byte(tt.args), [][]byte{kept})
			if (err != nil) != tt.fails {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, v := range values[1:] {
				got = append(got, string(v))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	text := []byte(`["ev",{"a":[1,2.5,{"b":"é\n"}],"c":null},[[[]]]]`)
	dst := make([][]byte, 0, 8)
	allocs := testing.AllocsPerRun(100, func() {
		first, rest, err := CutArray(text)
		if err != nil || first == nil {
			t.Fatal(err)
		}
		if dst, err = Split(rest, dst[:0]); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

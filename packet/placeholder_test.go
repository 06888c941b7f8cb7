package packet

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReplacePlaceholders(t *testing.T) {
	t.Parallel()
	data := [][]byte{{1, 2, 3, 4}, {0xff, 0, 1}}
	degrade := func(dst []byte, num int) []byte { return AppendBase64(dst, data[num]) }
	const d0, d1 = `{"base64":true,"data":"AQIDBA=="}`, `{"base64":true,"data":"/wAB"}`
	tests := []struct{ name, args, want string }{
		{"nothing", ``, ``},
		{"none", `1,"a"`, `1,"a"`},
		{"whole argument", `{"_placeholder":true,"num":0}`, d0},
		{"deep, both", `"x",{"f":{"_placeholder":true,"num":1}},[{"_placeholder":true,"num":0}]`, `"x",{"f":` + d1 + `},[` + d0 + `]`},
		{"other order and space", ` { "num" : 1 , "_placeholder" : true } `, ` ` + d1 + ` `},
		{"more members", `{"_placeholder":true,"num":0,"x":[{}]}`, d0},
		{"inside another", `{"_placeholder":true,"num":0,"x":{"_placeholder":true,"num":1}}`, d0},
		{"escaped key", `{"\u005fplaceholder":true,"n\u0075m":1}`, d1},
		{"last member counts", `{"_placeholder":false,"num":9,"_placeholder":true,"num":1}`, d1},
		{"not true", `{"_placeholder":false,"num":0},{"_placeholder":"true","num":0},{"_placeholder":1}`, `{"_placeholder":false,"num":0},{"_placeholder":"true","num":0},{"_placeholder":1}`},
		{"in a string", `"{\"_placeholder\":true,\"num\":0}"`, `"{\"_placeholder\":true,\"num\":0}"`},
		{"as a value", `{"a":"_placeholder"},["_placeholder"]`, `{"a":"_placeholder"},["_placeholder"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ReplacePlaceholders([]byte("x"), []byte(tt.args), len(data), degrade)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("x"+tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
			if got, err := ReplacePlaceholders(nil, []byte(tt.args), 0, nil); err != nil || string(got) != tt.args {
				t.Errorf("without attachments: %q, %v", got, err)
			}
			if err := CheckPlaceholders([]byte(tt.args), len(data)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPlaceholderErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, args string
		num        int
	}{
		{"beyond", `{"_placeholder":true,"num":2}`, 2},
		{"negative", `{"_placeholder":true,"num":-1}`, -1},
		{"fraction", `{"_placeholder":true,"num":0.5}`, -1},
		{"exponent", `{"_placeholder":true,"num":1e0}`, -1},
		{"huge", `{"_placeholder":true,"num":18446744073709551616}`, -1},
		{"string", `{"_placeholder":true,"num":"0"}`, -1},
		{"missing", `{"_placeholder":true}`, -1},
		{"repeated", `{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}`, 1},
		{"escaped", `{"\u005fplaceholder":true,"num":7}`, 7},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := &PlaceholderError{Num: tt.num, Attachments: 2}
			for _, text := range []string{tt.args, `["x",` + strings.ReplaceAll(tt.args, "},{", "}],[{") + `]`} {
				got, _ := errors.AsType[*PlaceholderError](CheckPlaceholders([]byte(text), 2))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %s", text, diff)
				}
			}
			dst, err := ReplacePlaceholders([]byte("kept"), []byte(tt.args), 2, nil)
			if err == nil || string(dst) != "kept" {
				t.Errorf("replaced: %q, %v", dst, err)
			}
		})
	}
	if err := CheckPlaceholders([]byte(`{"_placeholder":true,"num":0}`), 0); err == nil {
		t.Error("no attachment, and no error")
	}
	for _, text := range []string{
		`{"_placeholder":true`, `{"_placeholder":true,}`, `{"_placeholder":true} 1`, `{"_placeholder":true,"num":0}]`,
		`["_placeholder":1]`, `"_placeholder",`, `{"_placeholder"`, `{1:"_placeholder"}`, `["_placeholder" 1]`, `["_placeholder"`,
	} {
		if _, ok := errors.AsType[*SyntaxError](CheckPlaceholders([]byte(text), 1)); !ok {
			t.Errorf("%s: no syntax error", text)
		}
	}
	deep := []byte(`"_placeholder",` + strings.Repeat("[", MaxDepth))
	if err := CheckPlaceholders(deep, 1); !errors.Is(err, ErrTooDeep) {
		t.Errorf("deep: %v", err)
	}
}

package packet

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		object string
		want   []string
	}{
		{`{}`, nil},
		{" {\t} ", nil},
		{`[1,{"a":2}]`, nil},
		{`"{}"`, nil},
		{`7`, nil},
		{`{"a":1}`, []string{`"a" 1`}},
		{` { "a" : -1.5e3 , "b":true,"a" :null}`, []string{`"a" -1.5e3`, `"b" true`, `"a" null`}},
		{`{"a\"":"}\\","\\":"\"{"}`, []string{`"a\"" "}\\"`, `"\\" "\"{"`}},
		{`{"a":{"b":[{}, "]"]} ,"c":[ [1],{} ]}`, []string{`"a" {"b":[{}, "]"]}`, `"c" [ [1],{} ]`}},
	}
	for _, tt := range tests {
		var got []string
		for key, value := range Members([]byte(tt.object)) {
			got = append(got, fmt.Sprintf("%s %s", key, value))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.object, diff)
		}
		for range Members([]byte(tt.object)) {
			break
		}
	}
}

// FuzzMembers holds them to encoding/json.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"b":[{"c":"}"}]}`, ` {"\"" : "\\"} `, `[{}]`, `{"a":1,"a":2}`, `{"a"`, `{"a":`, `{a:1}`, `{"a":1,`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if Valid(b) != nil {
			for range Members(b) { // whatever they are, there is an end
			}
			return
		}
		got := make(map[string]string)
		for key, value := range Members(b) {
			if Valid(key) != nil || Valid(value) != nil {
				t.Fatalf("%q: member %q %q", b, key, value)
			}
			var k string
			if err := json.Unmarshal(key, &k); err != nil {
				t.Fatal(err)
			}
			got[k] = string(value)
		}
		want := make(map[string]string)
		var object map[string]json.RawMessage
		if json.Unmarshal(b, &object) == nil {
			for k, v := range object {
				want[k] = string(v)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", b, diff)
		}
	})
}

package packet

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestIsASCII(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		b := bytes.Repeat([]byte{0x7f}, n)
		if !IsASCII(b) {
			t.Fatalf("%d bytes of ASCII are not ASCII", n)
		}
		for i := range b {
			b[i] = 0x80
			if IsASCII(b) {
				t.Fatalf("byte %d of %d not noticed", i, n)
			}
			b[i] = 0x7f
		}
	}
}

func TestAppendASCII(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"ascii", `["hello",1]`, `["hello",1]`},
		{"latin", `"é"`, `"\u00e9"`},
		{"as the protocol notes have it", "[\"hello\",\"é\\n\\\\n\\\"€\u2028\"]", `["hello","\u00e9\n\\n\"\u20ac\u2028"]`},
		{"astral", `"a😀b"`, `"a\ud83d\ude00b"`},
		{"last character", "\"\U0010FFFF\"", `"\udbff\udfff"`},
		{"first astral character", "\"\U00010000\"", `"\ud800\udc00"`},
		{"invalid byte", "\"a\xffb\"", `"a\ufffdb"`},
		{"cut sequence", "\"\xe2\x82\"", `"\ufffd\ufffd"`},
		{"lone surrogate", "\"\xed\xa0\x80\"", `"\ufffd\ufffd\ufffd"`},
		{"escapes stay", `"\u00e9\\é"`, `"\u00e9\\\u00e9"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := string(AppendASCII([]byte("x"), []byte(tt.in))); got != "x"+tt.want {
				t.Errorf("got %s, want x%s", got, tt.want)
			}
		})
	}
}

func TestAppendString(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"empty", "", `""`},
		{"plain", "hello", `"hello"`},
		{"quotes", `a"b\c/`, `"a\"b\\c/"`},
		{"short escapes", "\b\f\n\r\t", `"\b\f\n\r\t"`},
		{"control characters", "\x00\x0b\x1f\x7f", "\"\\u0000\\u000b\\u001f\x7f\""},
		{"html stays", "<a&b>", `"<a&b>"`},
		{"beyond ascii", "é€😀", `"é€😀"`},
		{"line separators", "a\u2028b\u2029c", `"a\u2028b\u2029c"`},
		{"invalid", "a\xffb\xe2\x82", "\"a\uFFFDb\uFFFD\uFFFD\""},
		{"replacement character itself", "\uFFFD", "\"\uFFFD\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := string(AppendString([]byte("x"), tt.in))
			if got != "x"+tt.want {
				t.Errorf("got %s, want x%s", got, tt.want)
			}
			var back string
			if err := json.Unmarshal([]byte(got[1:]), &back); err != nil || back != strings.ToValidUTF8(tt.in, "\uFFFD") && tt.name != "invalid" {
				t.Errorf("reads back as %q, %v", back, err)
			}
		})
	}
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		raw, want string
		ok        bool
	}{
		{`""`, "", true},
		{`"news"`, "news", true},
		{`"é\n\u20ac"`, "é\n€", true},
		{`"\ud800"`, "\uFFFD", true},
		{"\"\xff\"", "\uFFFD", true},
		{`"`, "", false},
		{``, "", false},
		{`1`, "", false},
		{`"a" `, "", false},
		{`"a","b"`, "", false},
		{`"a\"`, "", false},
		{"\"a\n\"", "", false},
	} {
		if got, ok := Unquote([]byte(tt.raw)); got != tt.want || ok != tt.ok {
			t.Errorf("Unquote(%q) = %q, %t", tt.raw, got, ok)
		}
	}
}

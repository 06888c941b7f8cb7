package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestJSONPIndex(t *testing.T) {
	t.Parallel()
	for j, ok := range map[string]bool{
		"0": true, "12": true, strings.Repeat("9", 20): true,
		"": false, strings.Repeat("9", 21): false, "-1": false, "1;": false, "alert(1)": false, "٣": false, "1.0": false,
	} {
		got, gotOK := JSONPIndex(j)
		if gotOK != ok || ok && got != j || !ok && got != "" {
			t.Errorf("%q: %q, %v", j, got, gotOK)
		}
	}
}

func TestAppendJSONP(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, index, payload, want string }{
		{"connect, client 1.7.4 and 2.5.0", "0", "2:40", `___eio[0]("2:40");`},
		{
			"open, client 2.5.0", "0",
			`97:0{"sid":"SID","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}2:40`,
			`___eio[0]("97:0{\"sid\":\"SID\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000}2:40");`,
		},
		{
			"event, the same text as client 2.5.0 gets from a 2.5.1 server, all ASCII", "7",
			"24:42[\"hello\",\"é\\n\\\\n\\\"€\u2028\"]",
			`___eio[7]("24:42[\"hello\",\"\u00e9\\n\\\\n\\\"\u20ac\u2028\"]");`,
		},
		{"astral", "0", "😀", `___eio[0]("\ud83d\ude00");`},
		{"ends a script", "0", "</script><!--]]>", `___eio[0]("\u003c/script\u003e\u003c!--]]\u003e");`},
		{"line separators", "0", "\u2028\u2029", `___eio[0]("\u2028\u2029");`},
		{"controls", "0", "\x00\n\r\t\x1e\x7f", `___eio[0]("\u0000\n\r\t\u001e\u007f");`},
		{"not UTF-8", "0", "a\xffb", `___eio[0]("a\ufffdb");`},
		{"nothing", "0", "", `___eio[0]("");`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := AppendJSONP(nil, tc.index, []byte(tc.payload)); string(got) != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestDecodeJSONPForm(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body, want string
		ok               bool
	}{
		{"plain", "d=2%3A40", "2:40", true},
		{"plus and escaped plus", "d=a+b%2Bc", "a b+c", true},
		{"newline", `d=a%5Cnb`, "a\nb", true},
		{"escaped newline", `d=a%5C%5Cnb`, `a\nb`, true},
		{"escaped backslash and n", `d=a%5C%5C%5Cnb`, `a\\nb`, true},
		{"backslashes without n", `d=%5C%5C%5Cx%5C`, `\\\x\`, true},
		{"n alone", "d=nn", "nn", true},
		{"other fields", "x=1&d=2&d=3&y=4", "2", true},
		{"name with d", "dd=1&d=2", "2", true},
		{"empty", "d=", "", true},
		{"no field", "x=d=1", "", false},
		{"no value", "d", "", false},
		{"empty body", "", "", false},
		{"bad escapes", "d=%zz%4%", "%zz%4%", true},
		{"lower case escape", "d=%c3%a9", "é", true},
		{"not UTF-8", "d=%ff", "\ufffd", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok, err := DecodeJSONPForm([]byte(tc.body), 0)
			if err != nil || ok != tc.ok || string(got) != tc.want {
				t.Errorf("%q, %v, %v; want %q, %v", got, ok, err, tc.want, tc.ok)
			}
		})
	}
	if _, _, err := DecodeJSONPForm([]byte("d=abc"), 2); !errors.Is(err, ErrPayloadLimit) {
		t.Errorf("three bytes of two: %v", err)
	}
	if got, ok, err := DecodeJSONPForm([]byte("d=%61%62"), 2); !ok || err != nil || string(got) != "ab" {
		t.Errorf("two bytes of two: %q, %v, %v", got, ok, err)
	}
}

// formBody writes a payload as JSONP clients do.
func formBody(payload string) []byte {
	payload = strings.ReplaceAll(payload, `\n`, "\\\n")
	payload = strings.ReplaceAll(payload, "\n", `\n`)
	return []byte("d=" + url.QueryEscape(payload))
}

func FuzzDecodeJSONPForm(f *testing.F) {
	for _, v := range loadPayloadVectors(f) {
		f.Add([]byte(v.Body))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1 << 12
		got, ok, err := DecodeJSONPForm(b, limit)
		if (err != nil || !ok) && got != nil {
			t.Fatal("a payload beside an error")
		}
		if len(got) > 3*limit { // U+FFFD takes three bytes
			t.Fatalf("%d bytes", len(got))
		}
		if len(b) > limit/2 {
			return
		}
		want := string(ToValidUTF8(b))
		// The client's escaping is not reversible where a backslash stands
		// before a real newline; JSON text has no such place.
		if strings.Contains(want, "\\\n") {
			return
		}
		got, ok, err = DecodeJSONPForm(formBody(want), 3*limit)
		if err != nil || !ok || string(got) != want {
			t.Fatalf("%q became %q, %v, %v", want, got, ok, err)
		}
	})
}

func FuzzAppendJSONP(f *testing.F) {
	for _, v := range loadPayloadVectors(f) {
		f.Add([]byte(v.Body))
	}
	f.Add([]byte("</script>\u2028"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got := AppendJSONP(nil, "3", b)
		for _, c := range got {
			if c < ' ' || c >= 0x7f || c == '<' || c == '>' {
				t.Fatalf("byte %#x in %q", c, got)
			}
		}
		literal, ok := bytes.CutPrefix(got, []byte("___eio[3]("))
		literal, ok2 := bytes.CutSuffix(literal, []byte(");"))
		var back string
		if err := json.Unmarshal(literal, &back); !ok || !ok2 || err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		if want := strings.Map(func(r rune) rune { return r }, string(b)); back != want {
			t.Fatalf("%q became %q", want, back)
		}
	})
}

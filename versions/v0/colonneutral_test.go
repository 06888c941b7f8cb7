package v0

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heirloom-io/socketio/packet"
)

func event(namespace, name, args string) *packet.Packet {
	return &packet.Packet{Type: packet.Event, Namespace: namespace, Name: name, Args: []byte(args)}
}

func asked(id int64, p *packet.Packet) *packet.Packet {
	p.ID, p.HasID = id, true
	return p
}

func TestEncode(t *testing.T) {
	t.Parallel()
	binary := event("/", "message", `{"_placeholder":true,"num":0}`)
	binary.Attachments = [][]byte{[]byte("hello")}
	tests := []struct {
		name string
		p    *packet.Packet
		want string
	}{
		{"text", event("/", "message", `"hello"`), "3:::hello"},
		{"empty text", event("/", "message", `""`), "3::"},
		{"text in a namespace", event("/chat", "message", `"a:b"`), "3::/chat:a:b"},
		{"text with an ack", asked(0, event("/", "message", `"x"`)), "3:1+::x"},
		{"text with a line end", event("/", "message", `"nl\nx"`), `4:::"nl\nx"`},
		{"text with a return", event("/", "message", `"\r"`), `4:::"\r"`},
		{"text with a separator", event("/", "message", "\"\u2028\""), `4:::"\u2028"`},
		{"text with an escaped separator", event("/", "message", `"\u2029"`), `4:::"\u2029"`},
		{"text with backslash and slash", event("/", "message", `"a\\/b"`), `4:::"a\\\u002fb"`},
		{"text with the frame", event("/", "message", "\"\ufffd\""), `4:::"\ufffd"`},
		{"text with a slash", event("/", "message", `"a/b</script>"`), `3:::a/b</script>`},
		{"number", event("/", "message", `5`), "4:::5"},
		{"null", event("/", "message", `null`), "4:::null"},
		{"object", event("/", "message", `{"a":"b"}`), `4:::{"a":"b"}`},
		{"message without an argument", event("/", "message", ``), `5:::{"name":"message"}`},
		{"message with two arguments", event("/", "message", `1,2`), `5:::{"name":"message","args":[1,2]}`},
		{"event", event("/", "ev", `1,"two"`), `5:::{"name":"ev","args":[1,"two"]}`},
		{"event without arguments", event("/", "woot", ``), `5:::{"name":"woot"}`},
		{"event with an ack", asked(1, event("/", "evack", `1`)), `5:2+::{"name":"evack","args":[1]}`},
		{"event of a hard name", event("/", "a\"\n\u2028\ufffd", ``), `5:::{"name":"a\"\n\u2028\ufffd"}`},
		{"ack", asked(12, &packet.Packet{Type: packet.Ack, Namespace: "/c", Args: []byte(`"woot","wa"`)}), `6::/c:12+["woot","wa"]`},
		{"ack without arguments", asked(3, &packet.Packet{Type: packet.Ack, Namespace: "/"}), "6:::3"},
		{"ack with a separator", asked(3, &packet.Packet{Type: packet.Ack, Namespace: "/", Args: []byte("\"\u2028\"")}), `6:::3+["\u2028"]`},
		{"connect", &packet.Packet{Type: packet.Connect, Namespace: "/"}, "1::"},
		{"connect of a namespace", &packet.Packet{Type: packet.Connect, Namespace: "/chat"}, "1::/chat"},
		{"disconnect of a namespace", &packet.Packet{Type: packet.Disconnect, Namespace: "/chat"}, "0::/chat"},
		{"refusal", &packet.Packet{Type: packet.Error, Namespace: "/nope", Data: []byte(`"Invalid namespace"`)}, "7::/nope:2"},
		{"binary", binary, `4:::{"base64":true,"data":"aGVsbG8="}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			frames, err := ColonEncoder{}.Encode(tt.p)
			if err != nil || len(frames) != 1 || string(frames[0].Data) != tt.want {
				t.Fatalf("got %q, %v, want %q", frames[0].Data, err, tt.want)
			}
		})
	}
	for _, ns := range []string{"", "chat", "/a:b", "/a\nb"} {
		if _, err := (ColonEncoder{}).Encode(event(ns, "ev", "")); !errors.Is(err, ErrColon) {
			t.Errorf("namespace %q: %v", ns, err)
		}
	}
}

// TestEncodeFits has packets become shorter on their way to the wire: what waits for
// clients is bounded by its length, so it must not hold much more.
func TestEncodeFits(t *testing.T) {
	t.Parallel()
	const n = 10_000
	for name, args := range map[string]string{
		"escapes":             `"` + strings.Repeat(`\u003c`, n) + `"`,
		"escapes of two":      `"` + strings.Repeat(`\u003c`, n) + `",1`,
		"line ends":           strings.Repeat("\n", n) + "1",
		"line ends of two":    "1," + strings.Repeat("\n", n) + "2",
		"longer on the wire":  `"` + strings.Repeat("\u2028", n) + `"`,
		"as long on the wire": `"` + strings.Repeat("x", n) + `"`,
	} {
		frames, err := ColonEncoder{}.Encode(event("/", "message", args))
		if err != nil {
			t.Fatal(err)
		}
		if data := frames[0].Data; cap(data) > len(data)+len(data)/2+128 {
			t.Errorf("%s: %d bytes hold %d", name, len(data), cap(data))
		}
	}
}

func TestNeutral(t *testing.T) {
	t.Parallel()
	connect := &packet.Packet{Type: packet.Connect, Namespace: "/t", Query: "a=b"}
	tests := []struct {
		name, text string
		want       *packet.Packet
	}{
		{"message", "3:::hello", event("/", "message", `"hello"`)},
		{"message with a library's ack", "3:1::x", event("/", "message", `"x"`)},
		{"message with an application's ack", "3:1+::x", asked(1, event("/", "message", `"x"`))},
		{"message to be quoted", "3:::a\"\n", event("/", "message", `"a\"\n"`)},
		{"json", `4::/c: {"a":1} `, event("/c", "message", `{"a":1}`)},
		{"bad json", `4:::{`, nil},
		{"no json", `4::`, nil},
		{"event", `5:3+::{"name":"ev","args":[1,"two"]}`, asked(3, event("/", "ev", `1,"two"`))},
		{"bad event", `5:::{"args":[]}`, nil},
		{"ack", `6:::2+["x",{"y":1}]`, asked(1, &packet.Packet{Type: packet.Ack, Namespace: "/", Args: []byte(`"x",{"y":1}`)})},
		{"ack without arguments", `6:::1`, asked(0, &packet.Packet{Type: packet.Ack, Namespace: "/"})},
		{"ack with bad arguments", `6:::1+bad`, asked(0, &packet.Packet{Type: packet.Ack, Namespace: "/"})},
		{"ack with a plus", `6:::1+`, asked(0, &packet.Packet{Type: packet.Ack, Namespace: "/"})},
		{"ack without an id", `6:::`, nil},
		{"ack of a word", `6:::x`, nil},
		{"ack of an id never given", `6:::0`, nil},
		{"connect with a query", `1::/t:?a=b`, connect},
		{"connect with a query in the name", `1::/t?a=b`, connect},
		{"connect without a slash", `1::t`, nil},
		{"connect of a slash", `1::/`, nil},
		{"disconnect", `0::/chat`, &packet.Packet{Type: packet.Disconnect, Namespace: "/chat"}},
		{"heartbeat", `2::`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := DecodeColon([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Neutral(c)
			if (err == nil) != (tt.want != nil) || err != nil && !errors.Is(err, ErrColon) {
				t.Fatalf("got %v, %v", got, err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeJSONPForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, want string
		raw              bool
	}{
		{"JSON", `d=%223%3A%3A%3Ahello%22`, "3:::hello", false},
		{"JSON with escapes", `d=%225%3A3%2B%3A%3A%7B%5C%22name%5C%22%3A%5C%22ev%5C%22%7D%22`, `5:3+::{"name":"ev"}`, false},
		{"JSON with line ends", "d=%223%3A%3A%3Aa%5Cnb%5Cr%22", "3:::a\nb\r", false},
		{"raw", `d=3%3A%3A%3Ahello`, "3:::hello", true},
		{"raw with a browser's line ends", `d=3%3A%3A%3Aa%0D%0Ab+c`, "3:::a\nb c", true},
		{"raw and framed", "d=%EF%BF%BD4%EF%BF%BD3%3A%3A%3A", "\ufffd4\ufffd3:::", true},
		{"other fields", `a=1&d=2%3A%3A&b=2`, "2::", true},
		{"bad escapes", `d=3%3A::%zz%4`, "3:::%zz%4", true},
		{"not UTF-8", `d=3:::%ff`, "3:::\ufffd", true},
		{"string without an end", `d=%223`, "", false},
		{"no field", `e=1`, "", false},
		{"empty field", `d=`, "", false},
		{"nothing", ``, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, raw := DecodeJSONPForm([]byte(tt.body))
			if string(got) != tt.want || raw != tt.raw {
				t.Errorf("got %q, raw %t", got, raw)
			}
		})
	}
}

func TestAppendScriptString(t *testing.T) {
	t.Parallel()
	got := string(appendScriptString(nil, []byte("a\"\\/\n</script><!--é€😀\u2028\ufffd\x7f&\xff")))
	want := `"a\"\\/\u000a\u003c/script\u003e\u003c!--\u00e9\u20ac\ud83d\ude00\u2028\ufffd\u007f\u0026\ufffd"`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

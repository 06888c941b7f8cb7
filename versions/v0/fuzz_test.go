package v0

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heirloom-io/socketio/packet"
)

func FuzzDecodeColon(f *testing.F) {
	g := readGolden(f)
	for _, v := range g.Packets {
		f.Add([]byte(v.Text))
	}
	for _, text := range g.Ignored {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodeColon(b)
		if err != nil {
			if !errors.Is(err, ErrColon) && !errors.Is(err, ErrColonLimit) {
				t.Fatal(err)
			}
			return
		}
		again, err := DecodeColon(AppendColon(nil, p))
		if err != nil || !cmp.Equal(p, again, cmpopts.EquateEmpty()) {
			t.Fatalf("%+v is read back as %+v, %v", p, again, err)
		}
		n, err := Neutral(p)
		if err != nil || n.Type == packet.Connect || n.Type == packet.Ack || n.HasID {
			return // ids are counted in another way in each direction
		}
		frames, err := ColonEncoder{}.Encode(n)
		if err != nil {
			return // a namespace that we would not write
		}
		if utf8.Valid(b) && bytes.ContainsAny(frames[0].Data, "\n\r\u2028\u2029") {
			t.Fatal("line end left")
		}
		c, err := DecodeColon(frames[0].Data)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Neutral(c)
		if err != nil || back.Name != n.Name || !sameJSON(n.Args, back.Args) {
			t.Fatalf("%+v is read back as %+v, %v", n, back, err)
		}
	})
}

func sameJSON(a, b []byte) bool {
	decode := func(args []byte) (v any) {
		_ = json.Unmarshal(append(append([]byte{'['}, args...), ']'), &v)
		return v
	}
	return cmp.Equal(decode(a), decode(b))
}

func FuzzDecodeColonPayload(f *testing.F) {
	g := readGolden(f)
	for _, v := range append(g.Payloads, g.Faulty...) {
		f.Add([]byte(v.Body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		packets, err := DecodeColonPayload(body, 1000)
		if err != nil && !errors.Is(err, ErrColonLimit) {
			t.Fatal(err)
		}
		total := 0
		var frames []*packet.Frame
		for _, p := range packets {
			total += len(p)
			frames = append(frames, &packet.Frame{Data: p})
		}
		if total > len(body) {
			t.Fatal("more than there was")
		}
		if len(packets) < 2 || !utf8.Valid(body) {
			return
		}
		again, err := DecodeColonPayload(AppendColonPayload(nil, frames), 0)
		if err != nil || !cmp.Equal(packets, again) {
			t.Fatalf("%q is read back as %q, %v", packets, again, err)
		}
	})
}

func FuzzDecodeColonEvent(f *testing.F) {
	for _, v := range readGolden(f).Packets {
		f.Add([]byte(v.Data))
	}
	f.Add([]byte("{ \"a\" : [\"]\",{}] , \"name\" : \"x\" ,\"args\":[ 1 ] }"))
	f.Fuzz(func(t *testing.T, data []byte) {
		name, args, err := DecodeColonEvent(data)
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		var wantName string
		if err := json.Unmarshal(want["name"], &wantName); err != nil || wantName != name {
			t.Fatalf("name %q, want %q, %v", name, wantName, err)
		}
		if raw := want["args"]; len(raw) > 0 && raw[0] != '[' && !bytes.Equal(raw, args) {
			t.Fatalf("args %q, want %q", args, raw)
		}
	})
}

func FuzzDecodeJSONPForm(f *testing.F) {
	for _, text := range []string{`d=%223%3A%3A%3Ahello%22`, `d=3%3A%3A%3Aa%0D%0Ab+c`, `a=1&d=2%3A%3A&b=2`, `d=%`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if packets, _ := DecodeJSONPForm(body); !utf8.Valid(packets) {
			t.Fatal("not UTF-8")
		}
	})
}

// FuzzScriptString looks for text that would not stay within its string.
func FuzzScriptString(f *testing.F) {
	f.Add([]byte("</script><!--\u2028\"\\/"))
	f.Fuzz(func(t *testing.T, text []byte) {
		out := appendScriptString(nil, text)
		if bytes.ContainsAny(out, "<>") || !packet.IsASCII(out) {
			t.Fatalf("unsafe: %s", out)
		}
		var s string
		if err := json.Unmarshal(out, &s); err != nil || s != string([]rune(string(text))) {
			t.Fatalf("means %q, %v", s, err)
		}
	})
}

package v0

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heirloom-io/socketio/packet"
)

// golden is testdata/colon.json: what was seen on the wire or found out with the
// genuine parser.
type golden struct {
	Packets []struct {
		Name     string `json:"name"`
		From     string `json:"from"` // release, transport
		Text     string `json:"text"`
		Type     string `json:"type"`
		ID       int64  `json:"id"`
		Ack      string `json:"ack"`
		Endpoint string `json:"endpoint"`
		Data     string `json:"data"`
	} `json:"packets"`
	Ignored  []string        `json:"ignored"`
	Payloads []goldenPayload `json:"payloads"`
	Faulty   []goldenPayload `json:"faulty"`
}

type goldenPayload struct {
	Name    string   `json:"name"`
	From    string   `json:"from"`
	Body    string   `json:"body"`
	Size    int      `json:"size"`
	Packets []string `json:"packets"`
}

func readGolden(t testing.TB) golden {
	t.Helper()
	b, err := os.ReadFile("testdata/colon.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

var ackKinds = map[string]AckKind{"": AckNone, "auto": AckAuto, "data": AckData}

func TestColonGolden(t *testing.T) {
	t.Parallel()
	for _, v := range readGolden(t).Packets {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			got, err := DecodeColon([]byte(v.Text))
			if err != nil {
				t.Fatal(err)
			}
			want := Colon{Type: got.Type, ID: v.ID, Ack: ackKinds[v.Ack], Endpoint: v.Endpoint, Data: []byte(v.Data)}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || got.Type.String() != v.Type {
				t.Errorf("type %s, (-want +got):\n%s", got.Type, diff)
			}
			if out := AppendColon(nil, got); string(out) != v.Text {
				t.Errorf("written as %q", out)
			}
			for n := range len(v.Text) {
				cut, err := DecodeColon([]byte(v.Text[:n]))
				if err == nil && (cut.Type != got.Type || len(cut.Data) > len(got.Data)) || err != nil && !errors.Is(err, ErrColon) {
					t.Errorf("%d bytes of it: %+v, %v", n, cut, err)
				}
			}
		})
	}
}

func TestColonIgnored(t *testing.T) {
	t.Parallel()
	for _, text := range readGolden(t).Ignored {
		if p, err := DecodeColon([]byte(text)); !errors.Is(err, ErrColon) && !errors.Is(err, ErrColonLimit) {
			t.Errorf("%q is %+v, %v", text, p, err)
		}
	}
	long := append(append([]byte("3::/"), make([]byte, maxEndpoint)...), ":x"...)
	if _, err := DecodeColon(long); !errors.Is(err, ErrColonLimit) {
		t.Errorf("long endpoint: %v", err)
	}
}

func TestColonPayload(t *testing.T) {
	t.Parallel()
	g := readGolden(t)
	for _, v := range append(g.Payloads, g.Faulty...) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			packets, err := DecodeColonPayload([]byte(v.Body), 0)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			var frames []*packet.Frame
			for _, p := range packets {
				got = append(got, string(p))
				frames = append(frames, &packet.Frame{Data: p})
			}
			if diff := cmp.Diff(v.Packets, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("packets (-want +got):\n%s", diff)
			}
			if v.From != "" {
				if out := AppendColonPayload(nil, frames); string(out) != v.Body || len(v.Body) != v.Size {
					t.Errorf("written as %q, %d bytes", out, len(v.Body))
				}
			}
			for n := range len(v.Body) {
				if _, err := DecodeColonPayload([]byte(v.Body[:n]), 0); err != nil {
					t.Errorf("%d bytes of it: %v", n, err)
				}
			}
		})
	}
	packets, err := DecodeColonPayload([]byte("\ufffd3\ufffd2::\ufffd3\ufffd8::\ufffd3\ufffd1::"), 2)
	if len(packets) != 2 || !errors.Is(err, ErrColonLimit) {
		t.Errorf("over the limit: %d packets, %v", len(packets), err)
	}
}

func TestDecodeColonEvent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, data, event, args string
		err                     error
	}{
		{name: "usual", data: `{"name":"ev","args":[1,"two"]}`, event: "ev", args: `1,"two"`},
		{name: "no arguments", data: `{"name":"ev"}`, event: "ev"},
		{name: "empty arguments", data: `{"name":"ev","args":[]}`, event: "ev"},
		{name: "other order, white space", data: "{ \"args\" : [ 1 , {\"name\":2} ] ,\n\"name\" : \"e\\u0076\" } ", event: "ev", args: `1 , {"name":2}`},
		{name: "arguments not in an array", data: `{"name":"ev","args":{"a":"}"}}`, event: "ev", args: `{"a":"}"}`},
		{name: "null arguments", data: `{"name":"ev","args":null}`, event: "ev", args: `null`},
		{name: "other members", data: `{"a":[{"name":1}],"b":"}\"","name":"ev","c":{},"d":-1.5e3}`, event: "ev"},
		{name: "twice", data: `{"name":"a","name":"ev"}`, event: "ev"},
		{name: "keys are exact", data: `{"Name":"ev"}`, err: ErrColon},
		{name: "no name", data: `{"args":[]}`, err: ErrColon},
		{name: "empty object", data: `{}`, err: ErrColon},
		{name: "name no string", data: `{"name":1}`, err: ErrColon},
		{name: "array", data: `["name","ev"]`, err: ErrColon},
		{name: "string", data: `"name"`, err: ErrColon},
		{name: "bad JSON", data: `{"name":"ev"`, err: ErrColon},
		{name: "nothing", data: ``, err: ErrColon},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name, args, err := DecodeColonEvent([]byte(tt.data))
			if name != tt.event || string(args) != tt.args || !errors.Is(err, tt.err) {
				t.Errorf("got %q %q %v", name, args, err)
			}
		})
	}
}

func TestAppendSafeJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"nothing special", `{"a":[1,"é€😀/"]}`, `{"a":[1,"é€😀/"]}`},
		{"separators", "\"a\u2028b\u2029\"", `"a\u2028b\u2029"`},
		{"line ends between values", "[\n1,\r\n2]", `[1,2]`},
		{"escaped line ends stay", `"a\nb\\n"`, `"a\nb\\n"`},
		{"backslash before slash", `"a\\/b"`, `"a\\\u002fb"`},
		{"escaped slash", `"a\/b"`, `"a\u002fb"`},
		{"both", `"a\\\/b"`, `"a\\\u002fb"`},
		{"two backslashes", `"\\\\/"`, `"\\\\\u002f"`},
		{"escaped quote", `"\"/"`, `"\"/"`},
		{"frame", "\"a\ufffd\"", `"a\ufffd"`},
		{"relatives of the separators", "\"\u2027\u202a\ufffc\ufffe\"", "\"\u2027\u202a\ufffc\ufffe\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := AppendSafeJSON(nil, []byte(tt.in))
			if string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			var a, b any
			if json.Unmarshal([]byte(tt.in), &a) != nil || json.Unmarshal(got, &b) != nil || !cmp.Equal(a, b) {
				t.Errorf("means %v, was %v", b, a)
			}
		})
	}
}

package v0

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
)

// goldenMessages is testdata/messages.json: what was seen on the wire of 0.1 to
// 0.6, or found out with the genuine codecs, and what is faulty.
type goldenMessages struct {
	Framed    []goldenText `json:"framed"`
	Faulty    []goldenText `json:"faulty"`
	Envelopes []goldenText `json:"envelopes"`
	Arrays    []goldenText `json:"arrays"`
	Forms     []goldenText `json:"forms"`
	Ignored   []string     `json:"ignored"`
}

type goldenText struct {
	Name    string   `json:"name"`
	From    string   `json:"from"`
	Text    string   `json:"text"`
	Bodies  []string `json:"bodies"`
	Values  []string `json:"values"`
	Payload string   `json:"payload"`
	Error   bool     `json:"error"`
}

func readMessages(t testing.TB) goldenMessages {
	t.Helper()
	b, err := os.ReadFile("testdata/messages.json")
	if err != nil {
		t.Fatal(err)
	}
	var g goldenMessages
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func texts(list [][]byte) (out []string) {
	for _, b := range list {
		out = append(out, string(b))
	}
	return out
}

func TestFramedGolden(t *testing.T) {
	t.Parallel()
	for _, v := range readMessages(t).Framed {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			bodies, err := DecodeFramed([]byte(v.Text), 0)
			if diff := cmp.Diff(v.Bodies, texts(bodies)); err != nil || diff != "" {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
			var again []byte
			for _, b := range bodies {
				again = AppendFramed(again, b)
			}
			if string(again) != v.Text {
				t.Errorf("written as %q", again)
			}
			for n := range len(v.Text) {
				cut := strings.ToValidUTF8(v.Text[:n], "\ufffd")
				if part, _ := DecodeFramed([]byte(cut), 0); len(part) > len(bodies) {
					t.Errorf("%d bytes are more messages than all", n)
				}
			}
		})
	}
}

func TestFramedFaulty(t *testing.T) {
	t.Parallel()
	for _, v := range readMessages(t).Faulty {
		bodies, err := DecodeFramed([]byte(v.Text), 0)
		if (err != nil) != v.Error || err != nil && !errors.Is(err, ErrMessages) && !errors.Is(err, ErrMessagesLimit) {
			t.Errorf("%s: error %v", v.Name, err)
		}
		if diff := cmp.Diff(v.Bodies, texts(bodies)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", v.Name, diff)
		}
	}
	if bodies, err := DecodeFramed([]byte("~m~1~m~a~m~1~m~b~m~1~m~c"), 2); len(bodies) != 2 || !errors.Is(err, ErrMessagesLimit) {
		t.Errorf("over the limit: %q, %v", bodies, err)
	}
}

// An application's own messages may have blanks around their JSON.
func TestFramedBlanks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" {\"a\":1}\n": "~m~10~m~~j~{\"a\":1}",
		"\t[1]":        "~m~6~m~~j~[1]",
		" \"b\"":       "~m~6~m~~j~\"b\"",
		" null ":       "~m~0~m~",
		" 5":           "~m~1~m~5",
	} {
		if got := string(appendFramedMessage(nil, compat.Message{JSON: []byte(text)})); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestEnvelopeGolden(t *testing.T) {
	t.Parallel()
	for _, v := range readMessages(t).Envelopes {
		var values [][]byte
		var frames []*packet.Frame
		for _, value := range v.Values {
			values = append(values, []byte(value))
			frames = append(frames, &packet.Frame{Data: AppendEnvelope(nil, []byte(value))})
		}
		if got := string(AppendEnvelope(nil, values...)); got != v.Text {
			t.Errorf("%s: written as %s", v.Name, got)
		}
		if got := string(joinEnvelopes(nil, frames)); got != v.Text {
			t.Errorf("%s: joined as %s", v.Name, got)
		}
	}
	array := string(AppendEnvelope(nil, []byte(" [\"a\",\n\"\u2028\"]")))
	if want := `{"messages":[[["a","\u2028"]]]}`; array != want {
		t.Errorf("array is %s, want %s", array, want)
	}
	beat := []*packet.Frame{{Data: []byte(`{"heartbeat":"1"}`)}}
	if got := joinEnvelopes([]byte("x"), beat); string(got) != "x" {
		t.Errorf("heartbeat in a poll: %s", got)
	}
}

func TestArrayGolden(t *testing.T) {
	t.Parallel()
	g := readMessages(t)
	for _, v := range g.Arrays {
		values, err := DecodeArray([]byte(v.Text), 0)
		if diff := cmp.Diff(v.Values, texts(values)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", v.Name, err, diff)
		}
	}
	for _, text := range g.Ignored {
		if values, err := DecodeArray([]byte(text), 0); !errors.Is(err, ErrMessages) || values != nil {
			t.Errorf("%q is %q, %v", text, values, err)
		}
	}
	if _, err := DecodeArray([]byte("[1,2,3]"), 2); !errors.Is(err, ErrMessagesLimit) {
		t.Errorf("over the limit: %v", err)
	}
}

func TestMessageForms(t *testing.T) {
	t.Parallel()
	for _, v := range readMessages(t).Forms {
		if got := DecodeMessageTextArea([]byte(v.Text)); string(got) != v.Payload {
			t.Errorf("%s: %q, want %q", v.Name, got, v.Payload)
		}
	}
}

// TestMessagesBothWays shows what the application's events become, and what comes
// back of them.
func TestMessagesBothWays(t *testing.T) {
	t.Parallel()
	envelope, framed := (&MessageParams{}).dialects()
	for _, tt := range []struct {
		name             string
		p                *packet.Packet
		envelope, framed string
	}{
		{"text", event("/", "message", `"hé"`), `{"messages":["hé"]}`, `~m~2~m~hé`},
		{"number", event("/", "message", `5`), `{"messages":[5]}`, `~m~1~m~5`},
		{"boolean", event("/", "message", `true`), `{"messages":[true]}`, `~m~4~m~true`},
		{"null", event("/", "message", `null`), `{"messages":[null]}`, `~m~0~m~`},
		{"object", event("/", "message", `{"a":1}`), `{"messages":[{"a":1}]}`, `~m~10~m~~j~{"a":1}`},
		{"array", event("/", "message", `["a","b"]`), `{"messages":[[["a","b"]]]}`, `~m~12~m~~j~["a","b"]`},
		{"event", event("/", "news", `1,"two"`), `{"messages":[{"name":"news","args":[1,"two"]}]}`, `~m~35~m~~j~{"name":"news","args":[1,"two"]}`},
		{"heartbeat", event("/", "message", `"~h~1"`), `{"messages":["~h~1"]}`, `~m~9~m~~j~"~h~1"`},
		{"mark", event("/", "message", `"~j~1"`), `{"messages":["~j~1"]}`, `~m~9~m~~j~"~j~1"`},
		{"boundary", event("/", "message", `"\n--socketio"`), `{"messages":["\n--socketio"]}`, `~m~17~m~~j~"\n--socketio"`},
		{"connect", &packet.Packet{Type: packet.Connect, Namespace: "/"}, "", ""},
	} {
		for d, want := range map[*dialect]string{envelope: tt.envelope, framed: tt.framed} {
			frames, err := d.encoder.Encode(tt.p)
			got := ""
			for i := range frames {
				got += string(frames[i].Data)
			}
			if err != nil || got != want {
				t.Errorf("%s in %s: %s, %v, want %s", tt.name, d.generation, got, err, want)
			}
		}
	}
	if _, err := framed.encoder.Encode(event("/chat", "message", `1`)); err == nil {
		t.Error("a namespace went through")
	}
	if m := messageOfBody([]byte("~j~{")); string(m.JSON) != "{}" {
		t.Errorf("bad JSON is %s", m.JSON)
	}
}

func FuzzDecodeFramed(f *testing.F) {
	g := readMessages(f)
	for _, v := range append(g.Framed, g.Faulty...) {
		f.Add([]byte(v.Text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		bodies, err := DecodeFramed(b, 1000)
		if err != nil && !errors.Is(err, ErrMessages) && !errors.Is(err, ErrMessagesLimit) {
			t.Fatal(err)
		}
		if !utf8.Valid(b) {
			return
		}
		var again []byte
		for _, body := range bodies {
			again = AppendFramed(again, body)
			if _, err := compat.PacketOfMessage(messageOfBody(body)); err != nil {
				t.Fatalf("%q: %v", body, err)
			}
		}
		back, err := DecodeFramed(again, 0)
		if err != nil || !cmp.Equal(texts(bodies), texts(back), cmpopts.EquateEmpty()) {
			t.Fatalf("%q is read back as %q, %v", bodies, back, err)
		}
	})
}

func FuzzDecodeArray(f *testing.F) {
	g := readMessages(f)
	for _, v := range g.Arrays {
		f.Add([]byte(v.Text))
	}
	for _, text := range g.Ignored {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		values, err := DecodeArray(b, 1000)
		if err != nil {
			if !errors.Is(err, ErrMessages) && !errors.Is(err, ErrMessagesLimit) {
				t.Fatal(err)
			}
			return
		}
		for _, value := range values {
			m := messageOfElement(value)
			if _, err := compat.PacketOfMessage(m); err != nil {
				t.Fatalf("%q: %v", value, err)
			}
			if !utf8.Valid(value) {
				continue
			}
			var all struct {
				Messages []json.RawMessage `json:"messages"`
			}
			if err := json.Unmarshal(AppendEnvelope(nil, value), &all); err != nil || len(all.Messages) != 1 {
				t.Fatalf("%q in an envelope: %v", value, err)
			}
		}
	})
}

func FuzzDecodeMessageTextArea(f *testing.F) {
	for _, v := range readMessages(f).Forms {
		f.Add([]byte(v.Text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		payload := DecodeMessageTextArea(b)
		if !utf8.Valid(payload) {
			t.Fatal("not UTF-8")
		}
		if framedFits(payload) && bytes.Contains(payload, []byte("\r\n")) && !bytes.Contains(DecodeMessageForm(b), []byte("\r\n")) {
			t.Fatal("line end made")
		}
	})
}

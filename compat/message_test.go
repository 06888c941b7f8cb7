package compat

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
)

func TestMessages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		event      string
		args       string
		text, json string // the message
	}{
		{name: "text", event: "message", args: `"hello"`, text: "hello"},
		{name: "empty text", event: "message", args: `""`, text: ""},
		{name: "text with escapes", event: "message", args: `"a\"\né"`, text: "a\"\né"},
		{name: "text that spells an event", event: "message", args: `"{\"name\":\"x\",\"args\":[]}"`, text: `{"name":"x","args":[]}`},
		{name: "object", event: "message", args: `{"a":1}`, json: `{"a":1}`},
		{name: "number", event: "message", args: `12`, json: `12`},
		{name: "null", event: "message", args: `null`, json: `null`},
		{name: "array", event: "message", args: `["a","b"]`, json: `["a","b"]`},
		{name: "nearly an event: more keys", event: "message", args: `{"name":"x","args":[],"id":1}`, json: `{"name":"x","args":[],"id":1}`},
		{name: "nearly an event: fewer keys", event: "message", args: `{"name":"x"}`, json: `{"name":"x"}`},
		{name: "nearly an event: no keys", event: "message", args: `{}`, json: `{}`},
		{name: "nearly an event: name is no string", event: "message", args: `{"name":1,"args":[]}`, json: `{"name":1,"args":[]}`},
		{name: "nearly an event: args is no array", event: "message", args: `{"name":"x","args":{}}`, json: `{"name":"x","args":{}}`},
		{name: "nearly an event: a name twice", event: "message", args: `{"name":"x","name":"y","args":[]}`, json: `{"name":"x","name":"y","args":[]}`},
		{name: "nearly an event: a bad name and a good one", event: "message", args: `{"name":1,"name":"x","args":[]}`, json: `{"name":1,"name":"x","args":[]}`},
		{name: "a message that looks like an event", event: "message", args: `{"name":"x","args":[1]}`, json: `{"name":"message","args":[{"name":"x","args":[1]}]}`},
		{name: "message of two", event: "message", args: `"a","b"`, json: `{"name":"message","args":["a","b"]}`},
		{name: "message of none", event: "message", args: ``, json: `{"name":"message","args":[]}`},
		{name: "event", event: "news", args: `{"a":[1]},2`, json: `{"name":"news","args":[{"a":[1]},2]}`},
		{name: "event without arguments", event: "news", args: ``, json: `{"name":"news","args":[]}`},
		{name: "event with a name to escape", event: "a\"b", args: `1`, json: `{"name":"a\"b","args":[1]}`},
		{name: "event without a name", event: "", args: `1`, json: `{"name":"","args":[1]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := &packet.Packet{Type: packet.Event, Namespace: "/", Name: tt.event, Args: []byte(tt.args)}
			got, err := MessageOf(p)
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != tt.text || string(got.JSON) != tt.json || (got.JSON == nil) != (tt.json == "") {
				t.Errorf("message is %q / %s, want %q / %s", got.Text, got.JSON, tt.text, tt.json)
			}
			back, err := PacketOfMessage(got)
			if err != nil {
				t.Fatal(err)
			}
			if back.Name != tt.event || string(back.Args) != tt.args {
				t.Errorf("comes back as %q with %s", back.Name, back.Args)
			}
		})
	}
}

func TestMessageOfBinary(t *testing.T) {
	t.Parallel()
	p := &packet.Packet{
		Type: packet.Event, Namespace: "/", Name: "message",
		Args: []byte(`{"_placeholder":true,"num":0}`), Attachments: [][]byte{{1, 2}},
	}
	got, err := MessageOf(p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"base64":true,"data":"AQI="}`, string(got.JSON)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMessageErrors(t *testing.T) {
	t.Parallel()
	if _, err := MessageOf(&packet.Packet{Type: packet.Ack}); !errors.Is(err, &UnsupportedError{Feature: packet.FeatureEvents}) {
		t.Errorf("MessageOf(ack) = %v", err)
	}
	if _, err := MessageOf(&packet.Packet{Type: packet.Event, Name: "message", Args: []byte(`{`)}); err == nil {
		t.Error("MessageOf took arguments that are not JSON")
	}
	for _, bad := range []string{"", "{", `{"name":"x","args":[]}x`, `{"name":"x","args":[}`} {
		if p, err := PacketOfMessage(Message{JSON: []byte(bad)}); err == nil {
			t.Errorf("PacketOfMessage(%q) = %+v", bad, p)
		}
	}
}

func TestPacketOfMessageWhiteSpace(t *testing.T) {
	t.Parallel()
	p, err := PacketOfMessage(Message{JSON: []byte(" {\n\"args\" : [ 1 , 2 ] , \"n\\u0061me\" : \"x\" } ")})
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "x" || string(p.Args) != "1 , 2" {
		t.Errorf("event %q with %q", p.Name, p.Args)
	}
}

func FuzzPacketOfMessage(f *testing.F) {
	for _, s := range []string{"", "hello", `{"name":"x","args":[1,"é"]}`, `{"name":"message","args":["x"]}`, `{"a":1}`, "null", `{"name":"x","name":"y","args":[]}`} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, isJSON bool) {
		m := Message{Text: s}
		if isJSON {
			m = Message{JSON: []byte(s)}
		}
		p, err := PacketOfMessage(m)
		if err != nil {
			return
		}
		m2, err := MessageOf(p)
		if err != nil {
			t.Fatalf("no way back from %q: %v", p.Args, err)
		}
		p2, err := PacketOfMessage(m2)
		if err != nil {
			t.Fatalf("%q is taken once, not twice: %v", s, err)
		}
		if p2.Name != p.Name {
			t.Errorf("event %q became %q", p.Name, p2.Name)
		}
		// A string is decoded on the way, so its spelling may change once.
		m3, err := MessageOf(p2)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m2, m3); diff != "" {
			t.Errorf("not stable (-2nd +3rd):\n%s", diff)
		}
	})
}

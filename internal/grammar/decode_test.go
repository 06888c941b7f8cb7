package grammar

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heirloom-io/socketio/packet"
)

// The outcomes of a text message other than a packet.
const (
	ignored = "ignored"
	waiting = "waiting"
)

// outcome puts what a decoder says into one word.
func outcome(d *Decoder, p *packet.Packet, err error) string {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind.String()
	case err != nil:
		return "foreign error: " + err.Error()
	case p != nil:
		return p.Type.String()
	case d.Pending():
		return waiting
	}
	return ignored
}

// What a 2.5.1 server does with malformed messages, as seen on the wire.
func TestMalformed(t *testing.T) {
	t.Parallel()
	deep := "2" + strings.Repeat("[", packet.MaxDepth+1) + strings.Repeat("]", packet.MaxDepth+1)
	for _, tc := range []struct{ text, want, strict string }{
		{"", "empty packet", ""},
		{"x", ignored, "unknown packet type"},
		{"/a", ignored, "unknown packet type"},
		{"7", ignored, "unknown packet type"},
		{":", ignored, "unknown packet type"},
		{"29", ignored, ""},
		{"2", ignored, ""},
		{"2/chat,", ignored, ""},
		{"2a", "invalid payload", ""},
		{`2["a"`, "invalid payload", ""},
		{`2["x",]`, "invalid payload", ""},
		{`2["a","b"]x`, "invalid payload", ""},
		{`2-1["a"]`, "invalid payload", ""},
		{`21.5["ev"]`, "invalid payload", ""},
		{`2{}`, "invalid payload", ""},
		{`2[null]`, "invalid payload", ""},
		{`2[true]`, "invalid payload", ""},
		{`2[{}]`, "invalid payload", ""},
		{`20[]`, "invalid payload", ""},
		{deep, "invalid payload", ""},
		{`2[1]`, "event", ""},
		{"3", ignored, ""},
		{"3[]", ignored, ""},
		{"30[1]", "ack", ""},
		{"30", "ack", ""},
		{"3a[]", "invalid payload", ""},
		{"30{}", "invalid payload", ""},
		{"3-1[]", "invalid payload", ""},
		{"4", "error", ""},
		{`4"x"`, "error", ""},
		{"4x", "invalid payload", ""},
		{"5", "Illegal attachments", ""},
		{"5-", "Illegal attachments", ""},
		{"51", "Illegal attachments", ""},
		{`51["x"]`, "Illegal attachments", ""},
		{`5-1-["x"]`, "Illegal attachments", ""},
		{`51.5-["x"]`, "Illegal attachments", ""},
		{"6", "Illegal attachments", ""},
		{"51-", waiting, ""},
		{"510-", waiting, ""},
		{"511-", "too many attachments", ""},
		{`5555-["x"]`, "too many attachments", ""},
		{"5" + strings.Repeat("9", 99) + "-", "too many attachments", ""},
		{"311-0[]", "too many attachments", "invalid payload"},
		{`50-["x"]`, "event", "Illegal attachments"},
		{`60-1[]`, "ack", "Illegal attachments"},
		{`51-["x",{"_placeholder":true,"num":0}]`, waiting, ""},
		{`51-["x",{"_placeholder":true,"num":1}]`, "illegal attachments", ""},
		{`51-["x",{"_placeholder":true,"num":-1}]`, "illegal attachments", ""},
		{`51-["x",{"_placeholder":true}]`, "illegal attachments", ""},
		{`50-["x",{"_placeholder":true,"num":0}]`, "illegal attachments", "Illegal attachments"},
		{`61-1[{"_placeholder":true,"num":1}]`, "illegal attachments", ""},
		{`31-1[{"_placeholder":true,"num":1}]`, "illegal attachments", "invalid payload"},
		{`2["connect"]`, "event", "invalid payload"},
		{`2["connect_error"]`, "event", "invalid payload"},
		{`2["disconnect",1]`, "event", "invalid payload"},
		{`2["disconnecting"]`, "event", "invalid payload"},
		{`2["newListener"]`, "event", "invalid payload"},
		{`2["removeListener"]`, "event", "invalid payload"},
		{`2["connection"]`, "event", ""},
		{`2["x",{"_placeholder":true,"num":9}]`, "event", ""},
		{`2123456789012345["x"]`, "event", ""},
		{`21234567890123456["x"]`, "illegal id", ""},
		{"1/chat", "disconnect", ""},
		{`1["x"]`, "disconnect", "invalid payload"},
		{`1{}`, "invalid payload", ""},
		{`0["x"]`, "connect", "invalid payload"},
		{`0{"a":1}`, "invalid payload", "connect"},
		{`0{"a":1`, "invalid payload", ""},
		{`0null`, "invalid payload", ""},
		{`0"x"`, "invalid payload", ""},
	} {
		for _, style := range []string{"2.x", "4.x"} {
			t.Run(style+"/"+tc.text[:min(len(tc.text), 40)], func(t *testing.T) {
				t.Parallel()
				want := tc.want
				if style == "4.x" && tc.strict != "" {
					want = tc.strict
				}
				d := NewDecoder(styles[style], Limits{})
				p, err := d.Text([]byte(tc.text))
				if got := outcome(d, p, err); got != want {
					t.Errorf("%s, want %s", got, want)
				}
				if err != nil && d.Pending() {
					t.Error("pending after an error")
				}
			})
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		want       packet.Packet
	}{
		{"escaped name", `2["a\u00e9\"",1]`, packet.Packet{Type: packet.Event, Name: `aé"`, Args: []byte("1")}},
		{"number as name", `2[-1.50e1]`, packet.Packet{Type: packet.Event, Name: "-15"}},
		{"zero as name", `2[-0]`, packet.Packet{Type: packet.Event, Name: "0"}},
		{"empty name", `2[""]`, packet.Packet{Type: packet.Event}},
		{"white space", "2 [ \"a\" , 1 , 2 ]\n", packet.Packet{Type: packet.Event, Name: "a", Args: []byte("1 , 2")}},
		{"leading zeros of an id", `2007["a"]`, packet.Packet{Type: packet.Event, Name: "a", ID: 7, HasID: true}},
		{"leading zeros of a count", `5000-["a"]`, packet.Packet{Type: packet.Event, Name: "a"}},
		{"error without data", `4`, packet.Packet{Type: packet.Error}},
		{"error in white space", `4 1 `, packet.Packet{Type: packet.Error, Data: []byte("1")}},
		{"default namespace by name", `0/,`, packet.Packet{Type: packet.Connect}},
		{"default namespace with a query", `0/?a=b,`, packet.Packet{Type: packet.Connect, Query: "a=b"}},
		{"second question mark", `0/c?a=b?c`, packet.Packet{Type: packet.Connect, Namespace: "/c", Query: "a=b?c"}},
		{"question mark in an event's namespace", `2/c?a,["x"]`, packet.Packet{Type: packet.Event, Namespace: "/c?a", Name: "x"}},
		{"id of a connect", `0/c,5`, packet.Packet{Type: packet.Connect, Namespace: "/c"}},
		{"ack of protocol 3 in a namespace", `30-/c,4["x"]`, packet.Packet{Type: packet.Ack, Namespace: "/c", ID: 4, HasID: true, Args: []byte(`"x"`)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if tc.want.Namespace == "" {
				tc.want.Namespace = packet.DefaultNamespace
			}
			got, err := NewDecoder(styles["2.x"], Limits{}).Text([]byte(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("packet (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReassembly(t *testing.T) {
	t.Parallel()
	const one, two = `51-["a",{"_placeholder":true,"num":0}]`, `52-["a",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`
	for _, tc := range []struct {
		name   string
		limits Limits
		texts  []string // a message that starts with "b" is binary
		want   []string
	}{
		{"text while attachments are missing", Limits{}, []string{one, `2["b"]`}, []string{waiting, "got plaintext data when reconstructing a packet"}},
		{"unknown type while attachments are missing", Limits{}, []string{one, `x`}, []string{waiting, "got plaintext data when reconstructing a packet"}},
		{"binary at the start", Limits{}, []string{"b"}, []string{"got binary data when not reconstructing a packet"}},
		{"binary after the last", Limits{}, []string{one, "b", "b"}, []string{waiting, "event", "got binary data when not reconstructing a packet"}},
		{"two in reverse", Limits{}, []string{two, "b1", "b2"}, []string{waiting, waiting, "event"}},
		{"nothing kept after an error", Limits{}, []string{one, "2", "b", one, "b"}, []string{waiting, "got plaintext data when reconstructing a packet", "got binary data when not reconstructing a packet", waiting, "event"}},
		{"event without a name", Limits{}, []string{"52-", "b", "b", `2["a"]`}, []string{waiting, waiting, ignored, "event"}},
		{"ack without an id", Limits{}, []string{"61-[]", "b"}, []string{waiting, ignored}},
		{"ack of protocol 3", Limits{}, []string{`31-0[{"_placeholder":true,"num":0}]`, "b"}, []string{waiting, "ack"}},
		{"fewer attachments allowed", Limits{MaxAttachments: 1}, []string{one, "b", two}, []string{waiting, "event", "too many attachments"}},
		{"none allowed", Limits{MaxAttachments: -1}, []string{one}, []string{"too many attachments"}},
		{"bytes at the limit", Limits{MaxPendingBytes: len(one) + 2}, []string{one, "b12"}, []string{waiting, "event"}},
		{"bytes over the limit", Limits{MaxPendingBytes: len(one) + 2}, []string{one, "b123", "b"}, []string{waiting, "attachments too large", "got binary data when not reconstructing a packet"}},
		{"text over the limit", Limits{MaxPendingBytes: 20}, []string{one}, []string{"attachments too large"}},
		{"bytes of what is ignored", Limits{MaxPendingBytes: 5}, []string{"52-", "b1", "b23"}, []string{waiting, waiting, "attachments too large"}},
		{"no limit without attachments", Limits{MaxPendingBytes: 2}, []string{`2["a"]`}, []string{"event"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := NewDecoder(styles["2.x"], tc.limits)
			var got []string
			for _, m := range tc.texts {
				data, binary := strings.CutPrefix(m, "b")
				decode := d.Text
				if binary {
					decode = d.Binary
				}
				p, err := decode([]byte(data))
				got = append(got, outcome(d, p, err))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	d := NewDecoder(styles["2.x"], Limits{})
	for _, step := range []struct {
		text string
		want Seen
	}{
		{`0`, 0},
		{`2["a"]`, 0},
		{`2/chat,["a"]`, 0},
		{`30["a"]`, 0},
		{`51-["a"]`, 0},
		{`0/chat`, SeenNamespaceBare},
		{`30-1[]`, SeenNamespaceBare | SeenProtocol3Ack},
		{`1/chat,`, SeenNamespaceBare | SeenProtocol3Ack | SeenNamespaceComma},
	} {
		if _, err := d.Text([]byte(step.text)); err != nil {
			t.Fatal(err)
		}
		if d.Pending() {
			if _, err := d.Binary(nil); err != nil {
				t.Fatal(err)
			}
		}
		if d.Seen() != step.want {
			t.Errorf("after %q: %b, want %b", step.text, d.Seen(), step.want)
		}
	}
	if !d.Seen().Has(SeenNamespaceBare|SeenNamespaceComma) || SeenProtocol3Ack.Has(SeenNamespaceBare) {
		t.Error("Has")
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	_, err := NewDecoder(Style{}, Limits{}).Text([]byte(`2["secret",x]`))
	if !errors.Is(err, &Error{Kind: KindPayload}) || errors.Is(err, &Error{Kind: KindEmpty}) {
		t.Errorf("%v is of another kind", err)
	}
	var syntax *packet.SyntaxError
	if !errors.As(err, &syntax) {
		t.Errorf("%v has no cause", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "grammar: invalid payload: ") || strings.Contains(text, "secret") {
		t.Errorf("text %q", text)
	}
	if text := fault(KindEmpty).Error(); text != "grammar: empty packet" {
		t.Errorf("text %q", text)
	}
	if text := Kind(200).String(); text != "unknown error" {
		t.Errorf("text %q", text)
	}
}

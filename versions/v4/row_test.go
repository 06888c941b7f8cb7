package v4

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/grammar"
	"github.com/heirloom-io/socketio/packet"
)

// TestDialect narrows the release down by what the first request has shown, the
// surest sign first.
func TestDialect(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		traits client.Traits
		want   string
	}{
		{"nothing, as a websocket from the first request", client.Traits{}, "3.0-4.8"},
		{"a stamp of the old form", client.Traits{Stamped: true}, "3.0-4.7"},
		{"a stamp of 1.0-1.3, which somebody else has made", client.Traits{Stamped: true, DateStamp: true}, "3.0-4.7"},
		{"scripts", client.Traits{Stamped: true, JSONP: true}, "3.0-4.2"},
		{"a stamp of 4.8", client.Traits{Stamped: true, RandomStamp: true}, "4.8"},
	} {
		if got := Row.Dialect(tc.traits); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestStyle writes packets as 4.8.1 does; the bytes are from runs of its server.
func TestStyle(t *testing.T) {
	t.Parallel()
	placeholder := []byte(`{"_placeholder":true,"num":0}`)
	for _, tc := range []struct {
		p    packet.Packet
		want []string // binary frames begin with "bin:"
	}{
		{packet.Packet{Type: packet.Connect, Namespace: "/", Data: []byte(`{"sid":"a8q8OcEgX50k7IF2AAAA"}`)}, []string{`40{"sid":"a8q8OcEgX50k7IF2AAAA"}`}},
		{packet.Packet{Type: packet.Connect, Namespace: "/admin", Data: []byte(`{"sid":"x"}`)}, []string{`40/admin,{"sid":"x"}`}},
		{packet.Packet{Type: packet.Disconnect, Namespace: "/"}, []string{"41"}},
		{packet.Packet{Type: packet.Disconnect, Namespace: "/admin"}, []string{"41/admin,"}},
		{packet.Packet{Type: packet.Error, Namespace: "/nope", Name: "Invalid namespace"}, []string{`44/nope,{"message":"Invalid namespace"}`}},
		{packet.Packet{Type: packet.Error, Namespace: "/", Name: "not authorized", Data: []byte(`{"code":"E42"}`)}, []string{`44{"message":"not authorized","data":{"code":"E42"}}`}},
		{packet.Packet{Type: packet.Event, Namespace: "/", Name: "é", Args: []byte(`"€"`)}, []string{`42["é","€"]`}},
		{packet.Packet{Type: packet.Ack, Namespace: "/", ID: 0, HasID: true, Args: []byte(`1`)}, []string{`430[1]`}},
		{packet.Packet{Type: packet.Event, Namespace: "/", Name: "b", Args: placeholder, Attachments: [][]byte{{1, 2, 3}}}, []string{`451-["b",{"_placeholder":true,"num":0}]`, "bin:\x01\x02\x03"}},
		{packet.Packet{Type: packet.Ack, Namespace: "/", ID: 2, HasID: true, Args: placeholder, Attachments: [][]byte{{}}}, []string{`461-2[{"_placeholder":true,"num":0}]`, "bin:"}},
	} {
		frames, err := grammar.NewEncoder(Row.Style).Encode(&tc.p)
		if err != nil {
			t.Error(err)
		}
		var got []string
		for i := range frames {
			text := string(frames[i].Data)
			if frames[i].Binary {
				text = "bin:" + text
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// TestDecode takes what 4.8.1 takes and refuses what it refuses.
func TestDecode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want *packet.Packet // nil for a fault
	}{
		{`0{"token":"123"}`, &packet.Packet{Type: packet.Connect, Namespace: "/", Data: []byte(`{"token":"123"}`)}},
		{"0/admin", &packet.Packet{Type: packet.Connect, Namespace: "/admin"}},
		{"0/admin?a=b,", &packet.Packet{Type: packet.Connect, Namespace: "/admin?a=b"}},
		{"1/admin,", &packet.Packet{Type: packet.Disconnect, Namespace: "/admin"}},
		{`27["x"]`, &packet.Packet{Type: packet.Event, Namespace: "/", ID: 7, HasID: true, Name: "x"}},
		{"30[]", &packet.Packet{Type: packet.Ack, Namespace: "/", HasID: true}},
		{"0[1]", nil},
		{"1[]", nil},
		{"30-0[]", nil},
		{`2["connect"]`, nil},
		{`50-["x"]`, nil},
		{`511-["x"]`, nil},
		{"7", nil},
	} {
		got, err := grammar.NewDecoder(Row.Style, grammar.Limits{}).Text([]byte(tc.text))
		if (err != nil) != (tc.want == nil) {
			t.Errorf("%s: %v", tc.text, err)
		}
		if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.text, diff)
		}
	}
}

// TestRow: who these clients are is certain, and what they mean stands in their
// packets, so that nothing is done for them unasked.
func TestRow(t *testing.T) {
	t.Parallel()
	if !Row.Certain || Row.ImplicitRoot || Row.ASCIIBodies || Row.ASCIIFrames {
		t.Errorf("%+v", Row)
	}
	if len(Row.Revisions) != 1 || Row.Revisions[0].Number != 4 {
		t.Errorf("revisions %v", Row.Revisions)
	}
	if !Row.ID.Features().Has(packet.FeatureOwnIDs | packet.FeatureBinary | packet.FeatureAcks) {
		t.Errorf("features %v", Row.ID.Features())
	}
}

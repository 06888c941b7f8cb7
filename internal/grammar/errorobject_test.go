package grammar

import (
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

// TestErrorObject writes what refuses a connect as releases disagree on it. The
// objects are those a genuine 4.8.1 sent, see the specification of 3.x and 4.x.
func TestErrorObject(t *testing.T) {
	t.Parallel()
	object := Style{MessagePrefix: '4', BareNamespaceComma: true, ConnectPayload: true, ErrorObject: true, Strict: true}
	ascii := object
	ascii.ASCII = true
	for _, tc := range []struct {
		name                  string
		packet                packet.Packet
		object, ascii, before string
	}{
		{
			"unknown namespace",
			packet.Packet{Type: packet.Error, Namespace: "/nope", Name: "Invalid namespace"},
			`44/nope,{"message":"Invalid namespace"}`, `44/nope,{"message":"Invalid namespace"}`, `44/nope,"Invalid namespace"`,
		},
		{
			"data too",
			packet.Packet{Type: packet.Error, Namespace: "/", Name: "not authorized", Data: []byte(`{"code":"é"}`)},
			`44{"message":"not authorized","data":{"code":"é"}}`, `44{"message":"not authorized","data":{"code":"\u00e9"}}`, `44{"code":"é"}`,
		},
		{
			"no message",
			packet.Packet{Type: packet.Error, Namespace: "/a", Data: []byte(`1`)},
			`44/a,{"message":"","data":1}`, `44/a,{"message":"","data":1}`, `44/a,1`,
		},
		{
			"nothing",
			packet.Packet{Type: packet.Error, Namespace: "/a"},
			`44/a,{"message":""}`, `44/a,{"message":""}`, `44/a,`,
		},
		{
			"a message that needs escapes",
			packet.Packet{Type: packet.Error, Namespace: "/", Name: "\"é\"\n"},
			`44{"message":"\"é\"\n"}`, `44{"message":"\"\u00e9\"\n"}`, `44"\"é\"\n"`,
		},
	} {
		for style, want := range map[Style]string{object: tc.object, ascii: tc.ascii, styles["2.x"]: tc.before} {
			got, err := NewEncoder(style).AppendText(nil, &tc.packet)
			if err != nil || string(got) != want {
				t.Errorf("%s: %s, %v; want %s", tc.name, got, err, want)
			}
		}
	}
}

// TestConnectPayload writes the payload of a connect only where it has a place.
func TestConnectPayload(t *testing.T) {
	t.Parallel()
	p := packet.Packet{Type: packet.Connect, Namespace: "/admin", Data: []byte(`{"sid":"x"}`)}
	for style, want := range map[string]string{"1.x": "40/admin", "2.x": "40/admin,", "4.x": `40/admin,{"sid":"x"}`} {
		if got, err := NewEncoder(styles[style]).AppendText(nil, &p); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", style, got, err, want)
		}
	}
}

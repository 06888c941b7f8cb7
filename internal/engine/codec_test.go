package engine

import (
	"strings"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

func TestBodyTypeOfPolls(t *testing.T) {
	t.Parallel()
	small := &packet.Frame{Data: []byte(`42["a"]`)}
	large := &packet.Frame{Data: []byte(`42["` + strings.Repeat("a", maxText3) + `"]`)}
	binary := &packet.Frame{Data: []byte{4, 1}, Binary: true}
	foreign := &packet.Frame{Data: []byte("40/é")}
	tests := []struct {
		name   string
		record Record
		known  Tri
		frame  *packet.Frame
		octet  bool
	}{
		{name: "text", frame: small},
		{name: "binary", frame: binary, octet: true},
		{name: "binary for base64", record: Record{Base64: true}, frame: binary},
		{name: "binary for jsonp", record: Record{JSONP: "0"}, frame: binary},
		{name: "browser of 1.0-1.3", record: Record{OctetOnly: true}, frame: small, octet: true},
		{name: "text that cannot be ASCII", frame: foreign, octet: true},
		{name: "large, browser of 1.4-2.x", record: Record{Stamped: true}, frame: large, octet: true},
		{name: "large, known to be 1.x", record: Record{Stamped: true}, known: Yes, frame: large, octet: true},
		{name: "large, known to be 2.x", record: Record{Stamped: true}, known: No, frame: large},
		{name: "large, no browser", frame: large},
	}
	for i := range tests {
		test := &tests[i]
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.record.SetDoubleText(test.known)
			if _, octet := (payload3{}).join(nil, []*packet.Frame{test.frame}, Revision3, &test.record); octet != test.octet {
				t.Errorf("octet-stream is %v, want %v", octet, test.octet)
			}
		})
	}
}

package compat

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
)

const (
	full    = sinceBinary
	colon   = sinceColon
	minimal = packet.Feature(0)
)

func TestDegrade(t *testing.T) {
	t.Parallel()
	event := func(change func(*packet.Packet)) *packet.Packet {
		p := &packet.Packet{Type: packet.Event, Namespace: "/", Name: "news", Args: []byte(`1,"two"`), Volatile: true}
		if change != nil {
			change(p)
		}
		return p
	}
	asking := func(p *packet.Packet) { p.ID, p.HasID = 7, true }
	binary := func(p *packet.Packet) {
		p.Args = []byte(`{"a":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":0}`)
		p.Attachments = [][]byte{{1, 2}, {0xff}}
	}
	inText := func(p *packet.Packet) {
		p.Args = []byte(`{"a":{"base64":true,"data":"/w=="}},{"base64":true,"data":"AQI="}`)
	}
	chat := func(p *packet.Packet) { p.Namespace = "/chat" }
	ack := &packet.Packet{Type: packet.Ack, Namespace: "/", ID: 3, HasID: true}
	binaryAck := *ack
	binary(&binaryAck)
	textAck := *ack
	inText(&textAck)
	connect := &packet.Packet{Type: packet.Connect, Namespace: "/"}

	tests := []struct {
		name string
		in   *packet.Packet
		have packet.Feature
		want *packet.Packet
		err  error
	}{
		{name: "nothing to lose", in: event(asking), have: full, want: event(asking)},
		{name: "binary kept", in: event(binary), have: full, want: event(binary)},
		{name: "binary in text", in: event(binary), have: colon, want: event(inText)},
		{name: "binary ack in text", in: &binaryAck, have: colon, want: &textAck},
		{name: "binary for the oldest", in: event(binary), have: minimal, want: event(inText)},
		{name: "the question dropped", in: event(asking), have: minimal, want: event(nil)},
		{name: "an ack dropped", in: ack, have: minimal, want: nil},
		{name: "an ack kept", in: ack, have: colon, want: ack},
		{name: "connect kept", in: connect, have: colon, want: connect},
		{name: "connect dropped", in: connect, have: minimal, want: nil},
		{name: "error dropped", in: &packet.Packet{Type: packet.Error, Namespace: "/"}, have: minimal, want: nil},
		{name: "namespace kept", in: event(chat), have: colon, want: event(chat)},
		{
			name: "namespace impossible", in: event(chat), have: minimal,
			err: &UnsupportedError{Feature: packet.FeatureNamespaces},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := *tt.in
			got, err := Degrade(tt.in, tt.have)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, *tt.in); diff != "" {
				t.Errorf("the packet was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestDegradeBadPlaceholder(t *testing.T) {
	t.Parallel()
	p := &packet.Packet{
		Type: packet.Event, Namespace: "/", Name: "x",
		Args: []byte(`{"_placeholder":true,"num":5}`), Attachments: [][]byte{{1}},
	}
	if _, err := Degrade(p, colon); err == nil {
		t.Error("Degrade took a placeholder without attachment")
	}
	if _, err := MessageOf(p); err == nil {
		t.Error("MessageOf took a placeholder without attachment")
	}
}

func TestUnsupportedError(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for f := packet.Feature(1); f < 1<<5; f <<= 1 {
		err := error(&UnsupportedError{Feature: f})
		if seen[err.Error()] {
			t.Errorf("feature %b has no text of its own", f)
		}
		seen[err.Error()] = true
		if errors.Is(err, &UnsupportedError{}) {
			t.Errorf("feature %b counts as another", f)
		}
	}
}

package engine

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFramingDecode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		framing *Framing
		binary  bool
		message string
		want    Packet
		bad     bool
	}{
		{name: "3: message", framing: Framing3, message: "4hi", want: Packet{Type: PacketMessage, Data: []byte("hi")}},
		{name: "3: probe", framing: Framing3, message: "2probe", want: Packet{Type: PacketPing, Data: []byte("probe")}},
		{name: "3: bare noop", framing: Framing3, message: "6", want: Packet{Type: PacketNoop, Data: []byte{}}},
		{name: "3: base64", framing: Framing3, message: "b4AQIDBA==", want: Packet{Type: PacketMessage, Binary: true, Data: []byte{1, 2, 3, 4}}},
		{name: "3: base64 without padding", framing: Framing3, message: "b4BQ", want: Packet{Type: PacketMessage, Binary: true, Data: []byte{5}}},
		{name: "3: base64 without data", framing: Framing3, message: "b4", want: Packet{Type: PacketMessage, Binary: true, Data: []byte{}}},
		{name: "3: base64 without type", framing: Framing3, message: "b", bad: true},
		{name: "3: base64 of an unknown type", framing: Framing3, message: "b7AQ==", bad: true},
		{name: "3: bad base64", framing: Framing3, message: "b4A*==", bad: true},
		{name: "3: base64 of a fifth of a byte", framing: Framing3, message: "b4AQIDB", bad: true},
		{name: "3: empty", framing: Framing3, message: "", bad: true},
		{name: "3: digit 7", framing: Framing3, message: "7", bad: true},
		{name: "3: below the digits", framing: Framing3, message: "/", bad: true},
		{name: "3: letter", framing: Framing3, message: "abc", bad: true},
		{name: "3: binary message", framing: Framing3, binary: true, message: "\x04\x01\xff", want: Packet{Type: PacketMessage, Binary: true, Data: []byte{1, 0xff}}},
		{name: "3: binary with an ASCII type", framing: Framing3, binary: true, message: "4\x01", bad: true},
		{name: "3: binary type 7", framing: Framing3, binary: true, message: "\x07", bad: true},
		{name: "3: binary, empty", framing: Framing3, binary: true, message: "", bad: true},
		{name: "4: message", framing: Framing4, message: "4hi", want: Packet{Type: PacketMessage, Data: []byte("hi")}},
		{name: "4: base64", framing: Framing4, message: "bAQIDBA==", want: Packet{Type: PacketMessage, Binary: true, Data: []byte{1, 2, 3, 4}}},
		{name: "4: base64 without data", framing: Framing4, message: "b", want: Packet{Type: PacketMessage, Binary: true, Data: []byte{}}},
		{name: "4: empty", framing: Framing4, message: "", bad: true},
		{name: "4: binary", framing: Framing4, binary: true, message: "\x07\x01", want: Packet{Type: PacketMessage, Binary: true, Data: []byte{7, 1}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			decode := tc.framing.DecodeText
			if tc.binary {
				decode = tc.framing.DecodeBinary
			}
			got, err := decode([]byte(tc.message))
			if errors.Is(err, ErrPacket) != tc.bad {
				t.Fatalf("error %v, want one: %v", err, tc.bad)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("packet (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFramingAppend(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		got  []byte
		want string
	}{
		{"pong", Framing3.AppendText([]byte("x"), PacketPong, []byte("probe")), "x3probe"},
		{"3: binary", Framing3.AppendBinary(nil, PacketMessage, []byte{1}), "\x04\x01"},
		{"4: binary", Framing4.AppendBinary(nil, PacketMessage, []byte{1}), "\x01"},
		{"3: base64", Framing3.AppendBase64([]byte("x"), []byte{4, 1, 2, 3, 4}), "xb4AQIDBA=="},
		{"3: base64 of nothing", Framing3.AppendBase64(nil, nil), "b4"},
		{"4: base64", Framing4.AppendBase64(nil, []byte{1, 2, 3, 4}), "bAQIDBA=="},
	} {
		if string(tc.got) != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}

func TestPacketTypeString(t *testing.T) {
	t.Parallel()
	for typ, want := range map[PacketType]string{PacketOpen: "open", PacketNoop: "noop", 7: "unknown"} {
		if got := typ.String(); got != want {
			t.Errorf("%d: %q, want %q", typ, got, want)
		}
	}
}

func FuzzFraming(f *testing.F) {
	for _, v := range loadPayloadVectors(f) {
		for _, p := range v.Packets {
			f.Add([]byte(p.Data), p.Binary)
		}
	}
	f.Fuzz(func(t *testing.T, message []byte, binary bool) {
		for _, framing := range []*Framing{Framing3, Framing4} {
			decode := framing.DecodeText
			if binary {
				decode = framing.DecodeBinary
			}
			p, err := decode(message)
			if err != nil {
				if !errors.Is(err, ErrPacket) {
					t.Fatalf("foreign error %v", err)
				}
				continue
			}
			switch {
			case binary:
				if back := framing.AppendBinary(nil, p.Type, p.Data); !bytes.Equal(back, message) {
					t.Fatalf("%q became %q", message, back)
				}
			case p.Binary:
				again, err := framing.DecodeText(framing.AppendBase64(nil, framing.AppendBinary(nil, p.Type, p.Data)))
				if err != nil || again.Type != p.Type || !bytes.Equal(again.Data, p.Data) {
					t.Fatalf("%q became %v, %v", message, again, err)
				}
			default:
				if back := framing.AppendText(nil, p.Type, p.Data); !bytes.Equal(back, message) {
					t.Fatalf("%q became %q", message, back)
				}
			}
		}
	})
}

package engine

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// payloadVector is one body as it was seen on the wire. In the file every
// character of body, data and text stands for the byte of that value.
type payloadVector struct {
	Name    string         `json:"name"`
	From    string         `json:"from"` // release, transport
	Codec   string         `json:"codec"`
	Body    wireBytes      `json:"body"`
	Packets []vectorPacket `json:"packets"`
	// Text is what DecodeDouble makes of the first packet, if it is for it.
	Text wireBytes `json:"text"`
}

type vectorPacket struct {
	Binary bool      `json:"binary"`
	Data   wireBytes `json:"data"`
}

type wireBytes []byte

func (w *wireBytes) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	for _, r := range s {
		*w = append(*w, byte(r))
	}
	return nil
}

// payloadCodec is what the tests want of a codec.
type payloadCodec struct {
	decode func([]byte, PayloadLimits) ([]RawPacket, error)
	encode func(dst []byte, p RawPacket) []byte // nil: decoded only
}

var payloadCodecs = map[string]payloadCodec{
	"text": {
		decode: func(b []byte, lim PayloadLimits) ([]RawPacket, error) {
			out, err := DecodePayloadText(b, lim)
			return rawTexts(out), err
		},
		encode: func(dst []byte, p RawPacket) []byte { return AppendPayloadText(dst, p.Data) },
	},
	"binary": {
		decode: DecodePayloadBinary,
		encode: func(dst []byte, p RawPacket) []byte { return AppendPayloadBinary(dst, p.Data, p.Binary) },
	},
	"4": {
		decode: func(b []byte, lim PayloadLimits) ([]RawPacket, error) {
			out, err := DecodePayload4(b, lim)
			return rawTexts(out), err
		},
		encode: func(dst []byte, p RawPacket) []byte { return AppendPayload4(dst, p.Data) },
	},
	"form": {
		decode: func(b []byte, lim PayloadLimits) ([]RawPacket, error) {
			payload, ok, err := DecodeJSONPForm(b, lim.MaxBytes)
			if !ok || err != nil {
				return nil, err
			}
			out, err := DecodePayloadText(payload, lim)
			return rawTexts(out), err
		},
	},
}

func rawTexts(texts [][]byte) []RawPacket {
	var out []RawPacket
	for _, t := range texts {
		out = append(out, RawPacket{Data: t})
	}
	return out
}

func (c payloadCodec) encodeAll(packets []RawPacket) []byte {
	var b []byte
	for _, p := range packets {
		b = c.encode(b, p)
	}
	return b
}

func loadPayloadVectors(tb testing.TB) []payloadVector {
	tb.Helper()
	b, err := os.ReadFile("testdata/payloads.json")
	if err != nil {
		tb.Fatal(err)
	}
	var out []payloadVector
	if err := json.Unmarshal(b, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestPayloadVectors(t *testing.T) {
	t.Parallel()
	for _, v := range loadPayloadVectors(t) {
		t.Run(v.Codec+"/"+v.Name+", "+v.From, func(t *testing.T) {
			t.Parallel()
			codec := payloadCodecs[v.Codec]
			got, err := codec.decode(v.Body, PayloadLimits{})
			if err != nil {
				t.Fatal(err)
			}
			var want []RawPacket
			for _, p := range v.Packets {
				want = append(want, RawPacket{Binary: p.Binary, Data: p.Data})
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("decoded (-want +got):\n%s", diff)
			}
			if v.Text != nil {
				text, ok := DecodeDouble(got[0].Data)
				if !ok || !bytes.Equal(text, v.Text) {
					t.Errorf("DecodeDouble = %q, %v; want %q", text, ok, v.Text)
				}
				if back := EncodeDouble(nil, text); !bytes.Equal(back, got[0].Data) {
					t.Errorf("EncodeDouble = %q, want %q", back, got[0].Data)
				}
			}
			for _, p := range got {
				decodeVectorPacket(t, v.Codec, p)
			}
			if codec.encode == nil {
				return
			}
			if body := codec.encodeAll(got); !bytes.Equal(body, v.Body) {
				t.Errorf("encoded again: %q\nwant %q", body, v.Body)
			}
			truncatePayload(t, codec, v.Body, got)
		})
	}
}

// decodeVectorPacket takes a packet through its framing and back.
func decodeVectorPacket(t *testing.T, codec string, p RawPacket) {
	t.Helper()
	framing := Framing3
	if codec == "4" {
		framing = Framing4
	}
	decode := framing.DecodeText
	if p.Binary {
		decode = framing.DecodeBinary
	}
	pkt, err := decode(p.Data)
	if err != nil {
		t.Errorf("packet %q: %v", p.Data, err)
		return
	}
	var back []byte
	switch {
	case p.Binary:
		back = framing.AppendBinary(nil, pkt.Type, pkt.Data)
	case pkt.Binary:
		back = framing.AppendBase64(nil, framing.AppendBinary(nil, pkt.Type, pkt.Data))
	default:
		back = framing.AppendText(nil, pkt.Type, pkt.Data)
	}
	if !bytes.Equal(back, p.Data) {
		t.Errorf("packet encoded again: %q, want %q", back, p.Data)
	}
}

// truncatePayload cuts a body short at every byte. What comes out must be a
// start of what comes out of the whole, and no error may only mean that the cut
// fell between two packets, or within the last one where the codec has no
// lengths.
func truncatePayload(t *testing.T, codec payloadCodec, body []byte, whole []RawPacket) {
	t.Helper()
	for i := range body {
		got, err := codec.decode(bytes.Clone(body[:i]), PayloadLimits{})
		if len(got) > len(whole) {
			t.Fatalf("%d packets out of the first %d bytes", len(got), i)
		}
		for j, p := range got {
			last := err == nil && j == len(got)-1
			if p.Binary != whole[j].Binary ||
				!bytes.Equal(p.Data, whole[j].Data) && (!last || !bytes.HasPrefix(whole[j].Data, p.Data)) {
				t.Fatalf("first %d bytes: packet %d is %q", i, j, p.Data)
			}
		}
		if err == nil && !bytes.Equal(codec.encodeAll(got), body[:i]) {
			t.Fatalf("first %d bytes: no error, but the packets are not all of it", i)
		}
	}
}

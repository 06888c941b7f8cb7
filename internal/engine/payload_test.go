package engine

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestPayloadFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, codec, body string
		lim               PayloadLimits
		want              []string // packets before the fault
		err               error
	}{
		{name: "text, empty", codec: "text", body: "", err: ErrPayload},
		{name: "text, garbage", codec: "text", body: "abc", err: ErrPayload},
		{name: "text, no digits", codec: "text", body: ":2:4a", err: ErrPayload},
		{name: "text, no colon", codec: "text", body: "12", err: ErrPayload},
		{name: "text, negative", codec: "text", body: "-1:4", err: ErrPayload},
		{name: "text, too short", codec: "text", body: "3:4a", err: ErrPayload},
		{name: "text, fault after a packet", codec: "text", body: "2:4ax", want: []string{"4a"}, err: ErrPayload},
		{name: "text, ten digits", codec: "text", body: "0000000002:4a", want: []string{"4a"}},
		{name: "text, eleven digits", codec: "text", body: "00000000002:4a", err: ErrPayload},
		{name: "text, huge length", codec: "text", body: "9999999999:4a", err: ErrPayload},
		{name: "text, empty element", codec: "text", body: "0:2:4a0:", want: []string{"4a"}},
		{name: "text, cut within a pair", codec: "text", body: "2:4😀", err: ErrPayload},
		{name: "text, cut after a pair", codec: "text", body: "3:4😀2:4é", want: []string{"4😀", "4é"}},
		{name: "text, long with a late pair", codec: "text", body: "18:4" + strings.Repeat("a", 15) + "😀", want: []string{"4" + strings.Repeat("a", 15) + "😀"}},
		{name: "text, packets at the limit", codec: "text", body: "1:61:6", lim: PayloadLimits{MaxPackets: 2}, want: []string{"6", "6"}},
		{name: "text, too many packets", codec: "text", body: "1:61:61:6", lim: PayloadLimits{MaxPackets: 2}, want: []string{"6", "6"}, err: ErrPayloadLimit},
		{name: "text, bytes at the limit", codec: "text", body: "1:6", lim: PayloadLimits{MaxBytes: 3}, want: []string{"6"}},
		{name: "text, too many bytes", codec: "text", body: "2:4a", lim: PayloadLimits{MaxBytes: 3}, err: ErrPayloadLimit},

		{name: "binary, empty", codec: "binary", body: ""},
		{name: "binary, unknown kind", codec: "binary", body: "\x02\x01\xff6", err: ErrPayload},
		{name: "binary, no digits", codec: "binary", body: "\x00\xff6", err: ErrPayload},
		{name: "binary, ASCII digit", codec: "binary", body: "\x001\xff6", err: ErrPayload},
		{name: "binary, no end mark", codec: "binary", body: "\x00\x01", err: ErrPayload},
		{name: "binary, too short", codec: "binary", body: "\x00\x02\xff6", err: ErrPayload},
		{name: "binary, eleven digits", codec: "binary", body: "\x00" + strings.Repeat("\x00", 10) + "\x01\xff6", err: ErrPayload},
		{name: "binary, empty element", codec: "binary", body: "\x01\x00\xff\x00\x01\xff6", want: []string{"6"}},
		{name: "binary, fault after a packet", codec: "binary", body: "\x00\x01\xff6\x07", want: []string{"6"}, err: ErrPayload},
		{name: "binary, too many packets", codec: "binary", body: "\x00\x01\xff6\x00\x01\xff6", lim: PayloadLimits{MaxPackets: 1}, want: []string{"6"}, err: ErrPayloadLimit},
		{name: "binary, too many bytes", codec: "binary", body: "\x00\x01\xff6", lim: PayloadLimits{MaxBytes: 3}, err: ErrPayloadLimit},

		{name: "4, empty", codec: "4", body: "", err: ErrPayload},
		{name: "4, empty at the start", codec: "4", body: "\x1e6", err: ErrPayload},
		{name: "4, empty at the end", codec: "4", body: "6\x1e", want: []string{"6"}, err: ErrPayload},
		{name: "4, too many packets", codec: "4", body: "6\x1e6", lim: PayloadLimits{MaxPackets: 1}, want: []string{"6"}, err: ErrPayloadLimit},
		{name: "4, too many bytes", codec: "4", body: "6\x1e6", lim: PayloadLimits{MaxBytes: 2}, err: ErrPayloadLimit},

		{name: "form, no field", codec: "form", body: "x=1"},
		{name: "form, empty field", codec: "form", body: "d=", err: ErrPayload},
		{name: "form, too many bytes", codec: "form", body: "d=1%3A6", lim: PayloadLimits{MaxBytes: 2}, err: ErrPayloadLimit},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := payloadCodecs[tc.codec].decode([]byte(tc.body), tc.lim)
			if !errors.Is(err, tc.err) {
				t.Errorf("error %v, want %v", err, tc.err)
			}
			var texts []string
			for _, p := range got {
				texts = append(texts, string(p.Data))
			}
			if diff := cmp.Diff(tc.want, texts); diff != "" {
				t.Errorf("packets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPayloadDefaultLimits(t *testing.T) {
	t.Parallel()
	many := bytes.Repeat([]byte("1:6"), DefaultMaxPackets+1)
	if got, err := DecodePayloadText(many, PayloadLimits{}); !errors.Is(err, ErrPayloadLimit) || len(got) != DefaultMaxPackets {
		t.Errorf("%d packets, %v", len(got), err)
	}
	long := AppendPayloadText(nil, bytes.Repeat([]byte("4"), DefaultMaxBytes))
	if _, err := DecodePayloadText(long, PayloadLimits{}); !errors.Is(err, ErrPayloadLimit) {
		t.Errorf("long body: %v", err)
	}
}

func TestPayloadWriterOfNothing(t *testing.T) {
	t.Parallel()
	if got := AppendPayloadText(nil, nil); string(got) != "0:" {
		t.Errorf("got %q", got)
	}
}

// Messages are cut with their capacity, so that appending to one cannot reach
// into the next.
func TestPayloadCapacity(t *testing.T) {
	t.Parallel()
	for codec, body := range map[string]string{"text": "2:4a2:4b", "binary": "\x00\x02\xff4a\x00\x02\xff4b", "4": "4a\x1e4b"} {
		got, err := payloadCodecs[codec].decode([]byte(body), PayloadLimits{})
		if err != nil {
			t.Fatal(err)
		}
		if p := got[0].Data; cap(p) != len(p) {
			t.Errorf("%s: capacity for %d bytes more", codec, cap(p)-len(p))
		}
	}
}

func fuzzPayload(f *testing.F, name string) {
	f.Helper()
	codec := payloadCodecs[name]
	for _, v := range loadPayloadVectors(f) {
		f.Add([]byte(v.Body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		body = bytes.Clone(body)
		if name == "text" {
			body = ToValidUTF8(body)
		}
		got, err := codec.decode(body, PayloadLimits{MaxPackets: 64})
		for i, p := range got {
			if len(p.Data) == 0 {
				t.Fatalf("packet %d is empty", i)
			}
			if name == "text" && !utf8.Valid(p.Data) {
				t.Fatalf("packet %d is not UTF-8: %q", i, p.Data)
			}
		}
		if err != nil {
			if !errors.Is(err, ErrPayload) && !errors.Is(err, ErrPayloadLimit) {
				t.Fatalf("foreign error %v", err)
			}
			return
		}
		if codec.encode == nil || len(got) == 0 {
			return
		}
		again, err := codec.decode(codec.encodeAll(got), PayloadLimits{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Fatalf("decoded again (-first +again):\n%s", diff)
		}
	})
}

func FuzzDecodePayloadText(f *testing.F)   { fuzzPayload(f, "text") }
func FuzzDecodePayloadBinary(f *testing.F) { fuzzPayload(f, "binary") }
func FuzzDecodePayload4(f *testing.F)      { fuzzPayload(f, "4") }

func BenchmarkPayloadText(b *testing.B) {
	event := []byte(`42["message","` + strings.Repeat("a", 112) + `"]`)
	body := AppendPayloadText(nil, event)
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if _, err := DecodePayloadText(body, PayloadLimits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		dst := make([]byte, 0, 256)
		for b.Loop() {
			dst = AppendPayloadText(dst[:0], event)
		}
	})
}

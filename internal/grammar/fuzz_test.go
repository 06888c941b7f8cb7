package grammar

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heirloom-io/socketio/packet"
)

// FuzzDecode feeds messages, one a line, of which those that start with "b" are
// binary, to decoders of all styles. Whatever packet comes out must come out
// again when it is written and read.
func FuzzDecode(f *testing.F) {
	for _, v := range loadVectors(f) {
		stream := v.text()
		for i := range v.Binary {
			stream = append(append(stream, "\nb"...), v.attachment(i)...)
		}
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		for _, style := range styles {
			d := NewDecoder(style, Limits{MaxPendingBytes: 1 << 12})
			for m := range bytes.SplitSeq(bytes.Clone(stream), []byte{'\n'}) {
				data, binary := bytes.CutPrefix(m, []byte{'b'})
				decode := d.Text
				if binary {
					decode = d.Binary
				}
				p, err := decode(data)
				if err != nil {
					if e := (*Error)(nil); !errors.As(err, &e) || p != nil || d.Pending() {
						t.Fatalf("%q: error %v, packet %v, pending %v", m, err, p, d.Pending())
					}
					break
				}
				if p == nil {
					continue
				}
				if d.Pending() {
					t.Fatalf("%q: a packet, and more to come", m)
				}
				checkAgain(t, style, p)
			}
		}
	})
}

// checkAgain writes a packet that a decoder made, and reads it.
func checkAgain(t *testing.T, style Style, p *packet.Packet) {
	t.Helper()
	if p.Type == packet.Error && digits(p.Data) > 0 {
		return // would read as an id, as it does in genuine clients
	}
	again, err := redecode(style, p)
	if err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	want := *p
	if style.ASCII {
		want.Args = packet.AppendASCII(nil, p.Args)
		want.Data = packet.AppendASCII(nil, p.Data)
	}
	if diff := cmp.Diff(&want, again, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("read again (-want +got):\n%s", diff)
	}
}

// FuzzEncode writes and reads packets that no decoder has seen.
func FuzzEncode(f *testing.F) {
	f.Add("/chat", "token=a", "news", `1,"x"`, int64(3), uint8(2), uint8(1))
	f.Add("/", "", "é\"\u2028", `{"a":[]}`, int64(-1), uint8(3), uint8(0))
	f.Fuzz(func(t *testing.T, ns, query, name, args string, id int64, typ, attachments uint8) {
		p := &packet.Packet{Type: packet.Type(typ % 5), Namespace: "/" + strings.TrimPrefix(ns, "/")}
		if strings.Contains(p.Namespace+query, ",") {
			return
		}
		var placeholders []string
		switch p.Type { //nolint:exhaustive // a disconnect carries nothing
		case packet.Event, packet.Ack:
			p.HasID = id >= 0 || p.Type == packet.Ack
			if p.HasID {
				p.ID = id & (1<<49 - 1) // 15 digits
			}
			if p.Type == packet.Event {
				p.Name = strings.ToValidUTF8(name, "")
			}
			for i := range int(attachments % 12) {
				p.Attachments = append(p.Attachments, []byte(name))
				placeholders = append(placeholders, string(packet.AppendPlaceholder(nil, i)))
			}
			// A string, whatever it holds, cannot be a placeholder.
			placeholders = append(placeholders, strconv.Itoa(len(args)), string(packet.AppendString(nil, args)))
			p.Args = []byte(strings.Join(placeholders, ","))
		case packet.Connect:
			p.Data = []byte(`{}`)
		case packet.Error:
			p.Data = packet.AppendString(nil, args)
		}
		for _, style := range styles {
			want := *p
			if p.Type == packet.Connect && !style.ConnectPayload {
				if strings.Contains(p.Namespace, "?") {
					continue
				}
				want.Data, want.Query = nil, query
			}
			frames, err := NewEncoder(style).Encode(&want)
			if err != nil {
				t.Fatal(err)
			}
			if style.ASCII && utf8.ValidString(ns) && packet.IsASCII([]byte(ns+query)) && !packet.IsASCII(frames[0].Data) {
				t.Fatalf("not ASCII: %q", frames[0].Data)
			}
			checkAgain(t, style, &want)
		}
	})
}

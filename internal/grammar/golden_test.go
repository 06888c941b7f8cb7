package grammar

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heirloom-io/socketio/packet"
)

// The styles of the releases, as the table at Style has them.
var styles = map[string]Style{
	"1.0.2": {MessagePrefix: '4', BinaryPrefix: true, AckBinaryForm: true},
	"1.x":   {MessagePrefix: '4', BinaryPrefix: true},
	"2.x":   {MessagePrefix: '4', BinaryPrefix: true, BareNamespaceComma: true},
	"ascii": {MessagePrefix: '4', BinaryPrefix: true, BareNamespaceComma: true, ASCII: true},
	"4.x":   {MessagePrefix: '4', BareNamespaceComma: true, ConnectPayload: true, Strict: true},
}

// vector is one packet as it was seen on the wire.
type vector struct {
	Name   string       `json:"name"`
	From   string       `json:"from"` // release, transport
	Style  string       `json:"style"`
	Text   string       `json:"text"`   // a text frame
	Binary []hexBytes   `json:"binary"` // the binary frames after it
	Packet vectorPacket `json:"packet"`
	Seen   []string     `json:"seen"`
}

type vectorPacket struct {
	Type        string     `json:"type"`
	Namespace   string     `json:"namespace"`
	ID          *int64     `json:"id"`
	Name        string     `json:"name"`
	Args        string     `json:"args"`
	Attachments []hexBytes `json:"attachments"`
	Data        string     `json:"data"`
	Query       string     `json:"query"`
}

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(strings.ReplaceAll(string(text), " ", ""))
	*h = b
	return err
}

func (v vectorPacket) packet() *packet.Packet {
	p := &packet.Packet{
		Namespace: packet.DefaultNamespace,
		Name:      v.Name, Args: []byte(v.Args), Data: []byte(v.Data), Query: v.Query,
	}
	for p.Type.String() != v.Type && p.Type.String() != "unknown" {
		p.Type++
	}
	if v.Namespace != "" {
		p.Namespace = v.Namespace
	}
	if v.ID != nil {
		p.ID, p.HasID = *v.ID, true
	}
	for _, a := range v.Attachments {
		p.Attachments = append(p.Attachments, a)
	}
	return p
}

var seenNames = map[string]Seen{"bare": SeenNamespaceBare, "comma": SeenNamespaceComma, "ack3": SeenProtocol3Ack}

func loadVectors(tb testing.TB) []vector {
	tb.Helper()
	b, err := os.ReadFile("testdata/packets.json")
	if err != nil {
		tb.Fatal(err)
	}
	var out []vector
	if err := json.Unmarshal(b, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

// text is the message without the digit of Engine.IO.
func (v vector) text() []byte { return []byte(v.Text[1:]) }

// attachment is a binary message without the type byte of Engine.IO.
func (v vector) attachment(i int) []byte {
	if styles[v.Style].BinaryPrefix {
		return v.Binary[i][1:]
	}
	return v.Binary[i]
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range loadVectors(t) {
		t.Run(v.Style+"/"+v.Name, func(t *testing.T) {
			t.Parallel()
			style := styles[v.Style]
			d := NewDecoder(style, Limits{})
			got, err := d.Text(v.text())
			for i := range v.Binary {
				if got != nil || err != nil || !d.Pending() {
					t.Fatalf("before attachment %d: %v, %v, pending %v", i, got, err, d.Pending())
				}
				got, err = d.Binary(v.attachment(i))
			}
			if err != nil || d.Pending() {
				t.Fatalf("%v, pending %v", err, d.Pending())
			}
			if diff := cmp.Diff(v.Packet.packet(), got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("decoded (-want +got):\n%s", diff)
			}
			var seen Seen
			for _, s := range v.Seen {
				seen |= seenNames[s]
			}
			if d.Seen() != seen {
				t.Errorf("seen %b, want %b", d.Seen(), seen)
			}
			checkFrames(t, v, got)
			truncate(t, v)
		})
	}
}

// checkFrames writes a packet again, in its own style and in those of all other
// releases, which must mean the same.
func checkFrames(t *testing.T, v vector, p *packet.Packet) {
	t.Helper()
	frames, err := NewEncoder(styles[v.Style]).Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(frames) != 1+len(v.Binary) || frames[0].Binary || string(frames[0].Data) != v.Text {
		t.Errorf("%d frames, first %q; want %q", len(frames), frames[0].Data, v.Text)
	}
	for i, want := range v.Binary {
		if f := &frames[1+i]; !f.Binary || !bytes.Equal(f.Data, want) {
			t.Errorf("binary frame %d: %x, want %x", i, f.Data, want)
		}
	}
	for name, style := range styles {
		if name == "ascii" || style.ConnectPayload != styles[v.Style].ConnectPayload {
			continue
		}
		again, err := redecode(style, p)
		if err != nil {
			t.Fatalf("as %s: %v", name, err)
		}
		if diff := cmp.Diff(p, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("by way of %s (-want +got):\n%s", name, diff)
		}
	}
}

// redecode writes a packet and reads it again.
func redecode(s Style, p *packet.Packet) (*packet.Packet, error) {
	frames, err := NewEncoder(s).Encode(p)
	if err != nil {
		return nil, err
	}
	d := NewDecoder(s, Limits{MaxAttachments: len(p.Attachments) + 1})
	got, err := d.Text(frames[0].Data[1:])
	for i := 1; i < len(frames) && err == nil; i++ {
		data := frames[i].Data
		if s.BinaryPrefix {
			data = data[1:]
		}
		got, err = d.Binary(data)
	}
	return got, err
}

// truncate cuts the text short at every byte: an error, something to ignore, or
// a shorter packet, but never a panic and never what the whole means.
func truncate(t *testing.T, v vector) {
	t.Helper()
	want := v.Packet.packet()
	whole := v.text()
	for i := range whole {
		d := NewDecoder(styles[v.Style], Limits{})
		got, err := d.Text(bytes.Clone(whole[:i]))
		if err == nil && got != nil && cmp.Equal(want, got, cmpopts.EquateEmpty()) {
			// The comma after a namespace is the one thing that may be missing.
			if i != len(whole)-1 || whole[i] != ',' {
				t.Errorf("the first %d bytes are the whole packet", i)
			}
		}
		if _, err = d.Binary([]byte{1}); err == nil && len(v.Binary) == 0 {
			t.Errorf("attachment after the first %d bytes of text without", i)
		}
	}
}

package grammar

import (
	"strings"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

// event128 is an event of 128 bytes, the digit of Engine.IO included.
var event128 = `42["message","` + strings.Repeat("a", 112) + `"]`

func BenchmarkDecode(b *testing.B) {
	for name, text := range map[string]string{
		"event":     event128,
		"namespace": `42/chat,17["message","` + strings.Repeat("a", 104) + `"]`,
	} {
		b.Run(name, func(b *testing.B) {
			d := NewDecoder(styles["2.x"], Limits{})
			message := []byte(text[1:])
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if p, err := d.Text(message); p == nil || err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	p := &packet.Packet{
		Type: packet.Event, Namespace: packet.DefaultNamespace, Name: "message",
		Args: []byte(`"` + strings.Repeat("a", 112) + `"`),
	}
	for _, style := range []string{"2.x", "ascii"} {
		b.Run(style, func(b *testing.B) {
			e := NewEncoder(styles[style])
			b.SetBytes(int64(len(event128)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Encode(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

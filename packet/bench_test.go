package packet

import (
	"encoding/json"
	"strings"
	"testing"
)

func benchmarkTexts() map[string][]byte {
	return map[string][]byte{
		"event":  []byte(`["message",{"room":"lobby","text":"hello there, é€😀","at":1795197040665,"tags":["a","b"]}]`),
		"string": []byte(`["file","` + strings.Repeat("0123456789abcdef", 4096) + `"]`),
		"nested": []byte(`["tree",` + strings.Repeat(`{"a":[1,true,null,`, 64) + `0` + strings.Repeat(`]}`, 64) + `]`),
	}
}

func BenchmarkScan(b *testing.B) {
	for name, text := range benchmarkTexts() {
		b.Run(name+"/own", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := CutArray(text); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/encoding-json", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if !json.Valid(text) {
					b.Fatal("invalid")
				}
			}
		})
	}
}

func BenchmarkAppendASCII(b *testing.B) {
	for name, text := range benchmarkTexts() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var dst []byte
			for b.Loop() {
				dst = AppendASCII(dst[:0], text)
			}
		})
	}
}

func BenchmarkMarshal(b *testing.B) {
	for name, args := range map[string][]any{
		"string":      {"hello there"},
		"struct":      {plainBase64{true, "hello"}},
		"bytes":       {"file", make([]byte, 1<<16)},
		"bytes-deep":  {map[string]any{"name": "file", "data": make([]byte, 1<<16)}},
		"slices-deep": {upload{Name: "f", Next: &upload{}}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Marshal(args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	attachments := [][]byte{make([]byte, 1<<16)}
	for name, raw := range map[string]string{"plain": `{"name":"f"}`, "binary": `{"name":"f","data":` + place0 + `}`} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var u upload
				if err := Unmarshal([]byte(raw), attachments, &u); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPrepared is one broadcast: a packet for a thousand receivers of
// three dialects.
func BenchmarkPrepared(b *testing.B) {
	encoders := []Encoder{&countingEncoder{key: "a"}, &countingEncoder{key: "b"}, &countingEncoder{key: "c"}}
	b.ReportAllocs()
	for b.Loop() {
		p := Prepare(&Packet{Name: "news"})
		for i := range 1000 {
			if _, err := p.Frames(encoders[i%len(encoders)]); err != nil {
				b.Fatal(err)
			}
		}
	}
}

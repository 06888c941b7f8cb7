package webtransport

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

// vectors are packets as engine.io-parser 5.2 frames them.
var vectors = []struct {
	name, hex string
	text      string
	binary    bool
}{
	{"open", "0130", "0", false},
	{"open for an upgrade", "0e307b22736964223a22616263227d", `0{"sid":"abc"}`, false},
	{"message", "063468656c6c6f", "4hello", false},
	{"probe", "063270726f6265", "2probe", false},
	{"binary", "8401020304", "\x01\x02\x03\x04", true},
	{"125 bytes", "7d" + strings.Repeat("61", 125), strings.Repeat("a", 125), false},
	{"126 bytes", "7e007e" + strings.Repeat("61", 126), strings.Repeat("a", 126), false},
	{"126 bytes of binary", "fe007e" + strings.Repeat("00", 126), strings.Repeat("\x00", 126), true},
	{"65535 bytes", "7effff" + strings.Repeat("61", 65535), strings.Repeat("a", 65535), false},
	{"65536 bytes", "7f0000000000010000" + strings.Repeat("61", 65536), strings.Repeat("a", 65536), false},
	{"65536 bytes of binary", "ff0000000000010000" + strings.Repeat("ff", 65536), strings.Repeat("\xff", 65536), true},
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		wire, err := hex.DecodeString(v.hex)
		if err != nil {
			t.Fatal(err)
		}
		f := &packet.Frame{Data: []byte(v.text), Binary: v.binary}
		if got := appendFrame(nil, f); !bytes.Equal(got, wire) {
			t.Errorf("%s: written as %x", v.name, got[:min(len(got), 20)])
		}
		for _, r := range []io.Reader{bytes.NewReader(wire), iotest.OneByteReader(bytes.NewReader(wire))} {
			data, binary, _, err := readPacket(bufio.NewReader(r), nil, 1<<20, nil)
			if err != nil || string(data) != v.text || binary != v.binary {
				t.Errorf("%s: read %d bytes, %t, %v", v.name, len(data), binary, err)
			}
		}
		for n := range min(len(wire), 200) {
			_, _, _, err := readPacket(bufio.NewReader(bytes.NewReader(wire[:n])), nil, 1<<20, nil)
			want := io.ErrUnexpectedEOF
			if n == 0 {
				want = io.EOF
			}
			if !errors.Is(err, want) {
				t.Errorf("%s cut after %d bytes: %v", v.name, n, err)
			}
		}
	}
}

// TestEmptyBinary is written in the one form that genuine clients take.
func TestEmptyBinary(t *testing.T) {
	t.Parallel()
	if got := hex.EncodeToString(appendFrame(nil, &packet.Frame{Binary: true})); got != "0162" {
		t.Errorf("written as %s", got)
	}
}

func TestReadPacketFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, hex string
		text      string
		err       error
	}{
		{"length in the long form", "7e000161", "a", nil},
		{"length in the longest form", "7f000000000000000161", "a", nil},
		{"empty", "00", "", nil},
		{"empty binary", "80", "", nil},
		{"at the limit", "7e03e8" + strings.Repeat("61", 1000), strings.Repeat("a", 1000), nil},
		{"over the limit", "7e03e9", "", transports.ErrTooLarge},
		{"over 2^53", "7f0020000000000000", "", transports.ErrTooLarge},
		{"over 2^63", "ffffffffffffffffff", "", transports.ErrTooLarge},
		{"not UTF-8", "02ff61", "", transports.ErrNotText},
	}
	for _, tt := range tests {
		wire, _ := hex.DecodeString(tt.hex)
		data, _, _, err := readPacket(bufio.NewReader(bytes.NewReader(wire)), nil, 1000, nil)
		if !errors.Is(err, tt.err) || err == nil && string(data) != tt.text {
			t.Errorf("%s: %q, %v", tt.name, data, err)
		}
	}
}

// TestReadPacketMemory: a length is not believed before the bytes are there, and
// what is large is taken from the budget and given back.
func TestReadPacketMemory(t *testing.T) {
	t.Parallel()
	const limit = 1 << 30
	claim, _ := hex.DecodeString("ff0000000040000000")
	data, _, held, err := readPacket(bufio.NewReader(bytes.NewReader(append(claim, make([]byte, 5000)...))), nil, limit, nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) || cap(data) > 32<<10 || held != 0 {
		t.Errorf("%v with %d bytes of memory, %d held", err, cap(data), held)
	}
	budget := transports.NewBudget(1 << 20)
	for _, size := range []int{1000, 100_000, 900_000} {
		wire := append(appendHeader(nil, true, size), make([]byte, size)...)
		data, _, held, err := readPacket(bufio.NewReader(bytes.NewReader(wire)), nil, limit, budget)
		if err != nil || len(data) != size || size > keepBuffer && held < size || budget.Used() != int64(held) {
			t.Errorf("%d bytes: %d, %v, %d held, %d used", size, len(data), err, held, budget.Used())
		}
		budget.Release(held)
	}
	wire := append(appendHeader(nil, true, 2<<20), make([]byte, 2<<20)...)
	_, _, held, err = readPacket(bufio.NewReader(bytes.NewReader(wire)), nil, limit, budget)
	if budget.Release(held); !errors.Is(err, transports.ErrBusy) || budget.Used() != 0 {
		t.Errorf("over the budget: %v, %d used", err, budget.Used())
	}
}

func TestOpeningSession(t *testing.T) {
	t.Parallel()
	for packet, want := range map[string]string{
		"0": "", `0{"sid":"abc"}`: "abc", `0{"sid":"a","x":1}`: "a",
		"": "!", "1": "!", "2probe": "!", "0x": "!", `0{"sid":""}`: "!", `0{"sid":5}`: "!", `0{}`: "!", `0null`: "!",
	} {
		sid, ok := openingSession([]byte(packet))
		if !ok {
			sid = "!"
		}
		if sid != want {
			t.Errorf("%q: %q, want %q", packet, sid, want)
		}
	}
}

func FuzzReadPacket(f *testing.F) {
	for _, v := range vectors {
		wire, _ := hex.DecodeString(v.hex)
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		const limit = 1 << 20
		budget := transports.NewBudget(limit)
		r := bufio.NewReaderSize(bytes.NewReader(wire), 16)
		for {
			data, binary, held, err := readPacket(r, nil, limit, budget)
			if budget.Used() != int64(held) || cap(data) > max(firstRead, 4*len(wire)) {
				t.Fatalf("%d used, %d held, %d bytes of memory for %d", budget.Used(), held, cap(data), len(wire))
			}
			budget.Release(held)
			if err != nil {
				return
			}
			again, same, _, err := readPacket(bufio.NewReader(bytes.NewReader(appendFrame(nil, &packet.Frame{Data: data, Binary: binary}))), nil, limit, nil)
			if err != nil || !bytes.Equal(again, data) || same != binary {
				t.Fatalf("%x does not come back: %x, %v", data, again, err)
			}
		}
	})
}

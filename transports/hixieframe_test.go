package transports

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// testMax is the limit of messages in the table below.
const testMax = 20

// hixieStreams are what a client may send, and what becomes of it.
var hixieStreams = []struct {
	name string
	data string
	want []string // messages
	err  error    // what follows them
}{
	{"nothing", "", nil, io.EOF},
	{"one message", "\x001::\xff", []string{"1::"}, io.EOF},
	{"an empty message", "\x00\xff", []string{""}, io.EOF},
	{"several", "\x00a\xff\x00\xff\x00b\xff", []string{"a", "", "b"}, io.EOF},
	{"not ASCII", "\x00é€😀\xff", []string{"é€😀"}, io.EOF},
	{"replacement character", "\x00a\ufffdb\xff", []string{"a\ufffdb"}, io.EOF},
	{"zero within", "\x00a\x00b\xff", []string{"a\x00b"}, io.EOF},
	{"line ends", "\x00a\r\nb\xff", []string{"a\r\nb"}, io.EOF},
	{"no UTF-8", "\x00a\xfe\xff", []string{"a\xfe"}, io.EOF}, // refused later on
	{"as large as may be", "\x00" + strings.Repeat("x", testMax) + "\xff", []string{strings.Repeat("x", testMax)}, io.EOF},
	{"larger", "\x00" + strings.Repeat("x", testMax+1) + "\xff", nil, ErrTooLarge},
	{"without end", "\x00" + strings.Repeat("x", 5000), nil, ErrTooLarge},
	{"cut", "\x00a\xff\x00b", []string{"a"}, io.ErrUnexpectedEOF},
	{"goodbye", "\x00a\xff\xff\x00", []string{"a"}, ErrPeerClosed},
	{"goodbye of node", "\x000::\xff\xff\xff\x00", []string{"0::"}, ErrPeerClosed},
	{"goodbye and more", "\xff\x00\x00a\xff", nil, ErrPeerClosed},
	{"half a goodbye", "\xff", nil, ErrPeerClosed},
	{"goodbye with a length", "\xff\x01a", nil, ErrFraming},
	{"goodbye with too many", "\xff\xff\xff\x00", nil, ErrFraming},
	{"skipped", "\x80\x03abc\x00a\xff", []string{"a"}, io.EOF},
	{"skipped, empty", "\x80\x00\x00a\xff", []string{"a"}, io.EOF},
	{"skipped, with a long length", "\x81\x80\x80\x02ab\x00a\xff", []string{"a"}, io.EOF},
	{"skipped, as large as may be", "\xfe\x14" + strings.Repeat("x", testMax) + "\x00a\xff", []string{"a"}, io.EOF},
	{"to be skipped, larger", "\x80\x15" + strings.Repeat("x", testMax+1), nil, ErrTooLarge},
	{"to be skipped, much larger", "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", nil, ErrTooLarge},
	{"length without end", "\x80" + strings.Repeat("\x80", 100), nil, ErrFraming},
	{"cut in a length", "\x80\x80", nil, io.ErrUnexpectedEOF},
	{"cut before a length", "\x80", nil, io.ErrUnexpectedEOF},
	{"cut in what is skipped", "\x80\x05ab", nil, io.ErrUnexpectedEOF},
	{"a kind that is none", "\x01a\xff", nil, ErrFraming},
	{"not a frame", "GET / HTTP/1.1", nil, ErrFraming},
}

// readHixie reads all messages of a stream, in chunks of a given size.
func readHixie(r io.Reader, max, chunk int) (messages []string, err error) {
	h := hixieReader{r: bufio.NewReaderSize(r, readBufferSize), max: max}
	for {
		if err := h.next(); err != nil {
			return messages, err
		}
		data, _, err := readMessage(&h, make([]byte, 0, chunk), max, nil)
		if err != nil {
			return messages, err
		}
		messages = append(messages, string(data))
	}
}

func TestHixieReader(t *testing.T) {
	t.Parallel()
	for _, c := range hixieStreams {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, r := range map[string]io.Reader{
				"whole":        strings.NewReader(c.data),
				"byte by byte": iotest.OneByteReader(strings.NewReader(c.data)),
				"halves":       iotest.HalfReader(strings.NewReader(c.data)),
				"end at once":  iotest.DataErrReader(strings.NewReader(c.data)),
			} {
				got, err := readHixie(r, testMax, 1)
				if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) {
					t.Errorf("%s: %v, want %v; %s", name, err, c.err, diff)
				}
			}
			for i := range c.data {
				got, err := readHixie(strings.NewReader(c.data[:i]), testMax, 512)
				if err == nil || len(got) > len(c.want) || !cmp.Equal(got, c.want[:len(got)]) && len(got) > 0 {
					t.Errorf("the first %d bytes yield %d messages and %v", i, len(got), err)
				}
			}
		})
	}
	fault := errors.New("fault")
	for _, data := range []string{"", "\x00a", "\xff", "\x80", "\x80\x05a"} {
		_, err := readHixie(io.MultiReader(strings.NewReader(data), iotest.ErrReader(fault)), testMax, 512)
		if !errors.Is(err, fault) {
			t.Errorf("%q and a fault of the network: %v", data, err)
		}
	}
}

func FuzzHixieReader(f *testing.F) {
	for _, c := range hixieStreams {
		f.Add([]byte(c.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		whole, err := readHixie(bytes.NewReader(data), testMax, 64)
		single, err1 := readHixie(iotest.OneByteReader(bytes.NewReader(data)), testMax, 1)
		if err == nil || err1 == nil || !errors.Is(err, err1) || !cmp.Equal(whole, single) {
			t.Fatalf("whole: %q, %v; byte by byte: %q, %v", whole, err, single, err1)
		}
		var again []byte
		for _, m := range whole {
			if len(m) > testMax || strings.Contains(m, "\xff") {
				t.Fatalf("message %q", m)
			}
			again = appendHixieFrame(again, []byte(m))
		}
		got, err := readHixie(bytes.NewReader(again), testMax, 64)
		if !errors.Is(err, io.EOF) || !cmp.Equal(got, whole) {
			t.Fatalf("again: %q, %v, want %q", got, err, whole)
		}
	})
}

// Whatever text is sent, the client gets exactly one message of it.
func FuzzHixieFrame(f *testing.F) {
	f.Add([]byte("5:::{}"))
	f.Add([]byte("a\xff\x00b"))
	f.Add([]byte("\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		frame := appendHixieFrame([]byte("x"), text)[1:]
		got, err := readHixie(bytes.NewReader(frame), len(frame)*3, 64)
		if len(got) != 1 || !errors.Is(err, io.EOF) {
			t.Fatalf("%q is read as %q, %v", frame, got, err)
		}
		if !bytes.Contains(text, []byte{hixieEnd}) && got[0] != string(text) {
			t.Fatalf("%q is read as %q", text, got[0])
		}
	})
}

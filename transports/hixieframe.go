package transports

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// ErrFraming is returned by Conn.Read of a hixie connection for bytes that are
// no frame of its draft.
var ErrFraming = errors.New("transports: malformed websocket frame")

// Bytes of hixie frames: 00, UTF-8 text, ff. A first byte with the high bit set
// announces a length, seven bits to a byte, and that many bytes of a kind that
// was never put to use; ff 00 among them says goodbye.
const (
	hixieText = 0x00
	hixieEnd  = 0xff
	hixieHigh = 0x80
)

// maxLengthBytes is how many bytes the length of a frame may take: more than
// any length within a limit needs, and few enough that leading zeros come to an
// end.
const maxLengthBytes = 8

// hixieReader takes the frames of a hixie connection apart. It is split at the
// byte ff, which is never part of UTF-8, while genuine servers decode first and
// then cut messages at every U+FFFD.
type hixieReader struct {
	r    *bufio.Reader
	max  int
	text bool // within a text message
}

// next waits for the beginning of the next text message, which Read then yields
// up to its end. Frames of other kinds are skipped. The error is ErrPeerClosed
// for a goodbye, ErrTooLarge, ErrFraming, or that of reading.
func (h *hixieReader) next() error {
	for {
		kind, err := h.r.ReadByte()
		switch {
		case err != nil:
			return err
		case kind == hixieText:
			h.text = true
			return nil
		case kind == hixieEnd:
			return h.goodbye()
		case kind&hixieHigh == 0:
			return ErrFraming
		}
		if err := h.skip(); err != nil {
			return err
		}
	}
}

// goodbye reads what follows the ff of a goodbye. Node clients of 0.7 and 0.8
// send that byte once more before the whole sequence.
func (h *hixieReader) goodbye() error {
	b, err := h.r.ReadByte()
	if err == nil && b == hixieEnd {
		b, err = h.r.ReadByte()
	}
	if err == nil && b != 0 {
		return ErrFraming
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return ErrPeerClosed
}

// skip passes over a frame with a length.
func (h *hixieReader) skip() error {
	n := 0
	for i := 0; ; i++ {
		b, err := h.r.ReadByte()
		if err != nil {
			return unexpected(err)
		}
		if n > h.max>>7 { // first, since an int may be too small for the product
			return ErrTooLarge
		}
		if n = n<<7 | int(b&^hixieHigh); n > h.max {
			return ErrTooLarge
		}
		if b&hixieHigh == 0 {
			break
		}
		if i+1 == maxLengthBytes {
			return ErrFraming
		}
	}
	_, err := h.r.Discard(n)
	return unexpected(err)
}

// Read yields the text message that next has found, and io.EOF at its end.
func (h *hixieReader) Read(p []byte) (int, error) {
	if !h.text {
		return 0, io.EOF
	}
	if _, err := h.r.Peek(1); err != nil {
		return 0, unexpected(err)
	}
	have, _ := h.r.Peek(min(h.r.Buffered(), len(p)))
	end := bytes.IndexByte(have, hixieEnd)
	if end < 0 {
		copy(p, have)
		return h.r.Discard(len(have))
	}
	n := copy(p, have[:end])
	_, _ = h.r.Discard(end + 1) // it lies in the buffer
	h.text = false
	return n, io.EOF
}

// unexpected tells an end within a frame from one after it.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

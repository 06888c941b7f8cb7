package webtransport

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf8"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

// The header of a packet; engine.io-parser 5.1 and later.
const (
	binaryBit = 0x80
	length16  = 126
	length64  = 127
	maxHeader = 9
)

// appendHeader appends the header of a packet of n bytes, in its shortest form.
func appendHeader(dst []byte, isBinary bool, n int) []byte {
	first := byte(0)
	if isBinary {
		first = binaryBit
	}
	switch {
	case n < length16:
		return append(dst, first|byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, first|length16), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first|length64), uint64(n))
	}
}

// emptyBinary is a binary message without a byte in the base64 form, which is
// text: genuine clients end the connection over a packet of length 0, though they
// write such ones themselves.
const emptyBinary = "b"

func appendFrame(dst []byte, f *packet.Frame) []byte {
	if f.Binary && len(f.Data) == 0 {
		return append(appendHeader(dst, false, len(emptyBinary)), emptyBinary...)
	}
	return append(appendHeader(dst, f.Binary, len(f.Data)), f.Data...)
}

// readHeader reads the header of a packet. Lengths that are not in their shortest
// form are taken, as by the genuine server. The error is io.EOF before the first
// byte only.
func readHeader(r *bufio.Reader) (isBinary bool, n uint64, err error) {
	first, err := r.ReadByte()
	if err != nil {
		return false, 0, err
	}
	isBinary, n = first&binaryBit != 0, uint64(first&^binaryBit)
	size := 0
	switch n {
	case length16:
		size = 2
	case length64:
		size = 8
	}
	if size > 0 {
		var b [8]byte
		if _, err := io.ReadFull(r, b[8-size:]); err != nil {
			return false, 0, unexpected(err)
		}
		n = binary.BigEndian.Uint64(b[:])
	}
	return isBinary, n, nil
}

func unexpected(err error) error {
	if err == io.EOF { //nolint:errorlint // what io.ReadFull returns, unwrapped
		return io.ErrUnexpectedEOF
	}
	return err
}

const (
	// firstRead is how much is read, at most, before the length that the peer
	// claims is believed, and keepBuffer the largest buffer that is kept.
	firstRead  = 4 << 10
	keepBuffer = 64 << 10
)

// readPacket reads one packet into buf, growing it with what has arrived. Bytes
// over keepBuffer are taken from the budget; held is what the caller gives back.
func readPacket(r *bufio.Reader, buf []byte, limit int, budget *transports.Budget) (data []byte, isBinary bool, held int, err error) {
	isBinary, size, err := readHeader(r)
	if err != nil {
		return buf, false, 0, err
	}
	if size > uint64(limit) {
		return buf, false, 0, transports.ErrTooLarge
	}
	n := int(size)
	for len(buf) < n {
		if len(buf) == cap(buf) {
			grown := min(n, max(firstRead, 2*cap(buf)))
			if grown > keepBuffer {
				if !budget.Acquire(grown - held) {
					return buf, isBinary, held, transports.ErrBusy
				}
				held = grown
			}
			next := make([]byte, len(buf), grown)
			copy(next, buf)
			buf = next
		}
		m, err := io.ReadFull(r, buf[len(buf):min(n, cap(buf))])
		buf = buf[:len(buf)+m]
		if err != nil {
			return buf, isBinary, held, unexpected(err)
		}
	}
	if !isBinary && !utf8.Valid(buf) {
		return buf, false, held, transports.ErrNotText
	}
	return buf, isBinary, held, nil
}

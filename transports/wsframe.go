package transports

import (
	"encoding/binary"

	"github.com/heirloom-io/socketio/packet"
)

// RFC 6455 opcodes and bits, section 5.2.
const (
	opText   = 1
	opBinary = 2
	opClose  = 8
	opPong   = 10

	bitFin        = 0x80
	bitCompressed = 0x40
)

// maxFrameHeader is the longest header of a server's frame, which has no mask.
const maxFrameHeader = 10

// appendFrameHeader appends the header of an unfragmented, unmasked frame.
func appendFrameHeader(dst []byte, first byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, first, byte(n))
	case n < 1<<16:
		return append(dst, first, 126, byte(n>>8), byte(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(n))
	}
}

func firstByte(f *packet.Frame) byte {
	if f.Binary {
		return bitFin | opBinary
	}
	return bitFin | opText
}

// wireFrame returns the whole websocket frame of f.
func wireFrame(f *packet.Frame) []byte {
	dst := make([]byte, 0, maxFrameHeader+len(f.Data))
	return append(appendFrameHeader(dst, firstByte(f), len(f.Data)), f.Data...)
}

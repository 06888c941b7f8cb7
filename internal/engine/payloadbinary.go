package engine

import "strconv"

// The bytes of a binary payload of revisions 2 and 3: 00 or 01, then the length
// in decimal with one byte of value 0 to 9 for each digit, then ff.
const (
	payloadKindText   = 0x00
	payloadKindBinary = 0x01
	payloadLengthEnd  = 0xff
)

// DecodePayloadBinary cuts a binary payload (application/octet-stream) of
// revisions 2 and 3 into its messages. Lengths count bytes; text is UTF-8, once,
// in every release.
//
// The messages alias the body. A text message is not checked for valid UTF-8,
// see [ToValidUTF8]. Elements of length zero are skipped, and an empty body has
// no messages, as genuine servers see it. Errors wrap [ErrPayload] or
// [ErrPayloadLimit].
func DecodePayloadBinary(body []byte, lim PayloadLimits) ([]RawPacket, error) {
	if err := lim.checkBytes(body); err != nil {
		return nil, err
	}
	var out []RawPacket
	for len(body) > 0 {
		kind := body[0]
		if kind > payloadKindBinary {
			return out, errPayloadKind
		}
		n, rest, ok := cutBinaryLength(body[1:])
		if !ok {
			return out, errPayloadLength
		}
		if n > len(rest) {
			return out, errPayloadShort
		}
		body = rest[n:]
		if n == 0 {
			continue
		}
		if err := lim.checkPackets(len(out)); err != nil {
			return out, err
		}
		out = append(out, RawPacket{Binary: kind == payloadKindBinary, Data: rest[:n:n]})
	}
	return out, nil
}

// AppendPayloadBinary appends one message as an element of a binary payload of
// revisions 2 and 3: a text message with its type digit, or a binary message
// with its type byte.
func AppendPayloadBinary(dst, packet []byte, binary bool) []byte {
	kind := byte(payloadKindText)
	if binary {
		kind = payloadKindBinary
	}
	dst = append(dst, kind)
	start := len(dst)
	dst = strconv.AppendInt(dst, int64(len(packet)), 10)
	for i := start; i < len(dst); i++ {
		dst[i] -= '0'
	}
	dst = append(dst, payloadLengthEnd)
	return append(dst, packet...)
}

// cutBinaryLength reads the digits and the end mark at the start of b.
func cutBinaryLength(b []byte) (n int, rest []byte, ok bool) {
	for i, c := range b[:min(len(b), maxLengthDigits+1)] {
		switch {
		case c == payloadLengthEnd:
			return n, b[i+1:], i > 0
		case c > 9 || i == maxLengthDigits:
			return 0, nil, false
		}
		n = n*10 + int(c)
	}
	return 0, nil, false
}

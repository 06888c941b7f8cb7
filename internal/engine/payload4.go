package engine

import "bytes"

// payload4Separator stands between the messages of a revision 4 payload. It
// cannot occur within one: JSON escapes it, and base64 does not know it.
const payload4Separator = 0x1e

// DecodePayload4 cuts a payload of revision 4 into its text messages; binary
// data is in the base64 form there. The messages alias the body. An empty
// message, and so an empty body, is an error that wraps [ErrPayload]; those of
// the limits wrap [ErrPayloadLimit].
func DecodePayload4(body []byte, lim PayloadLimits) ([][]byte, error) {
	if err := lim.checkBytes(body); err != nil {
		return nil, err
	}
	var out [][]byte
	for more := true; more; {
		var packet []byte
		packet, body, more = bytes.Cut(body, []byte{payload4Separator})
		if len(packet) == 0 {
			return out, errPayloadEmpty
		}
		if err := lim.checkPackets(len(out)); err != nil {
			return out, err
		}
		out = append(out, packet[:len(packet):len(packet)])
	}
	return out, nil
}

// AppendPayload4 appends one text message to a payload of revision 4, with a
// separator before it unless dst is empty: the payload has a buffer of its own.
func AppendPayload4(dst, packet []byte) []byte {
	if len(dst) > 0 {
		dst = append(dst, payload4Separator)
	}
	return append(dst, packet...)
}

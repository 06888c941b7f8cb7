package engine

import "strconv"

// DecodePayloadText cuts a text payload of revisions 2 and 3, "<len>:<packet>"
// repeated, into its messages. A length counts UTF-16 code units, in every
// release; what differs between 1.x and 2.x is only what the characters of a
// message stand for, see [DecodeDouble].
//
// The body must be valid UTF-8, see [ToValidUTF8]. The messages alias it.
// Elements of length zero are skipped. An empty body, a length that reaches
// beyond the body, and a cut within a surrogate pair are errors that wrap
// [ErrPayload]; those of the limits wrap [ErrPayloadLimit].
func DecodePayloadText(body []byte, lim PayloadLimits) ([][]byte, error) {
	if err := lim.checkBytes(body); err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return nil, errPayloadEmpty
	}
	var out [][]byte
	for len(body) > 0 {
		units, rest, ok := cutTextLength(body)
		if !ok {
			return out, errPayloadLength
		}
		end, ok := cutUTF16(rest, units)
		if !ok {
			return out, errPayloadShort
		}
		body = rest[end:]
		if end == 0 {
			continue
		}
		if err := lim.checkPackets(len(out)); err != nil {
			return out, err
		}
		out = append(out, rest[:end:end])
	}
	return out, nil
}

// AppendPayloadText appends one text message, valid UTF-8, as an element of a
// text payload of revisions 2 and 3. Binary data goes there in its base64 form.
func AppendPayloadText(dst, packet []byte) []byte {
	dst = strconv.AppendInt(dst, int64(UTF16Len(packet)), 10)
	dst = append(dst, ':')
	return append(dst, packet...)
}

// cutTextLength reads the digits and the colon at the start of b.
func cutTextLength(b []byte) (n int, rest []byte, ok bool) {
	for i, c := range b[:min(len(b), maxLengthDigits+1)] {
		switch {
		case c == ':':
			return n, b[i+1:], i > 0
		case c < '0' || c > '9' || i == maxLengthDigits:
			return 0, nil, false
		}
		n = n*10 + int(c-'0')
	}
	return 0, nil, false
}

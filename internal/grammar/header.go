package grammar

import "bytes"

// maxNamespace is the longest namespace, its query included, in bytes. A socket
// keeps it as long as it lives; genuine servers have no limit but that of
// messages.
const maxNamespace = 8 << 10

// maxIDDigits is the longest acknowledgement id: what JavaScript counts exactly.
const maxIDDigits = 15

// header is what stands before the JSON of a packet.
type header struct {
	kind byte
	// counted is set if the packet has a number of attachments; it may be 0.
	counted     bool
	attachments int
	namespace   []byte // nil: the default one
	comma       bool   // the namespace ends in a comma
	id          int64
	hasID       bool
	rest        []byte
}

// scanHeader takes a packet apart up to its JSON. The packet is not empty and
// its type exists.
func scanHeader(b []byte, maxAttachments int, strict bool) (header, error) {
	h := header{kind: b[0], rest: b[1:]}
	if err := h.scanCount(maxAttachments, strict); err != nil {
		return h, err
	}
	if len(h.rest) > 0 && h.rest[0] == '/' {
		h.namespace, h.rest, h.comma = bytes.Cut(h.rest, []byte{','})
		if len(h.namespace) > maxNamespace {
			return h, fault(KindNamespace)
		}
	}
	return h, h.scanID()
}

// scanCount reads the number of attachments. Types 5 and 6 must have one; an
// acknowledgement of type 3 has one in protocol 3. Genuine 2.5 refuses 0, which
// releases up to 2.4 write when an application forces the binary form; so do
// strict decoders, to which an acknowledgement of protocol 3 means nothing.
func (h *header) scanCount(limit int, strict bool) error {
	required := h.kind == wireBinaryEvent || h.kind == wireBinaryAck
	if !required && (strict || h.kind != wireAck) {
		return nil
	}
	end := digits(h.rest)
	if end == 0 || end == len(h.rest) || h.rest[end] != '-' {
		if required {
			return fault(KindAttachmentCount)
		}
		return nil
	}
	n := 0
	for _, c := range h.rest[:end] {
		if n = n*10 + int(c-'0'); n > limit {
			return fault(KindTooManyAttachments)
		}
	}
	if n == 0 && strict {
		return fault(KindAttachmentCount)
	}
	h.counted, h.attachments, h.rest = true, n, h.rest[end+1:]
	return nil
}

func (h *header) scanID() error {
	end := digits(h.rest)
	if end == 0 {
		return nil
	}
	if end > maxIDDigits {
		return fault(KindID)
	}
	for _, c := range h.rest[:end] {
		h.id = h.id*10 + int64(c-'0')
	}
	h.hasID = true
	h.rest = h.rest[end:]
	return nil
}

// digits returns the length of the run of decimal digits at the start of b.
func digits(b []byte) int {
	for i, c := range b {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(b)
}

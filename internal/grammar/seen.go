package grammar

// Seen is what a client's packets have shown of its release so far; the facts
// combine as bits.
type Seen uint8

// The facts a decoder notices.
const (
	// SeenNamespaceBare: a packet that ended right after its namespace, without
	// a comma (0/chat), as clients up to 1.7.4 write it.
	SeenNamespaceBare Seen = 1 << iota
	// SeenNamespaceComma: a packet that ended in the comma after its namespace
	// (0/chat,), as clients since 2.0.0 write it.
	SeenNamespaceComma
	// SeenProtocol3Ack: an acknowledgement of type 3 with a number of
	// attachments (30-0["yes"]), as only clients of 1.0.0-1.0.2 write it.
	SeenProtocol3Ack
)

// Has reports whether all facts in g have been seen.
func (s Seen) Has(g Seen) bool {
	return s&g == g
}

// seen returns what a packet shows. A namespace with something after it always
// has the comma and shows nothing.
func (h *header) seen() Seen {
	var s Seen
	if h.namespace != nil && len(h.rest) == 0 && !h.hasID {
		s = SeenNamespaceBare
		if h.comma {
			s = SeenNamespaceComma
		}
	}
	if h.counted && h.kind == wireAck {
		s |= SeenProtocol3Ack
	}
	return s
}

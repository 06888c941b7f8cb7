package negotiate

// RefusalKind says why a client may not come in. The list is closed; each
// generation renders it in its own words.
type RefusalKind uint8

// The kinds of refusals.
const (
	// NotRefused is the zero value: no refusal.
	NotRefused RefusalKind = iota
	// UnsupportedVersion: the client speaks a protocol that no release has, or
	// that this release of the library does not serve.
	UnsupportedVersion
	// GenerationRefused: configuration does not admit the generation.
	GenerationRefused
	// TransportUnknown: configuration does not admit the transport.
	TransportUnknown
	// OriginForbidden: the page the client runs in may not connect.
	OriginForbidden
	// BadRequest: the request makes no sense.
	BadRequest
)

var refusals = [...]struct{ label, message string }{
	NotRefused:         {"", ""},
	UnsupportedVersion: {"unsupported version", "Unsupported protocol version"},
	GenerationRefused:  {"generation refused", "Unsupported protocol version"},
	TransportUnknown:   {"transport unknown", "Transport unknown"},
	OriginForbidden:    {"origin forbidden", "Forbidden"},
	BadRequest:         {"bad request", "Bad request"},
}

// String returns the kind in lower case, for logs and metrics; "" for
// NotRefused.
func (k RefusalKind) String() string {
	if int(k) < len(refusals) {
		return refusals[k].label
	}
	return "unknown"
}

// Refusal is what a generation's handler is asked to tell a client.
type Refusal struct {
	// Kind is the reason.
	Kind RefusalKind
	// Message is the text that Engine.IO has for the reason, or that of the func
	// of [Rules]. It holds nothing of the request; generations with words of their
	// own use those.
	Message string
}

func refuse(k RefusalKind) Refusal {
	if int(k) >= len(refusals) {
		k = BadRequest
	}
	return Refusal{Kind: k, Message: refusals[k].message}
}

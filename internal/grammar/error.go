package grammar

// Kind is what is wrong with a packet. Its text is that of the genuine decoders
// where they have one.
type Kind uint8

// The kinds of errors, of the decoder up to KindPendingBytes.
const (
	// KindEmpty: a message without a type.
	KindEmpty Kind = iota
	// KindType: a type that does not exist, if the style is strict.
	KindType
	// KindAttachmentCount: a binary packet without a number of attachments.
	KindAttachmentCount
	// KindTooManyAttachments: more attachments announced than the limit. Since
	// 2.5.1; before, any number was taken.
	KindTooManyAttachments
	// KindID: an acknowledgement id of more than 15 digits. Genuine servers
	// round it and answer with another number.
	KindID
	// KindPayload: JSON that is malformed, nested too deeply or of the wrong
	// kind for the packet's type.
	KindPayload
	// KindReserved: an event of a name that is the library's own, if the style
	// is strict.
	KindReserved
	// KindPlaceholder: a placeholder that fits no attachment.
	KindPlaceholder
	// KindUnexpectedText: a packet before all attachments of the one before it.
	KindUnexpectedText
	// KindUnexpectedBinary: an attachment that no packet announced.
	KindUnexpectedBinary
	// KindPendingBytes: a packet whose attachments are larger than the limit.
	KindPendingBytes
	// KindNamespace: a namespace, with its query, that is too long.
	KindNamespace
	// KindEncode: a packet that has no form on the wire.
	KindEncode
)

var kindTexts = [...]string{
	KindEmpty:              "empty packet",
	KindType:               "unknown packet type",
	KindAttachmentCount:    "Illegal attachments",
	KindTooManyAttachments: "too many attachments",
	KindID:                 "illegal id",
	KindPayload:            "invalid payload",
	KindReserved:           "invalid payload",
	KindPlaceholder:        "illegal attachments",
	KindUnexpectedText:     "got plaintext data when reconstructing a packet",
	KindUnexpectedBinary:   "got binary data when not reconstructing a packet",
	KindPendingBytes:       "attachments too large",
	KindNamespace:          "namespace too long",
	KindEncode:             "packet cannot be written",
}

// String returns the text that genuine servers have for the kind.
func (k Kind) String() string {
	if int(k) < len(kindTexts) {
		return kindTexts[k]
	}
	return "unknown error"
}

// Error is the error of every function here. It never quotes the packet.
type Error struct {
	// Kind tells what is wrong.
	Kind Kind
	// Err is the cause, if there is more to say: an error of package packet
	// that tells the place in the JSON text.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Err == nil {
		return "grammar: " + e.Kind.String()
	}
	return "grammar: " + e.Kind.String() + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error {
	return e.Err
}

// Is reports whether target is an [*Error] of the same kind without a cause of
// its own, so that errors.Is(err, &Error{Kind: KindPayload}) asks for a kind.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Err == nil
}

func fault(k Kind) error {
	return &Error{Kind: k}
}

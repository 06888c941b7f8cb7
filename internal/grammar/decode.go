package grammar

import (
	"bytes"
	"sync/atomic"

	"github.com/heirloom-io/socketio/packet"
)

// Limits of a decoder unless told otherwise.
const (
	// DefaultMaxAttachments is the limit of 2.5.1 and of 4.x since 2026; older
	// releases had none.
	DefaultMaxAttachments = 10
	// DefaultMaxPendingBytes is room for the default number of attachments of
	// the size that servers accept since 2.5.0, and their packet.
	DefaultMaxPendingBytes = 11_000_000
)

// Limits bounds what a decoder keeps for one client.
type Limits struct {
	// MaxAttachments is the highest number of attachments of a packet; 0 means
	// [DefaultMaxAttachments], a negative number none at all.
	MaxAttachments int
	// MaxPendingBytes is the greatest size, in bytes, of a packet and its
	// attachments together; 0 means [DefaultMaxPendingBytes]. It does not apply
	// to packets without attachments, whose carrier has a limit of its own.
	MaxPendingBytes int
	// Hold and Free account for what waits for its attachments over all clients:
	// Hold takes bytes or reports that they are not to be had, Free gives them
	// back. Nil for no account. They may be called concurrently.
	Hold func(bytes int) bool
	Free func(bytes int)
}

// Decoder puts the packets of one client together from its messages. Its
// methods must not be called concurrently. After an error it holds nothing, and
// the connection is to be closed.
type Decoder struct {
	rules *Decoding

	seen      Seen
	namespace string // of the last packet, kept to be used again

	// pending is set while attachments are awaited.
	pending *pending
	held    atomic.Int64 // taken by Limits.Hold
	closed  atomic.Bool
}

// Close gives back what the decoder holds. It may be called while another method
// runs; what comes after it is of no use.
func (d *Decoder) Close() {
	d.closed.Store(true)
	d.release()
}

func (d *Decoder) hold(bytes int) bool {
	if d.rules.limits.Hold == nil {
		return true
	}
	if !d.rules.limits.Hold(bytes) {
		return false
	}
	d.held.Add(int64(bytes))
	if d.closed.Load() {
		d.release()
	}
	return true
}

func (d *Decoder) release() {
	if n := d.held.Swap(0); n != 0 {
		d.rules.limits.Free(int(n))
	}
}

// drop forgets a packet whose attachments are not complete.
func (d *Decoder) drop() {
	d.pending = nil
	d.release()
}

// pending is a packet whose attachments are not complete.
type pending struct {
	packet *packet.Packet // nil: to be ignored, but its attachments will come
	data   [][]byte
	want   int
	bytes  int
}

// Decoding is what decoders of many clients have in common. All methods may be
// called concurrently.
type Decoding struct {
	style  Style
	limits Limits
}

// NewDecoder returns a decoder for the packets of one client; see [NewDecoding].
func NewDecoder(s Style, l Limits) *Decoder { return NewDecoding(s, l).Decoder() }

// Decoder returns a decoder for the packets of one client.
func (g *Decoding) Decoder() *Decoder { return &Decoder{rules: g} }

// NewDecoding returns what makes decoders. Of the style, ConnectPayload and Strict
// count. The decoders take what clients of all releases in question write, and
// refuse what 2.5.1 refuses, except that they accept binary packets without
// attachments where the style is not strict.
func NewDecoding(s Style, l Limits) *Decoding {
	if l.MaxAttachments == 0 {
		l.MaxAttachments = DefaultMaxAttachments
	}
	if l.MaxPendingBytes == 0 {
		l.MaxPendingBytes = DefaultMaxPendingBytes
	}
	return &Decoding{style: s, limits: l}
}

// Seen returns what the client's packets have shown so far.
func (d *Decoder) Seen() Seen {
	return d.seen
}

// Pending reports whether attachments are awaited.
func (d *Decoder) Pending() bool {
	return d.pending != nil
}

// Text takes a text message, without the digit of the Engine.IO message, and
// returns the packet it completes. No packet and no error means either that its
// attachments are awaited, which Pending tells, or that the message is one to
// ignore: of an unknown type, an event without a name, an acknowledgement
// without an id.
//
// The decoder and the packet keep b, which must not be changed any more. It
// should be valid UTF-8. A packet's arguments and data are checked to be JSON,
// its placeholders to fit its attachments; names that are reserved are looked
// for if the style is strict. The error is an [*Error].
func (d *Decoder) Text(b []byte) (*packet.Packet, error) {
	if d.pending != nil {
		d.drop()
		return nil, fault(KindUnexpectedText)
	}
	if len(b) == 0 {
		return nil, fault(KindEmpty)
	}
	if b[0] < wireConnect || b[0] > wireBinaryAck {
		if d.rules.style.Strict {
			return nil, fault(KindType)
		}
		return nil, nil
	}
	h, err := scanHeader(b, d.rules.limits.MaxAttachments, d.rules.style.Strict)
	if err != nil {
		return nil, err
	}
	p, err := d.build(&h)
	if err != nil {
		return nil, err
	}
	d.seen |= h.seen()
	if h.attachments == 0 {
		return p, nil
	}
	if len(b) > d.rules.limits.MaxPendingBytes || !d.hold(len(b)) {
		return nil, fault(KindPendingBytes)
	}
	d.pending = &pending{packet: p, want: h.attachments, bytes: len(b)}
	return nil, nil
}

// Binary takes a binary message, without the type byte of Engine.IO 2 and 3, and
// returns the packet it completes, or no packet while more attachments are
// awaited or if the packet was one to ignore. The packet keeps b, which must
// not be changed any more. The error is an [*Error].
func (d *Decoder) Binary(b []byte) (*packet.Packet, error) {
	w := d.pending
	if w == nil {
		return nil, fault(KindUnexpectedBinary)
	}
	if len(b) > d.rules.limits.MaxPendingBytes-w.bytes || !d.hold(len(b)) {
		d.drop()
		return nil, fault(KindPendingBytes)
	}
	w.bytes += len(b)
	if w.packet != nil {
		w.data = append(w.data, b)
	}
	if w.want--; w.want > 0 {
		return nil, nil
	}
	d.drop()
	if w.packet != nil {
		w.packet.Attachments = w.data
	}
	return w.packet, nil
}

// build makes the packet of a header, nil for one to ignore.
func (d *Decoder) build(h *header) (*packet.Packet, error) {
	p := &packet.Packet{Namespace: packet.DefaultNamespace}
	if h.namespace != nil {
		path := h.namespace
		if h.kind == wireConnect && !d.rules.style.ConnectPayload {
			var query []byte
			path, query, _ = bytes.Cut(path, []byte{'?'})
			p.Query = string(query)
		}
		p.Namespace = d.name(path)
	}
	switch h.kind {
	case wireConnect:
		p.Type = packet.Connect
		return p, d.connect(p, h.rest)
	case wireDisconnect:
		p.Type = packet.Disconnect
		return p, d.disconnect(h.rest)
	case wireError:
		p.Type = packet.Error
		return p, failure(p, h.rest)
	}
	p.ID, p.HasID = h.id, h.hasID
	if h.kind == wireEvent || h.kind == wireBinaryEvent {
		return d.event(p, h)
	}
	return ack(p, h)
}

// name returns a namespace as a string. Clients name few, mostly the same one
// again and again.
func (d *Decoder) name(b []byte) string {
	const keep = 128 // bytes that are worth holding on to
	if string(b) == d.namespace {
		return d.namespace
	}
	s := string(b)
	if len(s) <= keep {
		d.namespace = s
	}
	return s
}

package v0

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
)

// serverIDs is the difference between the ids of questions that the server asks
// in the neutral vocabulary, where they begin at 0, and on the wire, where
// genuine servers begin at 1.
const serverIDs = 1

// ColonEncoder writes neutral packets as colon packets. It implements
// [packet.Encoder]. All values are equal, and all methods may be called
// concurrently.
type ColonEncoder struct{}

var _ packet.Encoder = ColonEncoder{}

// Key identifies the dialect, which is the same for all carriers: what suits
// one of them only is done to all, so that a broadcast is encoded once.
func (ColonEncoder) Key() packet.Key { return "v0/colon" }

// Encode returns the frame of a packet. Binary values become what package
// compat declares. The JSON in the packet is trusted to be valid. Errors are
// those of compat.Degrade, and [ErrColon] for a namespace that cannot stand in a
// packet.
func (ColonEncoder) Encode(p *packet.Packet) ([]packet.Frame, error) {
	p, err := compat.Degrade(p, compat.V07.Features())
	if err != nil || p == nil {
		return nil, err
	}
	data, err := AppendNeutral(make([]byte, 0, len(p.Namespace)+len(p.Name)+len(p.Args)+40), p)
	if err != nil {
		return nil, err
	}
	frames := make([]packet.Frame, 1)
	frames[0].Data, frames[0].NoCompress = fit(data), p.NoCompress
	return frames, nil
}

// fit gives back memory that is left over, if it is much. JSON may have six bytes
// for what is one on the wire, and what waits for a client is bounded by the
// length of its frames.
func fit(data []byte) []byte {
	if spare := cap(data) - len(data); spare > 64 && spare > len(data)/2 {
		return bytes.Clone(data)
	}
	return data
}

// AppendNeutral appends the colon packet of a neutral packet without
// attachments:
//
//	event message, one string      3, or 4 if the text needs escapes
//	event message, one other value 4
//	any other event                5
//	connect, disconnect, ack       1, 0, 6
//	error                          7, always with the reason "unauthorized"
//
// A question is always asked of the application (id and plus sign): clients
// never answer an event whose id stands alone.
//
// The dialect has three reasons, of which two are about transports and sessions.
// So every refusal of a namespace is "unauthorized", also that of one that does
// not exist, on which genuine servers are silent and let the client wait:
// clients since 0.7.3 fire connect_failed for it, those before an error.
func AppendNeutral(dst []byte, p *packet.Packet) ([]byte, error) {
	endpoint, err := endpointOf(p.Namespace)
	if err != nil {
		return dst, err
	}
	c := Colon{Endpoint: endpoint}
	switch p.Type {
	case packet.Connect:
		c.Type = ColonConnect
	case packet.Disconnect:
		c.Type = ColonDisconnect
	case packet.Error:
		c.Type, c.Data = ColonError, reasonUnauthorized
	case packet.Ack:
		return appendAck(dst, endpoint, p), nil
	case packet.Event:
		if p.HasID {
			c.ID, c.Ack = p.ID+serverIDs, AckData
		}
		return appendEvent(dst, c, p), nil
	default:
		return dst, errColonType
	}
	return AppendColon(dst, c), nil
}

var reasonUnauthorized = []byte("2")

func appendAck(dst []byte, endpoint string, p *packet.Packet) []byte {
	data := strconv.AppendInt(make([]byte, 0, len(p.Args)+24), p.ID, 10)
	if len(p.Args) > 0 {
		data = append(data, "+["...)
		data = append(AppendSafeJSON(data, p.Args), ']')
	}
	return AppendColon(dst, Colon{Type: ColonAck, Endpoint: endpoint, Data: data})
}

func appendEvent(dst []byte, c Colon, p *packet.Packet) []byte {
	if p.Name == compat.MessageEvent {
		var one [2][]byte
		if args, err := packet.Split(p.Args, one[:0]); err == nil && len(args) == 1 {
			return appendMessage(dst, c, args[0])
		}
	}
	data := make([]byte, 0, len(p.Name)+len(p.Args)+24)
	data = append(data, `{"name":`...)
	data = AppendSafeJSON(data, packet.AppendString(nil, p.Name))
	if len(p.Args) > 0 {
		data = append(data, `,"args":[`...)
		data = append(AppendSafeJSON(data, p.Args), ']')
	}
	c.Type, c.Data = ColonEvent, append(data, '}')
	return AppendColon(dst, c)
}

// appendMessage is for the event message with one argument.
func appendMessage(dst []byte, c Colon, arg []byte) []byte {
	if text, ok := packet.Unquote(arg); ok && plainText(text) {
		c.Type, c.Data = ColonMessage, []byte(text)
	} else {
		c.Type, c.Data = ColonJSON, AppendSafeJSON(nil, arg)
	}
	return AppendColon(dst, c)
}

// endpointOf returns the form of a namespace on the wire. Line ends would part
// the packet for clients up to 0.8.2.
func endpointOf(namespace string) (string, error) {
	switch {
	case namespace == packet.DefaultNamespace:
		return "", nil
	case namespace == "" || namespace[0] != '/' || strings.ContainsAny(namespace, ":\n\r\u2028\u2029\ufffd"):
		return "", errColonEndpoint
	}
	return namespace, nil
}

// namespaceOf is the inverse of endpointOf, with a query taken off. Genuine
// clients never write one there, and genuine servers look for a namespace of
// that whole name.
func namespaceOf(endpoint string) (namespace, query string, err error) {
	if endpoint == "" {
		return packet.DefaultNamespace, "", nil
	}
	namespace, query, _ = strings.Cut(endpoint, "?")
	// The slash alone is no other name of the default namespace: the client's
	// own object for it would hear nothing.
	if namespace == packet.DefaultNamespace || namespace == "" || namespace[0] != '/' {
		return "", "", errColonEndpoint
	}
	return namespace, query, nil
}

// Neutral returns the neutral packet of a connect, message, json, event or ack,
// or of the disconnect of a namespace. It owns nothing of the colon packet's
// memory. The errors wrap [ErrColon].
func Neutral(c Colon) (*packet.Packet, error) {
	namespace, query, err := namespaceOf(c.Endpoint)
	if err != nil {
		return nil, err
	}
	p := &packet.Packet{Type: packet.Event, Namespace: namespace}
	if c.Ack == AckData {
		p.ID, p.HasID = c.ID, true
	}
	switch c.Type {
	case ColonConnect:
		p.Type, p.Query = packet.Connect, query
		if q, ok := bytes.CutPrefix(c.Data, []byte("?")); ok {
			p.Query = string(q)
		}
		p.ID, p.HasID = 0, false
	case ColonDisconnect:
		p.Type = packet.Disconnect
		p.ID, p.HasID = 0, false
	case ColonMessage:
		p.Name, p.Args = compat.MessageEvent, packet.AppendString(nil, string(c.Data))
	case ColonJSON:
		if packet.Valid(c.Data) != nil {
			return nil, errColonJSON
		}
		p.Name, p.Args = compat.MessageEvent, bytes.Clone(bytes.Trim(c.Data, jsonSpace))
	case ColonEvent:
		var args []byte
		if p.Name, args, err = DecodeColonEvent(c.Data); err != nil {
			return nil, err
		}
		p.Args = bytes.Clone(args)
	case ColonAck:
		return neutralAck(p, c.Data)
	default:
		return nil, errColonType
	}
	return p, nil
}

// neutralAck reads an acknowledgement. What is no array of arguments counts as
// none.
func neutralAck(p *packet.Packet, data []byte) (*packet.Packet, error) {
	id, array, err := DecodeColonAck(data)
	if err != nil {
		return nil, err
	}
	if id < serverIDs {
		return nil, errColonAckID
	}
	p.Type, p.ID, p.HasID = packet.Ack, id-serverIDs, true
	if args, _, err := packet.ScanArray(array); err == nil {
		p.Args = bytes.Clone(args)
	}
	return p, nil
}

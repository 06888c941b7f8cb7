package grammar

import (
	"fmt"

	"github.com/heirloom-io/socketio/packet"
)

// The numbers of the packet types on the wire.
const (
	wireConnect     = '0'
	wireDisconnect  = '1'
	wireEvent       = '2'
	wireAck         = '3'
	wireError       = '4'
	wireBinaryEvent = '5'
	wireBinaryAck   = '6' // since protocol 4, Socket.IO 1.0.3
)

// binaryMark is the byte before binary data in Engine.IO 2 and 3: the type of a
// message as a number, not a digit.
const binaryMark = 0x04

// Style says how a release writes packets, and how one that receives them takes
// what releases disagree on. It is a plain value; styles that are equal make
// equal bytes.
//
//	                     1.0.0-1.0.2  1.0.3-1.7  2.x   3.x, 4.x
//	MessagePrefix        '4'          '4'        '4'   '4'
//	BinaryPrefix         true         true       true  false
//	BareNamespaceComma   false        false      true  true
//	AckBinaryForm        true         false      false false
//	ConnectPayload       false        false      false true
//	ErrorObject          false        false      false true
//	Strict               false        false      false true
//
// Offset is a matter of what the server keeps, see package rooms.
//
// ASCII is no matter of releases but of the carrier and of how a client reads
// text.
type Style struct {
	// MessagePrefix starts every text frame: the digit of an Engine.IO message.
	// With 0 there is none.
	MessagePrefix byte
	// BinaryPrefix puts the type of an Engine.IO message, as a byte, before the
	// data of every binary frame.
	BinaryPrefix bool
	// BareNamespaceComma ends a packet that has nothing after its namespace in
	// a comma. All releases accept both.
	BareNamespaceComma bool
	// AckBinaryForm writes every acknowledgement with a number of attachments,
	// as protocol 3 does: 30-0["yes"]. A client of 1.0.0-1.0.2 never returns
	// from any other form, and later clients do not know this one.
	AckBinaryForm bool
	// ConnectPayload lets a connect carry a JSON object, as in protocol 5, and
	// makes a question mark an ordinary character of a namespace. Without it
	// the query of a connect stands in the namespace, since 1.5.0.
	ConnectPayload bool
	// ErrorObject writes what refuses a connect as an object, as in protocol 5:
	// {"message":"no","data":{}}, data only if there is any. Without it the data
	// is written, or in its absence the message, as a JSON string.
	ErrorObject bool
	// Strict makes a decoder refuse packets of an unknown type, events of
	// reserved names, binary packets without attachments, acknowledgements in the
	// form of protocol 3 and a disconnect that carries anything, as 3.x and 4.x
	// do; 1.x and 2.x ignore most of that.
	Strict bool
	// Offset ends an event that has a place among those of its namespace in one
	// argument more, a string that says which. Clients since 4.6 give the last one
	// back when they return; earlier ones take it for an argument.
	Offset bool
	// ASCII writes JSON without any character beyond ASCII. A namespace is not
	// JSON and keeps its characters.
	ASCII bool
}

// key names the encoding of the style. Its text covers every field.
func (s Style) key() packet.Key {
	return packet.Key(fmt.Sprintf("grammar%v", s))
}

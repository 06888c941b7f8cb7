package packet

// Type says what a packet is for. The set is closed; every generation maps its
// own type numbers onto it.
type Type uint8

// The packet types.
const (
	// Connect asks to join a namespace, or confirms that a client has.
	Connect Type = iota
	// Disconnect leaves a namespace.
	Disconnect
	// Event carries a name and arguments.
	Event
	// Ack answers an Event that asked for an acknowledgement.
	Ack
	// Error refuses a connection to a namespace, or reports a fault in one.
	Error
)

var typeNames = [...]string{"connect", "disconnect", "event", "ack", "error"}

// String returns the type's name in lower case, for logs and metrics.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "unknown"
}

// DefaultNamespace is the namespace every client has, in every generation.
const DefaultNamespace = "/"

// Packet is one neutral packet. A packet that has been handed to [Prepare] or
// received from a client is not changed any more, and may then be read from
// several goroutines.
type Packet struct {
	// Type is the kind of packet.
	Type Type
	// Namespace starts with a slash; "/" is the default namespace.
	Namespace string
	// ID is the acknowledgement id, valid only if HasID is set.
	ID int64
	// HasID is set on an Event that wants an acknowledgement and on every Ack.
	HasID bool
	// Name is the name of an Event, or the message of an Error, which says in
	// plain text what was refused; dialects that write but one of the two prefer
	// an Error's Data.
	Name string
	// Args are the arguments of an Event (without its name) or an Ack: JSON
	// values separated by commas, without the surrounding brackets; empty when
	// there are none. The place of a binary value holds the object
	// {"_placeholder":true,"num":N}, N being an index into Attachments.
	Args []byte
	// Attachments are the binary values, in document order.
	Attachments [][]byte
	// Data is one raw JSON value, or nil: the payload of a Connect, the reason
	// of an Error.
	Data []byte
	// Query is the query a client attached to the namespace of a Connect,
	// undecoded and without the question mark.
	Query string
	// Offset is the place of an Event among those of its namespace that a client
	// may ask for again, empty if it has none. Only dialects that can tell clients
	// so write it, as one more argument.
	Offset string
	// Volatile packets are dropped, not queued, for a client whose carrier is
	// not ready at that moment.
	Volatile bool
	// NoCompress asks carriers not to compress the packet.
	NoCompress bool
}

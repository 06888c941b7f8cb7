package transports

import (
	"errors"

	"github.com/heirloom-io/socketio/packet"
)

// Conn is a connection that carries whole messages both ways. One goroutine
// reads and one writes; Goodbye and Terminate may be called from any.
type Conn interface {
	// Read waits for a message and passes it to f, whose data is valid during the
	// call only. An error of f ends Read with that error. After any other error
	// the connection is of no use: the error is ErrTooLarge, ErrNotText,
	// ErrPeerClosed, or that of the network.
	Read(f func(data []byte, binary bool) error) error
	// Write sends frames in order, in as few writes as it can, and returns when
	// they have been handed to the network. After an error the connection is of
	// no use.
	Write(frames []*packet.Frame) error
	// Goodbye tells the peer that the connection ends, and bounds the time in
	// which Read still waits for the peer's own goodbye.
	Goodbye(CloseCode)
	// Terminate closes at once. Further calls do nothing.
	Terminate()
}

// CloseCode says to the peer why a connection ends, for carriers that can say
// so; the numbers are those of RFC 6455.
type CloseCode int

// The codes in use.
const (
	// CloseNone says nothing.
	CloseNone CloseCode = 1005
	// CloseNormal is an ordinary end.
	CloseNormal CloseCode = 1000
	// CloseNotText refuses a text message that is not UTF-8.
	CloseNotText CloseCode = 1007
	// CloseTooLarge refuses a message over the limit.
	CloseTooLarge CloseCode = 1009
	// CloseTryLater refuses for lack of resources.
	CloseTryLater CloseCode = 1013
)

// Errors of Conn.Read.
var (
	// ErrTooLarge is returned for a message larger than MaxMessage.
	ErrTooLarge = errors.New("transports: message too large")
	// ErrNotText is returned for a text message that is not valid UTF-8.
	ErrNotText = errors.New("transports: text message is not UTF-8")
	// ErrBusy is returned when the budget for messages being received is spent.
	ErrBusy = errors.New("transports: receive budget spent")
	// ErrPeerClosed is returned when the peer has ended the connection in order.
	ErrPeerClosed = errors.New("transports: closed by peer")
)

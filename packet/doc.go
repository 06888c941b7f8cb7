// Package packet is the neutral vocabulary of the server: what a packet is,
// independent of the bytes any release of Socket.IO writes for it.
//
// Everything above the wire (namespaces, rooms, broadcasts, handlers) speaks in
// [Packet]; every generation turns packets into [Frame] values through its
// [Encoder] and back. Arguments stay raw JSON plus binary attachments until a
// handler asks for them, and a [Prepared] packet is encoded at most once for
// each dialect however many clients receive it.
//
// The package knows no wire format, opens no connection and starts no
// goroutine. It imports the standard library only.
package packet

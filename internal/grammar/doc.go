// Package grammar is the text of Socket.IO packets since 1.0, protocols 3 to 5:
// one [Encoder], one [Decoder], and a [Style] whose fields are the differences
// between the releases.
//
//	packet  = type [attachments "-"] [namespace ["?" query] ","] [id] [json]
//
//	2["news",1]                                    event in the default namespace
//	2/chat,0["q",7]                                event that wants acknowledgement 0
//	51-["file",{"_placeholder":true,"num":0}]      event with one attachment to follow
//	3/chat,0["r",7]                                acknowledgement
//	0/chat,   0/chat?token=abc,   0/chat           connect: 2.x, with a query, 1.x
//
// The package knows the digit that marks a message of Engine.IO and the byte
// before binary data, because finished frames hold them; of sessions, carriers,
// payloads and of what a namespace is it knows nothing. It starts no goroutine.
package grammar

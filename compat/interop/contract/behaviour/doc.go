// Package behaviour is what the contract server does: a table of events that
// is the same for the clients of every generation, so that interop tests, load
// generators and clients of anybody's own can rely on it.
//
// In the namespaces "/" and "/chat":
//
//	echo(data), with ack        ack(data)
//	echo(data), without         emits echo(data) to the sender
//	ask(x)                      emits question(x) with an ack to the sender; what comes
//	                            back it emits as answered(it)
//	count(n)                    emits seq(0) ... seq(n-1) to the sender
//	message (send(m))           sends m back the same way
//	where(x), with ack          ack(name of the namespace)
//	join(room), with / without  joins; ack(room) / emits joined(room)
//	leave(room)                 leaves
//	pub(room, data)             emits msg(data) to everyone in the room
//	others(room, data)          the same, but not to the sender
//	bin(buffer), with ack       ack(buffer)
//	blob({name, data}), ack     emits blob({name, data}) to the sender, then ack({data})
//	info, with / without ack    ack / emits info({generation, dialect, transport, evidence})
//	bye                         disconnects the socket and closes the connection
//
// The namespace "/refuse" lets nobody in, with the message "no entry".
//
// The package knows the public API alone, no generation and no wire, and starts
// no goroutine.
package behaviour

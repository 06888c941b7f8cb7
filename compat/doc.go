// Package compat is the catalogue of the generations of Socket.IO, and the
// rules for their meeting in one room.
//
// The catalogue has one [Generation] for every wire dialect that a first
// request can lead to: its releases, its mark on the wire, its features, and
// whether this release of the library serves it. Generations that are not
// served yet have a row too, so that a constraint and a refusal can name them.
// [ParseConstraint] resolves a constraint over releases, such as
// ">= 0.7, < 3", to a [Set] of generations when the server is configured;
// nothing is compared per request.
//
// # Degradation
//
// Rooms hold clients of every generation. What a packet becomes for a client
// whose dialect lacks a feature is this table and nothing else; [Degrade],
// [MessageOf] and [PacketOfMessage] are its code.
//
//	| what is sent or received        | the dialect lacks | what becomes of it                                          |
//	|---------------------------------|-------------------|-------------------------------------------------------------|
//	| binary value in the arguments   | binary            | {"base64":true,"data":"<standard base64>"} in its place     |
//	| event asking for an ack         | acks              | the event, without the question; whoever waits for the      |
//	|                                 |                   | answer gets an error at once, or counts it as not asked     |
//	| ack                             | acks              | nothing is sent                                             |
//	| event message, one string       | events            | the bare text                                               |
//	| event message, one other value  | events            | the value as JSON message, unless it has the shape below    |
//	| any other event                 | events            | the JSON message {"name":"<event>","args":[...]}            |
//	| JSON message with exactly       | events            | that event                                                  |
//	|   name: string and args: array  |                   |                                                             |
//	| any other message of a client   | events            | event message with the text or the JSON value               |
//	| connect, disconnect, error      | events            | nothing is sent; a refused client is disconnected           |
//	| event that a middleware refused | event errors      | nothing is sent; the socket's own error handlers get it     |
//	| id of a socket in a namespace   | own ids           | that of the session, "/chat#ID" outside the root            |
//	| packet of another namespace     | namespaces        | an error: such clients live in / alone                      |
//
// Clients of 0.5 and 0.6 get a number or a boolean as text, and null as an empty
// one, as their own servers wrote them. An application may put rules of its own in
// place of those between events and messages, MessagesConfig.Encode and
// MessagesConfig.Decode of package socketio.
//
// A rule does not look at the carrier: a text-only carrier of a dialect that
// has binary uses the dialect's own form. Reasons of disconnects are one closed
// list (package versions), rendered by each dialect in its own words.
//
// # The servers of 0.1 to 0.6
//
// Who moves a program from such a server finds here what stands for each name of
// its documentation. Names are those of package socketio, unless another package
// is named. What went to all clients still does, of whatever generation; a
// message is the event "message" to those that have events.
//
//	| there                                   | here                                            |
//	|-----------------------------------------|-------------------------------------------------|
//	| io.listen(server, options)              | NewServer, Server.Attach                        |
//	| Listener: server                        | the http.Server whose Handler is Server.Attach  |
//	| Listener: options                       | Server.Config                                   |
//	| option resource                         | Config.Path                                     |
//	| option origins                          | Config.Origins                                  |
//	| option transports                       | MessagesConfig.Transports                       |
//	| option timeout, closeTimeout: polling   | MessagesConfig.CloseTimeout                     |
//	| option timeout, closeTimeout: streams   | MessagesConfig.StreamCloseTimeout               |
//	| transportOptions: timeout, since 0.5    | MessagesConfig.HeartbeatTimeout                 |
//	| transportOptions: heartbeatInterval     | MessagesConfig.HeartbeatInterval                |
//	| transportOptions: duration              | MessagesConfig.PollingDuration                  |
//	| option flashPolicyServer                | transports.NewPolicyServer                      |
//	| the client's script, of 0.6             | Config.ClientFiles                              |
//	| option log                              | Config.Logger                                   |
//	| Listener: clients                       | Server.Sockets; Server.SocketsOf for some only  |
//	| Listener: clientsIndex[id]              | Server.Socket                                   |
//	| Listener: addListener, on, onClientX    | Server.OnConnection, and there Socket.On        |
//	| Listener: removeListener                | Subscription.Cancel                             |
//	| Listener: broadcast(message)            | Server.Send                                     |
//	| Listener: broadcast(message, except)    | Server.Except with ids, and then Operator.Send  |
//	| Listener: clientConnect, connection     | Server.OnConnection                             |
//	| Listener: clientMessage                 | Socket.On                                       |
//	| Listener: clientDisconnect              | Socket.OnDisconnect                             |
//	| Client: sessionId                       | Socket.ID                                       |
//	| Client: request                         | Socket.Request; Socket.Handshake for the gist   |
//	| Client: listener                        | Socket.Server                                   |
//	| Client: connected                       | Socket.Connected                                |
//	| Client: connections                     | Conn.Connections, by way of Socket.Conn         |
//	| Client: send(message)                   | Socket.Send                                     |
//	| Client: broadcast(message)              | Socket.Broadcast, and then Operator.Send        |
//	| Client: message                         | Socket.On                                       |
//	| Client: disconnect                      | Socket.OnDisconnect                             |
//
// The package knows no wire format and no request, and starts no goroutine. It
// imports package packet and, for constraints, hashicorp/go-version.
package compat

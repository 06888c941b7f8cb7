// Package v0 is Socket.IO before 1.0. Three dialects share the rules of sessions
// and of transports; what differs is in the values of type dialect.
//
// 0.1 to 0.4 send messages in an envelope of JSON, and 0.5 and 0.6 behind their
// length. Both begin with a transport, and get the id of their session by it:
//
//	GET /socket.io/xhr-polling//T           {"messages":["{\"sessionid\":\"SID\"}"]}
//	POST /socket.io/xhr-polling/SID/send    data=["hello",{"a":1}]
//
//	GET /socket.io/xhr-polling//T           ~m~17~m~39096078499135634
//	POST /socket.io/xhr-polling/SID/send    data=~m~5~m~hello~m~11~m~~j~{"a":1}
//
// In most cases that request looks the same from both. A stream then speaks both
// dialects until the client has spoken, and polls are offered one after the
// other, see [MessageServer]. A message is the event that package compat declares,
// or the application's own function.
//
// 0.7 to 0.9 have packets, parted by colons:
//
//	GET /socket.io/1/?t=T                   SID:60:60:websocket,htmlfile,xhr-polling,jsonp-polling
//	GET /socket.io/1/websocket/SID          1::
//	                                        5:::{"name":"news","args":[1,"two"]}
//	client: 5:1+:/chat:{"name":"hi"}        6::/chat:1+["ok"]
//
// A request gets to a transport, which places its carrier (a held GET, a
// connection, an endless page) in the session; the carrier takes frames out of
// the session's outbox. Whatever comes in goes through the grammar (the files
// named colon) to the receiver of package versions.
//
//	request -> Server -> mechanism -> carrier <- outbox <- session <- Deliver
//	body or message -> session -> grammar -> Receiver
//
// # Neutral packets
//
//	| wire                     | neutral                                            |
//	|--------------------------|----------------------------------------------------|
//	| 3 message, 4 json        | event message with one argument                    |
//	| 5 event                  | event                                              |
//	| 6 ack                    | ack                                                |
//	| 1 connect, 0 disconnect  | the same; 0 without a namespace ends the session   |
//	| 7 error                  | error: a namespace refused or not existing, as     |
//	|                          | "unauthorized"; in "/" the session ends after it   |
//	| id alone                 | answered here, before the delivery                 |
//	| id and plus sign         | the application is asked                           |
//
// # Settings of 0.6
//
//	| setting                              | here                                          |
//	|--------------------------------------|-----------------------------------------------|
//	| transports                           | MessageParams.Transports                      |
//	| resource, origins                    | decided for all generations before this       |
//	| transportOptions closeTimeout        | MessageParams.CloseTimeout of polls, and      |
//	|                                      | StreamCloseTimeout                            |
//	| transportOptions timeout             | MessageParams.HeartbeatTimeout                |
//	| transportOptions heartbeatInterval   | MessageParams.HeartbeatInterval               |
//	| transportOptions duration            | MessageParams.PollingDuration                 |
//	| flashPolicyServer                    | the policy listeners of package transports    |
//	| log                                  | MessageParams.Logger                          |
//
// # Settings of 0.9
//
// The fields of Config.V0 have the defaults of 0.9, and get here as those of
// [Params].
//
//	| setting                     | default of 0.9                                  | here, in package socketio                                                       |
//	|-----------------------------|-------------------------------------------------|---------------------------------------------------------------------------------|
//	| transports                  | websocket, htmlfile, xhr-polling, jsonp-polling | Config.V0.Transports                                                            |
//	| origins                     | all                                             | Config.Origins and Config.OriginFunc, for every generation                      |
//	| authorization               | none                                            | Config.AllowRequest                                                             |
//	| resource                    | /socket.io                                      | Config.Path, which is no regular expression                                     |
//	| heartbeats                  | on                                              | Config.V0.DisableHeartbeats                                                     |
//	| heartbeat interval          | 25 s                                            | Config.V0.HeartbeatInterval                                                     |
//	| heartbeat timeout           | 60 s                                            | Config.V0.HeartbeatTimeout                                                      |
//	| close timeout               | 60 s                                            | Config.V0.CloseTimeout                                                          |
//	| polling duration            | 20 s                                            | Config.V0.PollingDuration                                                       |
//	| blacklist                   | disconnect                                      | Config.V0.Blacklist                                                             |
//	| destroy buffer size         | 100,000,000                                     | Config.V0.DestroyBufferSize                                                     |
//	| match origin protocol       | off                                             | Config.V0.MatchOriginProtocol                                                   |
//	| destroy upgrade             | on                                              | none: what is not ours goes to the handler given to Server.Attach               |
//	| flash policy server         | on                                              | transports.PolicyServer with Server.FlashPolicy: no port is opened unasked      |
//	| flash policy port           | 10843                                           | that of the listener given to it; transports.PolicyListener shares the main one |
//	| store                       | in memory                                       | Config.Adapter for rooms; values of sockets live in the process                 |
//	| client store expiration     | 15 s                                            | none: values go with their socket                                               |
//	| logger, log                 | console, on                                     | Config.Logger                                                                   |
//	| log level, log colors       | 3, on a terminal                                | none: they are the handler's of Config.Logger                                   |
//	| static                      | built in                                        | Config.ClientFiles                                                              |
//	| browser client              | on                                              | Config.ClientFiles: the scripts are no part of this module                      |
//	| browser client cache        | on                                              | none: files are always kept in memory, up to a bound                            |
//	| browser client minification | off                                             | none: Config.ClientFiles holds what is to be served                             |
//	| browser client etag         | off                                             | none: there always is one                                                       |
//	| browser client gzip         | off                                             | none: always, for clients that take it                                          |
//	| browser client handler      | none                                            | none: a handler of the application's before Server.Attach                       |
//	| browser client expires      | ten years                                       | none: a year where the path names a release, else not at all                    |
//
// Of our own are Config.V0.DisableDrafts, Config.V0.StreamMaxBytes,
// Config.V0.StreamMaxAge and Config.V0.MaxUnclaimedPerPeer.
//
// The package knows no namespace's members, no room and no handler. Goroutines:
// one reader for each connection and, for a response without an end, one that waits for
// its end, both waited for by [Server.Close]; the writers of package transports;
// timers. Polls are held on the goroutines of net/http.
package v0

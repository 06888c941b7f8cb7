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
//	| setting                              | here                                          |
//	|--------------------------------------|-----------------------------------------------|
//	| transports                           | Params.Transports                             |
//	| origins, resource                    | decided for all generations before this       |
//	| authorization                        | Params.Admit                                  |
//	| heartbeats                           | Params.DisableHeartbeats                      |
//	| heartbeat interval, timeout          | Params.HeartbeatInterval, HeartbeatTimeout    |
//	| close timeout                        | Params.CloseTimeout                           |
//	| polling duration                     | Params.PollingDuration                        |
//	| blacklist                            | Params.Blacklist                              |
//	| destroy buffer size                  | Params.DestroyBufferSize                      |
//	| match origin protocol                | Params.MatchOriginProtocol                    |
//	| flash policy server, port            | the policy listeners of package transports    |
//	| destroy upgrade                      | none: what is not ours is the application's   |
//	| store, client store expiration       | none: sessions live in one process            |
//	| logger, log, log level, log colors   | Params.Logger                                 |
//	| static, browser client and its own   | client files are served for all generations   |
//
// The package knows no namespace's members, no room and no handler. Goroutines:
// one reader for each connection and, for a response without an end, one that waits for
// its end, both waited for by [Server.Close]; the writers of package transports;
// timers. Polls are held on the goroutines of net/http.
package v0

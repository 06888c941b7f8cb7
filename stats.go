package socketio

import "github.com/heirloom-io/socketio/negotiate"

// Tally counts the requests of one generation and transport that had one outcome.
type Tally = negotiate.Tally

// Stats are counters of a server.
type Stats struct {
	// Clients is the number of open sessions, as [Server.Clients] has it.
	Clients int `json:"clients"`
	// Rehandshakes is how many times clients of 0.1 to 0.6 asked for a session
	// anew without having taken the one they were offered, since the server was
	// made. Which of their two dialects a client that polls speaks is found out by
	// offering one after the other, so a few are usual, as a rule one for each
	// client of 0.1 to 0.4. A number that grows without end shows a client that
	// understands neither. What such a client costs is bounded by
	// MessagesConfig.MaxUnclaimedPerPeer.
	Rehandshakes uint64 `json:"rehandshakes"`
	// Requests counts the requests that clients have made, over all that
	// [Server.Attach] has returned, since the server was made, by what they were
	// taken for at first sight: oldest generation first, and only what has
	// occurred. Requests that an [Engine] middleware has answered itself are not
	// among them. A WebSocket is one request however long it lasts, a poll one
	// each time. The number of lines is bounded: transports that nobody has
	// announced count together as "other".
	Requests []Tally `json:"requests"`
}

// Stats returns the counters.
func (s *Server) Stats() Stats {
	return Stats{
		Clients:      s.front.Clients(),
		Rehandshakes: s.front.Rehandshakes(),
		Requests:     s.front.Requests(),
	}
}

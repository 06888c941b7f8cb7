package transports

import "net/http"

// FlashSocket is the websocket that a Flash file opens on behalf of a browser
// without one, for clients of Socket.IO 0.1 to 0.9. Only its name and the
// policy that Flash asks for ([PolicyListener], [PolicyServer]) tell it from
// the websocket: the Flash file speaks hixie-75, hixie-76 or a hybi draft,
// depending on its age, and all drafts are served whatever the parameters say.
//
// It is off unless configuration names it, as on genuine servers since 0.7.
type FlashSocket struct{}

// Name returns "flashsocket".
func (FlashSocket) Name() string { return "flashsocket" }

// Mechanism returns MechanismDuplex.
func (FlashSocket) Mechanism() Mechanism { return MechanismDuplex }

// Accept answers a websocket opening request of RFC 6455 or of any draft. Any
// refusal has been answered when it returns an error.
func (FlashSocket) Accept(w http.ResponseWriter, r *http.Request, p DuplexParams) (Conn, error) {
	p.Drafts = AllDrafts
	return WebSocket{}.Accept(w, r, p)
}

// Legacy returns the transports of this package that only clients before 1.0
// know. They are not in a registry from the start, lest every generation that
// is given all transports by default be given these too.
func Legacy() []Transport {
	return []Transport{FlashSocket{}}
}

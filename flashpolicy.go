package socketio

import (
	"github.com/heirloom-io/socketio/negotiate"
	"github.com/heirloom-io/socketio/transports"
)

// FlashPolicy returns what Flash is to be told about who may open connections, for
// [transports.PolicyListener] and [transports.NewPolicyServer]: the hosts of
// [Config.Origins], or any where a func of the application decides or nothing is
// set. The policy only lets Flash try: its connection then counts like any other,
// and is refused if its page's origin is not admitted.
//
//	http.Serve(transports.PolicyListener(l, io.FlashPolicy()), io.Attach(mux))
func (s *Server) FlashPolicy() transports.PolicyParams {
	var origins []string
	if s.config.AllowRequest == nil && s.config.OriginFunc == nil {
		origins = s.config.Origins
	}
	domains, err := negotiate.FlashDomains(origins)
	if err != nil {
		domains = []string{"localhost:*"} // cannot happen: the front door has the same list
	}
	return transports.PolicyParams{Origins: domains, Timeout: 0, MaxPending: 0}
}

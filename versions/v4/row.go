package v4

import (
	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/grammar"
)

// Row holds the traits of the generation.
var Row = &client.Row{
	ID:        compat.V4,
	Revisions: []*engine.Revision{engine.Revision4},
	Style: grammar.Style{
		MessagePrefix:      '4',
		BareNamespaceComma: true,
		ConnectPayload:     true,
		ErrorObject:        true,
		Strict:             true,
	},
	Certain:  true,
	Recovers: recovers,
	Dialect:  dialect,
}

// recovers leaves out what cannot be 4.6 or later. Releases since 4.3 without a
// random cache buster cannot be told apart.
func recovers(t client.Traits) bool { return !t.JSONP }

// dialect narrows the release down by what the first request has shown.
func dialect(t client.Traits) string {
	switch {
	case t.RandomStamp:
		return "4.8"
	case t.JSONP:
		return "3.0-4.2"
	case t.Stamped:
		return "3.0-4.7"
	default:
		return "3.0-4.8"
	}
}

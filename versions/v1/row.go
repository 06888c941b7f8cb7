package v1

import (
	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/grammar"
)

// Row holds the traits of the generation.
var Row = &client.Row{
	ID: compat.V1,
	// Browsers of 1.0 announce 2; everybody else, 3.
	Revisions: []*engine.Revision{engine.Revision3, engine.Revision2},
	Style: grammar.Style{
		MessagePrefix: '4',
		BinaryPrefix:  true,
	},
	// 1.0 reads websocket text as UTF-8 twice, and a node client of 1.0 looks
	// like one of 1.3 until it has upgraded.
	ASCIIFrames:  true,
	ASCIIBodies:  true,
	ImplicitRoot: true,
	Unoffered:    []string{"webtransport"}, // since 4.7
	Dialect:      dialect,
}

// dialect narrows the release down by what the client has shown.
func dialect(t client.Traits) string {
	switch {
	case t.AckV3:
		return "1.0.0-1.0.2"
	case t.Revision == engine.Revision2.Number:
		return "1.0"
	case t.DateStamp:
		return "1.0-1.3"
	case t.Stamped:
		return "1.4-1.7"
	default:
		return "1.x"
	}
}

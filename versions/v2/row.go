package v2

import (
	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/grammar"
)

// Row holds the traits of the generation.
var Row = &client.Row{
	ID:        compat.V2,
	Revisions: []*engine.Revision{engine.Revision3},
	Style: grammar.Style{
		MessagePrefix:      '4',
		BinaryPrefix:       true,
		BareNamespaceComma: true,
	},
	ASCIIBodies:  true,
	ImplicitRoot: true,
	Unoffered:    []string{"webtransport"}, // since 4.7
	Dialect:      func(client.Traits) string { return "2.0-2.5" },
}

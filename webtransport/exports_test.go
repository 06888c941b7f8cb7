package webtransport

import (
	"flag"
	"testing"

	"github.com/heirloom-io/socketio/internal/testkit"
)

var (
	update   = flag.Bool("update", false, "write what is exported into the records")
	complete = flag.Bool("complete", false, "fail for what is exported and not recorded, too")
)

// TestExports holds the exported names to their record in the folder api.
func TestExports(t *testing.T) {
	t.Parallel()
	testkit.CheckRecords(t, ".", "../CHANGELOG.md", *update, *complete)
}

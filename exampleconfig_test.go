package socketio_test

import (
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/heirloom-io/socketio"
)

// What io.configure("production", fn) was in 0.9: a configuration is a value, so
// that each environment has one of its own, made from what they share.
func ExampleConfig_environments() {
	shared := socketio.Config{PingInterval: 10 * time.Second}
	production := shared
	production.Origins = []string{"https://example.com"}
	production.MaxPayload = 1_000_000
	development := shared
	development.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))

	configs := map[string]socketio.Config{"production": production, "": development}
	io, err := socketio.NewServer(configs[os.Getenv("APP_ENV_OF_THIS_EXAMPLE")])
	if err != nil {
		log.Fatal(err)
	}
	config := io.Config()
	fmt.Println(config.PingInterval, config.MaxPayload)
	// Output: 10s 100000000
}

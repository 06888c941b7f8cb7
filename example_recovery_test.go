package socketio_test

import (
	"fmt"
	"log"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// A client since 4.6 that was cut off for less than five minutes goes on where it
// was; all others begin with the state of things.
func ExampleRecoveryConfig() {
	srv, err := socketio.NewServer(socketio.Config{
		Recovery: socketio.RecoveryConfig{Enabled: true, Window: 5 * time.Minute},
	})
	if err != nil {
		log.Fatal(err)
	}
	srv.OnConnection(func(s *socketio.Socket) {
		if s.Recovered() {
			return // rooms and data are there, and nothing was missed
		}
		s.Join("news")
		_ = s.Emit("state", "everything there is to know")
	})
	fmt.Println(srv.Config().Recovery.Window)
	// Output: 5m0s
}

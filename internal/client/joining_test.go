package client_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
	v4 "github.com/heirloom-io/socketio/versions/v4"
)

// start4 serves clients of 3.x and 4.x alone.
func start4(t *testing.T, connectTimeout time.Duration) *fixture {
	t.Helper()
	return start(t, setup{rows: []*client.Row{v4.Row}, connectTimeout: connectTimeout})
}

// sync4 waits until the server has handled all that was said before, of which it
// hears by a last event.
func (u *user) sync4(n int) []*packet.Packet {
	u.f.t.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(time.Millisecond) {
		if packets, _ := u.all(); len(packets) >= n {
			return packets
		}
	}
	u.f.t.Fatalf("not %d packets", n)
	return nil
}

// TestJoining: nobody is in a namespace unasked, and what is said comes as it is.
func TestJoining(t *testing.T) {
	t.Parallel()
	f := start4(t, 0)
	u := f.websocket("EIO=4")
	if packets, _ := u.all(); len(packets) != 0 {
		t.Errorf("before anything was said: %v", packets)
	}
	if !u.conn.Can(packet.FeatureOwnIDs | packet.FeatureBinary) {
		t.Error("features")
	}
	for _, m := range []string{`40/chat,{"a":1}`, `42/chat,["ev",1]`, `41/chat,`, `42["late"]`} {
		u.say(m)
	}
	want := []*packet.Packet{
		{Type: packet.Connect, Namespace: "/chat", Data: []byte(`{"a":1}`)},
		{Type: packet.Event, Namespace: "/chat", Name: "ev", Args: []byte("1")},
		{Type: packet.Disconnect, Namespace: "/chat"},
		{Type: packet.Event, Namespace: "/", Name: "late"}, // whose the namespace is, the layer above knows
	}
	if diff := cmp.Diff(want, u.sync4(len(want))); diff != "" {
		t.Errorf("packets (-want +got):\n%s", diff)
	}
	u.wantOpen()
}

// TestNotJoined: the first packet has to be a request to join.
func TestNotJoined(t *testing.T) {
	t.Parallel()
	f := start4(t, 0)
	for _, m := range []string{`42["ev"]`, "41", "430[]", `44"x"`} {
		u := f.websocket("EIO=4")
		u.say(m)
		u.wantClosed(versions.ReasonForcedClose)
		if packets, faults := u.all(); len(packets) != 0 || faults != 1 {
			t.Errorf("%s: %v, %d faults", m, packets, faults)
		}
	}
}

// TestCertain: what would move a client of 2.x to another generation means nothing.
func TestCertain(t *testing.T) {
	t.Parallel()
	f := start4(t, 0)
	ws := f.websocket("EIO=4")
	ws.say("40/chat")
	ws.say(`42["` + twice("é€") + `"]`)
	ws.say("40/other,")
	polling := f.polling("EIO=4&t=9otfgkhg")
	if status, body := f.do("POST", polling.query, "40/chat\x1e42[\""+twice("é€")+"\"]\x1e40/other,"); status != 200 {
		t.Fatalf("post: %d %q", status, body)
	}
	for _, u := range []*user{ws, polling} {
		if got := u.sync4(3)[1].Name; got != twice("é€") {
			t.Errorf("text read as %q", got)
		}
		if got := u.conn.Info().Generation; got != "3.x-4.x" {
			t.Errorf("taken for %s", got)
		}
	}
	if got := f.moved(); len(got) > 0 {
		t.Errorf("moved: %v", got)
	}
	if got := polling.conn.Info().Dialect; got != "4.8" {
		t.Errorf("dialect %q", got)
	}
}

// TestConnectTimeout ends who has been taken in nowhere, whatever he has asked for.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	f := start4(t, 2*time.Second)
	inside, asking := f.websocket("EIO=4"), f.websocket("EIO=4")
	if err := inside.deliver(packet.Packet{Type: packet.Connect, Data: []byte(`{"sid":"x"}`)}); err != nil {
		t.Fatal(err)
	}
	if got := inside.read(); got != `40{"sid":"x"}` {
		t.Errorf("confirmed by %q", got)
	}
	asking.say("40/none,")
	if err := asking.deliver(packet.Packet{Type: packet.Error, Namespace: "/none", Name: "no"}); err != nil {
		t.Fatal(err)
	}
	asking.wantClosed(versions.ReasonForcedClose)
	// Its time would have ended before that of the other.
	inside.say("40/again,")
	inside.sync4(1)
	inside.wantOpen()
}

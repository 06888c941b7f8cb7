package client_test

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/grammar"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
	v1 "github.com/heirloom-io/socketio/versions/v1"
	v2 "github.com/heirloom-io/socketio/versions/v2"
)

const (
	textTwice = "text in polling bodies is UTF-8 twice"
	textOnce  = "text in polling bodies is UTF-8 once"
	comma     = "comma after a bare namespace"
	bare      = "no comma after a bare namespace"
	oldAck    = "acknowledgements in the form of protocol 3"
)

// TestMove: what clients do decides what they are.
func TestMove(t *testing.T) {
	t.Parallel()
	clef := `42["ev","é€"]`
	toV1 := func(why string) move { return move{compat.V2, compat.V1, why} }
	toV2 := func(why string) move { return move{compat.V1, compat.V2, why} }
	tests := []struct {
		name       string
		query      string
		websocket  bool
		say        []string
		generation string
		dialect    string
		learnt     string
		moves      []move
	}{
		{name: "2.x, nothing said", query: "EIO=3&t=Q7w56R0", generation: "2.x", dialect: "2.0-2.5"},
		{name: "revision 2", query: "EIO=2", generation: "1.x", dialect: "1.0"},
		{name: "date stamp", query: "EIO=3&t=1795197040665-0", generation: "1.x", dialect: "1.0-1.3"},
		{name: "ASCII shows nothing", query: "EIO=3", say: []string{`42["ev"]`, `42/chat,["ev"]`}, generation: "2.x", dialect: "2.0-2.5"},
		{name: "text twice", query: "EIO=3&t=Q7w5LR8", say: []string{twice(clef)}, generation: "1.x", dialect: "1.4-1.7", learnt: textTwice, moves: []move{toV1(textTwice)}},
		{name: "text twice, no stamp", query: "EIO=3", say: []string{twice(clef)}, generation: "1.x", dialect: "1.x", learnt: textTwice, moves: []move{toV1(textTwice)}},
		{name: "text once", query: "EIO=3", say: []string{clef}, generation: "2.x", dialect: "2.0-2.5", learnt: textOnce},
		{name: "the first text counts", query: "EIO=3", say: []string{clef, twice(clef)}, generation: "2.x", dialect: "2.0-2.5", learnt: textOnce},
		{name: "no comma", query: "EIO=3&t=Q7w5LR8", say: []string{"40/chat"}, generation: "1.x", dialect: "1.4-1.7", learnt: bare, moves: []move{toV1(bare)}},
		{name: "no comma on a websocket", query: "EIO=3", websocket: true, say: []string{"40/chat"}, generation: "1.x", dialect: "1.x", learnt: bare, moves: []move{toV1(bare)}},
		{name: "comma", query: "EIO=3", say: []string{"40/chat,"}, generation: "2.x", dialect: "2.0-2.5", learnt: comma},
		{name: "comma of what looked like 1.x", query: "EIO=2", websocket: true, say: []string{"40/chat,"}, generation: "2.x", dialect: "2.0-2.5", learnt: comma, moves: []move{toV2(comma)}},
		{name: "grammar overrules text", query: "EIO=3", say: []string{twice(clef), "40/chat,"}, generation: "2.x", dialect: "2.0-2.5", learnt: comma, moves: []move{toV1(textTwice), toV2(comma)}},
		{name: "text does not overrule grammar", query: "EIO=3", say: []string{"40/chat", clef}, generation: "1.x", dialect: "1.x", learnt: bare, moves: []move{toV1(bare)}},
		{name: "after a comma text shows nothing", query: "EIO=3", say: []string{"40/chat,", twice(clef)}, generation: "2.x", dialect: "2.0-2.5", learnt: comma},
		{name: "ack of protocol 3", query: "EIO=3", say: []string{`430-0["yes"]`}, generation: "1.x", dialect: "1.0.0-1.0.2", learnt: oldAck, moves: []move{toV1(oldAck)}},
		{name: "ack of protocol 4", query: "EIO=3", say: []string{`430["yes"]`}, generation: "2.x", dialect: "2.0-2.5"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, setup{})
			var u *user
			if tc.websocket {
				u = f.websocket(tc.query)
			} else {
				u = f.polling(tc.query)
			}
			for _, m := range tc.say {
				u.say(m)
			}
			u.sync()
			want := versions.Info{
				Generation: tc.generation, Dialect: tc.dialect, Transport: "polling", Evidence: []string{"first request"},
			}
			if tc.websocket {
				want.Transport = "websocket"
			}
			if tc.learnt != "" {
				want.Evidence = append(want.Evidence, tc.learnt)
			}
			if diff := cmp.Diff(want, u.conn.Info()); diff != "" {
				t.Errorf("info (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.moves, f.moved()); diff != "" {
				t.Errorf("moves (-want +got):\n%s", diff)
			}
			u.wantOpen()
		})
	}
}

// TestMoveText: the message that shows the encoding is itself read right, and
// after a comma nothing is read twice.
func TestMoveText(t *testing.T) {
	t.Parallel()
	f := start(t, setup{})
	tests := []struct {
		name string
		say  []string
		want string
	}{
		{"once", []string{`42["ev","é"]`}, `"é"`},
		{"twice", []string{twice(`42["ev","é"]`)}, `"é"`},
		{"what looks like twice", []string{"40/chat,", `42["ev","Ã©"]`}, `"Ã©"`},
	}
	for _, tc := range tests {
		u := f.polling("EIO=3")
		for _, m := range tc.say {
			u.say(m)
		}
		packets, _ := u.got()
		if got := string(packets[len(packets)-1].Args); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestMoveRefused: a client of a generation that is not admitted, found out
// only later.
func TestMoveRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		row    *client.Row
		query  string
		say    []string
		refuse bool
		moves  []move
	}{
		{"1.x by grammar", v2.Row, "EIO=3", []string{"40/chat"}, true, []move{{compat.V2, compat.V1, bare}}},
		{"1.x by text", v2.Row, "EIO=3", []string{twice(`42["é"]`)}, true, []move{{compat.V2, compat.V1, textTwice}}},
		{"1.x by acks", v2.Row, "EIO=3", []string{`430-0["yes"]`}, true, []move{{compat.V2, compat.V1, oldAck}}},
		{"2.x by grammar", v1.Row, "EIO=2", []string{"40/chat,"}, true, []move{{compat.V1, compat.V2, comma}}},
		{"2.x, admitted", v2.Row, "EIO=3", []string{"40/chat,", `42["é"]`}, false, nil},
		{"2.x by grammar, what text cannot change", v2.Row, "EIO=3", []string{"40/chat,", twice(`42["é"]`)}, false, nil},
		{"1.x by grammar, what text cannot change", v1.Row, "EIO=3&t=1795197040665-0", []string{"40/chat", `42["é"]`}, false, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, setup{rows: []*client.Row{tc.row}})
			u := f.polling(tc.query)
			for _, m := range tc.say {
				u.say(m)
			}
			if tc.refuse {
				u.wantClosed(versions.ReasonPolicy)
			} else {
				u.wantOpen()
			}
			if diff := cmp.Diff(tc.moves, f.moved()); diff != "" {
				t.Errorf("moves (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeliver: the form of packets for each generation and carrier.
func TestDeliver(t *testing.T) {
	t.Parallel()
	clef := event("é😀")
	connect := packet.Packet{Type: packet.Connect, Namespace: "/chat"}
	ack := packet.Packet{Type: packet.Ack, ID: 7, HasID: true, Args: []byte(`"yes"`)}
	tests := []struct {
		name  string
		query string
		ackV3 []int
		open  string // polling, websocket or upgrade
		say   []string
		p     packet.Packet
		want  string
	}{
		{name: "2.x polling", query: "EIO=3", open: "polling", p: clef, want: `29:42["ev","\u00e9\ud83d\ude00"]`},
		{name: "2.x websocket", query: "EIO=3", open: "websocket", p: clef, want: `42["ev","é😀"]`},
		{name: "2.x upgraded", query: "EIO=3", open: "upgrade", p: clef, want: `42["ev","é😀"]`},
		{name: "1.x websocket", query: "EIO=2", open: "websocket", p: clef, want: `42["ev","\u00e9\ud83d\ude00"]`},
		{name: "1.x upgraded", query: "EIO=3&b64=1&t=1795197040665-0", open: "upgrade", p: clef, want: `42["ev","\u00e9\ud83d\ude00"]`},
		{name: "found to be 1.x", query: "EIO=3", open: "websocket", say: []string{"40/chat"}, p: clef, want: `42["ev","\u00e9\ud83d\ude00"]`},
		{name: "found to be 2.x", query: "EIO=2", open: "websocket", say: []string{"40/chat,"}, p: clef, want: `42["ev","é😀"]`},

		{name: "namespace for 2.x", query: "EIO=3", open: "websocket", p: connect, want: "40/chat,"},
		{name: "namespace for 1.x", query: "EIO=2", open: "websocket", p: connect, want: "40/chat"},

		{name: "ack for 2.x", query: "EIO=3", open: "websocket", p: ack, want: `437["yes"]`},
		{name: "ack for 1.x", query: "EIO=2", open: "websocket", p: ack, want: `437["yes"]`},
		{name: "ack after one of protocol 3", query: "EIO=3", open: "websocket", say: []string{`430-0["y"]`}, p: ack, want: `430-7["yes"]`},
		{name: "ack of protocol 3 by configuration", query: "EIO=2", ackV3: []int{2}, open: "websocket", p: ack, want: `430-7["yes"]`},
		{name: "configured for the other revision", query: "EIO=3", ackV3: []int{2}, open: "websocket", p: ack, want: `437["yes"]`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, setup{ackV3: tc.ackV3})
			var u *user
			if tc.open == "websocket" {
				u = f.websocket(tc.query)
			} else {
				u = f.polling(tc.query)
			}
			if tc.open == "upgrade" {
				u.upgrade()
			}
			for _, m := range tc.say {
				u.say(m)
			}
			u.sync()
			if err := u.deliver(tc.p); err != nil {
				t.Fatal(err)
			}
			got := u.read()
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("on the wire (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeliverBinary(t *testing.T) {
	t.Parallel()
	f := start(t, setup{})
	p := packet.Packet{
		Type: packet.Event, Name: "bin", Args: []byte(`{"_placeholder":true,"num":0}`),
		Attachments: [][]byte{{1, 2, 3, 4}},
	}
	u := f.polling("EIO=3&b64=1")
	if err := u.deliver(p); err != nil {
		t.Fatal(err)
	}
	const head = `451-["bin",{"_placeholder":true,"num":0}]`
	if diff := cmp.Diff("41:"+head+"10:b4AQIDBA==", u.read()); diff != "" {
		t.Errorf("polling (-want +got):\n%s", diff)
	}
	u = f.websocket("EIO=3")
	if err := u.deliver(p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{head, "bin:\x04\x01\x02\x03\x04"}, []string{u.read(), u.read()}); diff != "" {
		t.Errorf("websocket (-want +got):\n%s", diff)
	}
}

func TestDeliverErrors(t *testing.T) {
	t.Parallel()
	f := start(t, setup{})
	u := f.polling("EIO=3")
	bad := event("x")
	bad.Namespace = "/a,b"
	var encode *grammar.Error
	if err := u.deliver(bad); !errors.As(err, &encode) {
		t.Errorf("namespace with a comma: %v", err)
	}
	u.wantOpen()
	volatile := event("x")
	volatile.Volatile = true
	if err := u.deliver(volatile); !errors.Is(err, versions.ErrDropped) {
		t.Errorf("volatile without a poll: %v", err)
	}
	var err error
	for range 10_001 {
		err = u.deliver(event("x"))
	}
	if !errors.Is(err, versions.ErrSlow) {
		t.Errorf("over the bound: %v", err)
	}
	u.wantClosed(versions.ReasonSlowConsumer)
	if err := u.deliver(event("x")); !errors.Is(err, versions.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// TestReceive: packets come whole and in order, in whatever pieces they travel.
func TestReceive(t *testing.T) {
	t.Parallel()
	f := start(t, setup{})
	for _, u := range []*user{f.polling("EIO=3&b64=1"), f.websocket("EIO=3")} {
		u.say(`451-1["bin",{"_placeholder":true,"num":0}]`)
		u.say("b4AQIDBA==") // as node clients do, also on a websocket
		u.say(`42/chat,["ev",1]`)
		u.say(`4x`) // of no known type
		u.say(`433[null]`)
		u.sync()
		want := []*packet.Packet{
			{Type: packet.Event, Namespace: "/", ID: 1, HasID: true, Name: "bin", Args: []byte(`{"_placeholder":true,"num":0}`), Attachments: [][]byte{{1, 2, 3, 4}}},
			{Type: packet.Event, Namespace: "/chat", Name: "ev", Args: []byte("1")},
			{Type: packet.Ack, Namespace: "/", ID: 3, HasID: true, Args: []byte("null")},
		}
		got, _ := u.got()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("packets (-want +got):\n%s", diff)
		}
	}
}

// TestReceiveFault: violations of the packet protocol are told, and end the
// connection.
func TestReceiveFault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		say  []string
	}{
		{"no packet", []string{"4"}},
		{"no JSON", []string{`42["ev",]`}},
		{"no array", []string{"42{}"}},
		{"number of attachments missing", []string{"45-[]"}},
		{"text within attachments", []string{`451-["ev",{"_placeholder":true,"num":0}]`, `42["ev"]`}},
		{"attachment of nothing", []string{"b4AQ=="}},
		{"placeholder out of range", []string{`451-["ev",{"_placeholder":true,"num":1}]`, "b4AQ=="}},
		{"too many attachments", []string{`4511-["ev"]`}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, setup{})
			u := f.polling("EIO=3")
			for _, m := range tc.say {
				u.say(m)
			}
			u.wantClosed(versions.ReasonForcedClose)
			got, faults := u.got()
			if len(got) != 0 || faults != 1 {
				t.Errorf("%d packets, %d faults", len(got), faults)
			}
			if body := u.read(); body != "1:1" {
				t.Errorf("poll: %q", body)
			}
		})
	}
}

// TestReceiveHalf: a client that dies between a packet and its attachment.
func TestReceiveHalf(t *testing.T) {
	t.Parallel()
	f := start(t, setup{})
	u := f.websocket("EIO=3")
	u.say(`451-["ev",{"_placeholder":true,"num":0}]`)
	_ = u.ws.Close()
	u.wantClosed(versions.ReasonTransportClose)
	if got, faults := u.got(); len(got) != 0 || faults != 0 {
		t.Errorf("%d packets, %d faults", len(got), faults)
	}
}

// TestConcurrent looks at a client and delivers to it while it is being learnt
// about.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	const n = 200
	f := start(t, setup{})
	u := f.websocket("EIO=3")
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range n {
			if err := u.deliver(event(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
			_ = u.conn.Info()
			_ = u.conn.Can(packet.FeatureAcks)
		}
	})
	wg.Go(func() {
		for _, m := range []string{"40/a", `430-0[]`, "40/b,", "40/c", "40/d,"} {
			u.say(m)
		}
	})
	for i := range n {
		if got, want := u.read(), fmt.Sprintf(`42["ev","%d"]`, i); got != want {
			t.Fatalf("message %d: %q", i, got)
		}
	}
	wg.Wait()
	u.conn.Close(versions.ReasonServerDisconnect)
	u.wantClosed(versions.ReasonServerDisconnect)
	if _, _, err := u.ws.ReadMessage(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("after the close: %v", err)
	}
}

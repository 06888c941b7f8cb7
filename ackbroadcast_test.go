package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

func answers(r Responses) []string {
	var out []string
	for _, a := range r.Answers {
		values, err := a.Args.Values()
		out = append(out, fmt.Sprint(a.SocketID, values, err))
	}
	slices.Sort(out)
	return out
}

// TestBroadcastWithAcks: everyone is asked under one id, and the answers of those
// who were come together. A client without acknowledgements gets the event and
// is not asked.
func TestBroadcastWithAcks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		io := newTestServer(t, Config{})
		a, first := join(t, io)
		b, second := join(t, io)
		old, third := join(t, io)
		old.can = packet.FeatureEvents
		full, _ := join(t, io)
		full.fail = versions.ErrSlow
		if err := first.Emit("one before", func() {}); err != nil {
			t.Fatal(err)
		}
		var got Responses
		var err error
		done := make(chan struct{})
		go func() {
			defer close(done)
			got, err = io.EmitWithAcks(t.Context(), "q", 1)
		}()
		synctest.Wait()
		for _, c := range []*fakeConn{a, b, old} {
			if sent := c.log(); sent[len(sent)-1] != "event / #1 q(1)" {
				t.Errorf("sent %q", sent)
			}
		}
		a.ack("/", 0, "") // that of the event before
		b.ack("/", 1, `"b",2`)
		b.ack("/", 1, `"again"`)
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("returned before all had answered")
		default:
		}
		a.ack("/", 1, ``)
		<-done
		if err != nil || got.Asked != 2 || got.NotAsked != 1 {
			t.Errorf("asked %d, not asked %d, %v", got.Asked, got.NotAsked, err)
		}
		want := []string{first.ID() + "[] <nil>", second.ID() + "[b 2] <nil>"}
		slices.Sort(want)
		if d := cmp.Diff(want, answers(got)); d != "" {
			t.Error(d)
		}
		if got, err := third.Volatile().EmitWithAcks(t.Context(), "q"); err != nil || got.NotAsked != 1 || got.Asked != 0 {
			t.Errorf("one that cannot: %+v, %v", got, err)
		}
		if got, err := io.To("nowhere").EmitWithAcks(t.Context(), "q"); err != nil || got.Asked != 0 {
			t.Errorf("nobody: %+v, %v", got, err)
		}
	})
}

// TestBroadcastWithAcksUnanswered: what has come is not lost, and nothing is left
// waiting.
func TestBroadcastWithAcksUnanswered(t *testing.T) {
	t.Parallel()
	pending := func(s *Socket) int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.rareLocked().acks)
	}
	ask := func(t *testing.T, ctx context.Context, end func(a, b *fakeConn), want error) {
		io := newTestServer(t, Config{})
		a, first := join(t, io)
		b, second := join(t, io)
		done := make(chan error)
		var got Responses
		go func() {
			var err error
			got, err = io.EmitWithAcks(ctx, "q")
			done <- err
		}()
		synctest.Wait()
		a.ack("/", 0, `"a"`)
		end(a, b)
		err := <-done
		var un *UnansweredError
		if !errors.As(err, &un) || !errors.Is(err, want) {
			t.Fatalf("got %v", err)
		}
		for _, r := range []Responses{got, un.Responses} {
			if d := cmp.Diff([]string{first.ID() + "[a] <nil>"}, answers(r)); d != "" || r.Asked != 2 {
				t.Error(r.Asked, d)
			}
		}
		if pending(first) != 0 || pending(second) != 0 {
			t.Error("something still waits for an answer")
		}
		b.ack("/", 0, `"late"`)
		b.wait()
		if len(un.Responses.Answers) != 1 {
			t.Error("a late answer was added")
		}
	}
	t.Run("time limit", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			ask(t, ctx, func(_, _ *fakeConn) {}, context.DeadlineExceeded)
		})
	})
	t.Run("a client goes", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ask(t, t.Context(), func(_, b *fakeConn) { b.lose(ReasonTransportClose) }, ErrDisconnected)
		})
	})
}

func TestBroadcastWithAcksErrors(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	c, s := join(t, io)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		ask  func() (Responses, error)
		want error
	}{
		{"context has ended", func() (Responses, error) { return io.EmitWithAcks(ended, "q") }, context.Canceled},
		{"reserved", func() (Responses, error) { return io.EmitWithAcks(t.Context(), "connect") }, ErrReservedEvent},
		{"callback", func() (Responses, error) { return io.EmitWithAcks(t.Context(), "q", func() {}) }, errCallbackAndWait},
		{"callback on a broadcast", func() (Responses, error) { return Responses{}, io.Emit("q", func() {}) }, ErrAckOnBroadcast},
		{"one answer of many", func() (Responses, error) {
			_, err := s.Broadcast().EmitWithAck(t.Context(), "q")
			return Responses{}, err
		}, ErrAckOnBroadcast},
	} {
		if _, err := test.ask(); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	if len(c.log()) != 1 {
		t.Errorf("sent %q", c.log()[1:])
	}
}

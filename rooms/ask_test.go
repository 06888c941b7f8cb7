package rooms

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
)

// asker is a member that answers when it is told to.
type asker struct {
	inbox
	mute bool
	fail error
	now  bool // answers before Ask returns

	mu        sync.Mutex
	tell      func(string, *packet.Packet)
	withdrawn []int64
}

func (a *asker) Ask(p *packet.Prepared, tell func(string, *packet.Packet)) (bool, error) {
	if a.mute || a.fail != nil {
		return false, a.fail
	}
	a.mu.Lock()
	a.tell = tell
	a.mu.Unlock()
	if a.now {
		a.answer()
	}
	return true, nil
}

func (a *asker) Withdraw(id int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.withdrawn = append(a.withdrawn, id)
}

func (a *asker) answer() {
	a.tell(a.id, &packet.Packet{Type: packet.Ack, Args: []byte(`"` + a.id + `"`)})
}

func question() *packet.Prepared {
	return packet.Prepare(&packet.Packet{Type: packet.Event, Name: "q", ID: 7, HasID: true})
}

func said(a Answers) []string {
	var out []string
	for _, one := range a.Answered {
		out = append(out, one.ID+string(one.Packet.Args))
	}
	return out
}

func TestBroadcastWithAck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewStore()
		late, gone, atOnce := &asker{inbox: inbox{id: "late"}}, &asker{inbox: inbox{id: "gone"}}, &asker{inbox: inbox{id: "now"}, now: true}
		for _, m := range []Member{
			late, gone, atOnce, &asker{inbox: inbox{id: "mute"}, mute: true}, &asker{inbox: inbox{id: "full"}, fail: errors.New("full")},
			&inbox{id: "plain"},
		} {
			s.Add(m, "r")
		}
		var got Answers
		done := make(chan error)
		go func() {
			var err error
			got, err = s.BroadcastWithAck(t.Context(), question(), Target{Rooms: []string{"r"}})
			done <- err
		}()
		synctest.Wait()
		gone.tell(gone.id, nil)
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("did not wait: %v", err)
		default:
		}
		late.answer()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if d := cmp.Diff([]string{`now"now"`, `late"late"`}, said(got)); d != "" || got.Asked != 3 || got.NotAsked != 2 {
			t.Error(got.Asked, got.NotAsked, d)
		}
		if len(late.withdrawn) != 0 {
			t.Error("a question that was answered has been withdrawn")
		}
	})
}

func TestBroadcastWithAckEndsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewStore()
		silent, quick := &asker{inbox: inbox{id: "silent"}}, &asker{inbox: inbox{id: "quick"}, now: true}
		s.Add(silent)
		s.Add(quick)
		why := errors.New("why")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, why)
		defer cancel()
		got, err := s.BroadcastWithAck(ctx, question(), Target{})
		if !errors.Is(err, why) || got.Asked != 2 {
			t.Error(got.Asked, err)
		}
		silent.answer() // too late
		silent.answer()
		if d := cmp.Diff([]string{`quick"quick"`}, said(got)); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]int64{7}, silent.withdrawn); d != "" {
			t.Error(d)
		}
	})
}

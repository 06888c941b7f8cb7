package rooms

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
)

// recorded gives an event its place, and says nothing of who gets it.
func recorded(j *Journal, name string, target Target) *packet.Packet {
	p := &packet.Packet{Type: packet.Event, Name: name, Args: []byte("1")}
	_ = j.Record(p, target)
	return p
}

// resumed restores a session and returns what its client is sent.
func resumed(t *testing.T, j *Journal, pid, offset string) []string {
	t.Helper()
	_, back, ok := j.Restore(pid, offset)
	if !ok {
		t.Fatal("not restored")
	}
	now := &line{}
	if err := back.Resume(now, packet.Prepare(&packet.Packet{Name: "confirmed"})); err != nil {
		t.Fatal(err)
	}
	return now.got
}

// TestTrailSeldom loses an event on the way to a client that was last sent one so long
// ago that it is no longer in the log.
func TestTrailSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := NewJournal(journalLimits)
		defer j.Close()
		to := &line{}
		trail := j.Begin(to)
		mine := map[Trail]Taker{trail: to}
		first := journalled(t, j, "first", Target{}, mine)
		journalled(t, j, "others'", Target{Rooms: []string{"x"}}, nil)
		time.Sleep(journalLimits.Retention)
		synctest.Wait()
		to.away = true
		journalled(t, j, "lost", Target{}, mine)
		trail.Leave("id", []string{"id"})
		trail.Keep(Session{PID: "p"})
		if diff := cmp.Diff([]string{"lost", "confirmed"}, resumed(t, j, "p", first)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestTrailRoomsOfBefore joins a room after an event for it has reached everybody,
// while an earlier one is still being sent.
func TestTrailRoomsOfBefore(t *testing.T) {
	t.Parallel()
	j := NewJournal(journalLimits)
	defer j.Close()
	trail := j.Begin(&line{})
	recorded(j, "slow", Target{Rooms: []string{"r"}})
	j.Sent(recorded(j, "before", Target{Rooms: []string{"r"}}))
	trail.Leave("id", []string{"id", "r"})
	trail.Keep(Session{PID: "p"})
	recorded(j, "after", Target{Rooms: []string{"r"}})
	if diff := cmp.Diff([]string{"slow", "after", "confirmed"}, resumed(t, j, "p", "")); diff != "" {
		t.Error(diff)
	}
}

// TestTrailBounded has more sent to a member that is away, or on its way back, than
// the journal holds, by those who still know its old way.
func TestTrailBounded(t *testing.T) {
	t.Parallel()
	for _, back := range []bool{false, true} {
		t.Run(fmt.Sprint("on its way back ", back), func(t *testing.T) {
			t.Parallel()
			j := NewJournal(journalLimits)
			defer j.Close()
			to := &line{}
			member := j.Begin(to).(*trail)
			member.Leave("id", nil)
			member.Keep(Session{PID: "p"})
			if back {
				if _, _, ok := j.Restore("p", ""); !ok {
					t.Fatal("not restored")
				}
			}
			for range 5 * journalLimits.Packets {
				p := recorded(j, "e", Target{Rooms: []string{"id"}})
				_ = member.Deliver(packet.Prepare(p), to)
				j.Sent(p)
			}
			if len(member.late) > journalLimits.Packets || len(member.held) > 0 {
				t.Errorf("%d positions and %d events kept", len(member.late), len(member.held))
			}
			if back {
				if err := member.Resume(to, packet.Prepare(&packet.Packet{})); !errors.Is(err, ErrGap) {
					t.Errorf("resumed: %v", err)
				}
			} else if _, _, ok := j.Restore("p", ""); ok {
				t.Error("restored")
			}
		})
	}
}

// TestTrailOfVolatile brings a member back that has missed more volatile events than
// could be looked at one by one.
func TestTrailOfVolatile(t *testing.T) {
	t.Parallel()
	j := NewJournal(journalLimits)
	to := &line{}
	member := j.Begin(to).(*trail)
	mine := map[Trail]Taker{member: to}
	first := journalled(t, j, "first", Target{}, mine)
	j.last = 1 << 50
	member.runs[0].last = j.last
	journalled(t, j, "second", Target{}, mine)
	member.Leave("id", []string{"id"})
	member.Keep(Session{PID: "p"})
	found := make(chan bool, 1)
	go func() {
		_, _, ok := j.Restore("p", first)
		found <- ok
	}()
	select {
	case ok := <-found:
		if !ok {
			t.Fatal("not restored")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("still looking")
	}
	now := &line{}
	if err := member.Resume(now, packet.Prepare(&packet.Packet{Name: "confirmed"})); err != nil {
		t.Fatal(err)
	}
	j.Close() // not deferred, as it could not while somebody is still looking
	if diff := cmp.Diff([]string{"second", "confirmed"}, now.got); diff != "" {
		t.Error(diff)
	}
}

// flood is a client that gets so much while it is sent what it missed that not all
// of it can wait.
type flood struct {
	line
	during func()
}

func (f *flood) Deliver(p *packet.Prepared) error {
	if during := f.during; during != nil {
		f.during = nil
		during()
	}
	return f.line.Deliver(p)
}

// TestTrailFlood loses no event without saying so.
func TestTrailFlood(t *testing.T) {
	t.Parallel()
	for events, want := range map[int]error{journalLimits.Packets: nil, journalLimits.Packets + 1: ErrGap} {
		j := NewJournal(journalLimits)
		defer j.Close()
		member := j.Begin(&line{})
		member.Leave("id", nil)
		member.Keep(Session{PID: "p"})
		if _, _, ok := j.Restore("p", ""); !ok {
			t.Fatal("not restored")
		}
		now := &flood{}
		now.during = func() {
			for range events {
				_ = member.Deliver(packet.Prepare(recorded(j, "e", Target{})), now)
			}
		}
		if err := member.Resume(now, packet.Prepare(&packet.Packet{Name: "confirmed"})); !errors.Is(err, want) {
			t.Errorf("%d events: %v", events, err)
		}
	}
}

// TestTrailOver keeps no session that nobody could have back.
func TestTrailOver(t *testing.T) {
	t.Parallel()
	j := NewJournal(journalLimits)
	defer j.Close()
	trail := j.Begin(&line{})
	trail.End()
	trail.Leave("id", nil)
	trail.Keep(Session{PID: "p"})
	if len(j.sessions) > 0 || len(j.queue) > 0 {
		t.Errorf("%d sessions kept", len(j.sessions))
	}
}

// TestJournalCountsRooms counts what a long list of short rooms takes.
func TestJournalCountsRooms(t *testing.T) {
	t.Parallel()
	list := strings.Split(strings.Repeat("r", 1000), "")
	p := &packet.Packet{Type: packet.Event, Name: "e", Attachments: make([][]byte, 1000)}
	if n := sizeOf(p, Target{Rooms: list, Except: list}); n < 1000*(24+16+16) {
		t.Errorf("counted as %d bytes", n)
	}
}

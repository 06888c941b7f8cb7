package rooms

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
)

// line is the way to a client that notes what it gets.
type line struct {
	got  []string
	away bool
}

func (l *line) Deliver(p *packet.Prepared) error {
	if l.away {
		return ErrAway
	}
	l.got = append(l.got, p.Packet().Name)
	return nil
}

// journalled records an event and hands it to the trails.
func journalled(t *testing.T, j *Journal, name string, target Target, trails map[Trail]Taker) string {
	t.Helper()
	p := &packet.Packet{Type: packet.Event, Name: name, Args: []byte("1")}
	if err := j.Record(p, target); err != nil {
		t.Fatal(err)
	}
	for trail, to := range trails {
		if err := trail.Deliver(packet.Prepare(p), to); err != nil && !errors.Is(err, ErrAway) {
			t.Error(err)
		}
	}
	j.Sent(p)
	return p.Offset
}

var journalLimits = RecoveryLimits{Window: time.Minute, Retention: 2 * time.Minute, Bytes: 1 << 20, Packets: 10, Sessions: 2}

// TestJournal keeps a session, and gives it back once and within its time.
func TestJournal(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		wait   time.Duration
		events int // while away
		others int // sessions kept after this one
		want   bool
	}{
		{name: "at once", want: true},
		{name: "just in time", wait: time.Minute - 1, events: 3, want: true},
		{name: "too late", wait: time.Minute},
		{name: "as many events as fit", events: 10, want: true},
		{name: "too many events", events: 11},
		{name: "as many sessions as fit", others: 1, want: true},
		{name: "too many sessions", others: 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				j := NewJournal(journalLimits)
				defer j.Close()
				first := &line{}
				trail := j.Begin(first)
				offset := journalled(t, j, "before", Target{}, map[Trail]Taker{trail: first})
				trail.Leave("id", []string{"id", "r"})
				trail.Keep(Session{PID: "p", ID: "id", Rooms: []string{"id", "r"}})
				for i := range c.others {
					other := j.Begin(&line{})
					other.Leave("other", nil)
					other.Keep(Session{PID: fmt.Sprint("other", i)})
				}
				want := []string{}
				for i := range c.events {
					name := fmt.Sprint("e", i)
					want = append(want, name)
					journalled(t, j, name, Target{Rooms: []string{"r"}}, nil)
				}
				time.Sleep(c.wait)
				synctest.Wait()
				s, back, ok := j.Restore("p", offset)
				if ok != c.want {
					t.Fatalf("restored %v", ok)
				}
				if _, _, again := j.Restore("p", offset); again {
					t.Error("restored twice")
				}
				if !ok {
					if err := trail.Deliver(packet.Prepare(&packet.Packet{Offset: offset}), first); !errors.Is(err, ErrOver) {
						t.Errorf("an event for a session that is over: %v", err)
					}
					return
				}
				now := &line{}
				if err := back.Resume(now, packet.Prepare(&packet.Packet{Name: "confirmed"})); err != nil || s.ID != "id" {
					t.Errorf("%s: %v", s.ID, err)
				}
				if diff := cmp.Diff(append(want, "confirmed"), now.got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestJournalOrder restores after events that were queued in another order than they
// were recorded in, that came while the member left, and while it was brought back.
func TestJournalOrder(t *testing.T) {
	t.Parallel()
	j := NewJournal(journalLimits)
	defer j.Close()
	first := &line{}
	trail := j.Begin(first)
	var all []*packet.Packet
	for i := range 8 {
		p := &packet.Packet{Type: packet.Event, Name: fmt.Sprint("e", i), Args: []byte("1")}
		if i < 6 {
			_ = j.Record(p, Target{Rooms: []string{"r"}})
		}
		all = append(all, p)
	}
	for _, i := range []int{1, 0, 2} {
		_ = trail.Deliver(packet.Prepare(all[i]), first)
		j.Sent(all[i])
	}
	// The third is still on its way to others, the fourth to nobody yet.
	trail.Leave("id", []string{"r"})
	_ = trail.Deliver(packet.Prepare(all[4]), first)
	trail.Keep(Session{PID: "p", ID: "id", Rooms: []string{"r"}})
	_, back, ok := j.Restore("p", all[1].Offset)
	if !ok {
		t.Fatal("not restored")
	}
	now := &line{}
	_ = j.Record(all[6], Target{Rooms: []string{"r"}})
	_ = back.Deliver(packet.Prepare(all[6]), now) // recorded before the last look
	if err := back.Resume(now, packet.Prepare(&packet.Packet{Name: "confirmed"})); err != nil {
		t.Fatal(err)
	}
	_ = back.Deliver(packet.Prepare(all[5]), now) // by a slow sender
	_ = j.Record(all[7], Target{})
	_ = back.Deliver(packet.Prepare(all[7]), now)
	if diff := cmp.Diff([]string{"e0", "e2", "e3", "e4", "e5", "e6", "confirmed", "e7"}, now.got); diff != "" {
		t.Error(diff)
	}
}

// TestJournalForgets drops what has been kept long enough, with nobody asking.
func TestJournalForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := NewJournal(journalLimits)
		to := &line{}
		trail := j.Begin(to)
		last := ""
		for range 3 {
			last = journalled(t, j, "e", Target{}, map[Trail]Taker{trail: to})
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		j.mu.Lock()
		if len(j.log) != 0 || j.bytes != 0 || j.timer != nil {
			t.Errorf("%d events of %d bytes left, timer %v", len(j.log), j.bytes, j.timer != nil)
		}
		j.mu.Unlock()
		// Whoever got the last of them is up to date for ever.
		trail.Leave("id", nil)
		trail.Keep(Session{PID: "p"})
		if _, _, ok := j.Restore("p", last); !ok {
			t.Error("not restored")
		}
		if !slices.Equal(to.got, []string{"e", "e", "e"}) {
			t.Error(to.got)
		}
	})
}

// TestJournalForgetsInTime drops a session at its end, also if an event is kept for
// longer that was there before.
func TestJournalForgetsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := NewJournal(journalLimits)
		defer j.Close()
		trail := j.Begin(&line{})
		journalled(t, j, "e", Target{}, nil)
		trail.Leave("id", nil)
		trail.Keep(Session{PID: "p"})
		time.Sleep(journalLimits.Window)
		synctest.Wait()
		j.mu.Lock()
		defer j.mu.Unlock()
		if len(j.sessions) != 0 || len(j.log)-j.head != 1 || j.timer == nil {
			t.Errorf("%d sessions and %d events, timer %v", len(j.sessions), len(j.log)-j.head, j.timer != nil)
		}
	})
}

// TestJournalIdle keeps nothing as long as nobody can come back, and everything from
// the moment that somebody might until the last of them is over.
func TestJournalIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := NewJournal(journalLimits)
		defer j.Close()
		kept := func(when string, want bool) {
			t.Helper()
			p := recorded(j, "e", Target{})
			j.mu.Lock()
			got := len(j.log) > j.head && j.log[len(j.log)-1].packet == p
			j.mu.Unlock()
			if got != want || (p.Offset != "") != want {
				t.Errorf("%s: kept %v, with offset %q", when, got, p.Offset)
			}
		}
		kept("before all", false)
		first, second := j.Begin(&line{}), j.Begin(&line{})
		kept("with two members", true)
		first.End()
		first.End() // once more does nothing
		kept("with one member", true)
		second.Leave("id", nil)
		kept("while it leaves", true)
		second.Keep(Session{PID: "p"})
		kept("while it is away", true)
		_, back, ok := j.Restore("p", "")
		if !ok {
			t.Fatal("not restored")
		}
		kept("while it comes back", true)
		back.Keep(Session{PID: "p"})
		time.Sleep(journalLimits.Window)
		synctest.Wait()
		kept("after its time", false)
		third := j.Begin(&line{})
		third.Leave("id", nil)
		third.Keep(Session{PID: "q"})
		if _, _, ok := j.Restore("q", "none of ours"); ok {
			t.Error("restored")
		}
		kept("after it could not be brought back", false)
	})
}

// TestJournalIdleString has an event under way while the first member comes. Its
// client would take the string at the end for an offset, and so gets one.
func TestJournalIdleString(t *testing.T) {
	t.Parallel()
	for _, got := range []bool{true, false} {
		t.Run(fmt.Sprint("the client got it ", got), func(t *testing.T) {
			t.Parallel()
			j := NewJournal(journalLimits)
			defer j.Close()
			early := &packet.Packet{Type: packet.Event, Name: "early", Args: []byte(`"text"`)}
			_ = j.Record(early, Target{})
			if early.Offset == "" || len(j.log) > 0 {
				t.Fatalf("offset %q, and %d events kept", early.Offset, len(j.log))
			}
			to := &line{}
			trail := j.Begin(to)
			_ = trail.Deliver(packet.Prepare(early), to)
			j.Sent(early)
			journalled(t, j, "lost", Target{}, map[Trail]Taker{trail: to})
			trail.Leave("id", []string{"id"})
			trail.Keep(Session{PID: "p"})
			offset := ""
			if got {
				offset = early.Offset
			}
			if diff := cmp.Diff([]string{"lost", "confirmed"}, resumed(t, j, "p", offset)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

package mirror

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestStalled has one watcher that reads nothing beside one that does. The first
// is dropped, and the second gets everything that is held: each event once, in
// order, with every loss announced.
func TestStalled(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{
		Rooms: []string{"news"}, WriteTimeout: 2 * time.Second, Heartbeat: 20 * time.Millisecond,
	})
	healthy := s.watch("/", "")
	stuck, err := net.Dial("tcp", s.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	if _, err := stuck.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	until(t, "both watch", func() bool { return s.mirror.Stats().Watchers == 2 })

	// More than the network's buffers hold, hence more than the stuck one gets.
	text := strings.Repeat("x", 48<<10)
	const last = 600
	go func() {
		for n := 1; n <= last; n++ {
			_ = s.io.To("news").Emit("n", n, text)
		}
	}()
	total := 0
	for total < last {
		e := healthy.next()
		// The text is not a number, so it is cut off.
		if e.kind == "" {
			e.data = strings.Replace(e.data, `,"`+text+`"`, "", 1)
		}
		n, gap := numbered(t, e)
		switch {
		case gap:
			total += n
		case n != total+1:
			t.Fatalf("got %d after %d", n, total)
		default:
			total = n
		}
	}
	if total != last {
		t.Errorf("%d events are accounted for, want %d", total, last)
	}
	until(t, "the stuck one is dropped", func() bool { return s.mirror.Stats().Watchers == 1 })
	if got := s.mirror.Stats(); got.Stalled != 1 || got.Events != last {
		t.Errorf("stats %+v", got)
	}
}

// TestSlow has one watcher that takes nothing, with all the time in the world, and
// nothing that is held for it. It costs the others neither an event nor time, and no
// more memory than two portions.
func TestSlow(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{
		Rooms: []string{"news"}, WriteTimeout: time.Hour, Heartbeat: 20 * time.Millisecond, ReplayEvents: -1,
	})
	healthy := s.watch("/", "")
	stuck, err := net.Dial("tcp", s.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	if _, err := stuck.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	until(t, "both watch", func() bool { return s.mirror.Stats().Watchers == 2 })

	text := strings.Repeat("x", 48<<10)
	const last = 400
	for n := 1; n <= last; n++ {
		s.emit("news", "n", n, text)
		e := healthy.next()
		e.data = strings.Replace(e.data, `,"`+text+`"`, "", 1)
		if got, gap := numbered(t, e); gap || got != n {
			t.Fatalf("got %+v, want number %d", e, n)
		}
	}
	late := s.watch("/", "")
	s.emit("news", "n", last+1)
	for _, w := range []*stream{healthy, late} {
		if got, gap := numbered(t, w.next()); gap || got != last+1 {
			t.Errorf("got %d, want %d", got, last+1)
		}
	}
	if got := s.mirror.Stats(); got != (Stats{Watchers: 3, Events: last + 1}) {
		t.Errorf("stats %+v", got)
	}
}

// TestTake has the stream leave events out, repeat some, and be ahead of a watcher.
func TestTake(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}})
	s.emit("news", "n", 1)
	w := &watcher{mirror: s.mirror, feed: s.mirror.feeds[0], wake: make(chan struct{}, 1)}
	w.WriteHeader(http.StatusOK)
	w.Flush()
	take := func() []string {
		var got []string
		for out := w.take(nil); len(out) > 0; out = w.take(nil) {
			for part := range strings.SplitSeq(strings.TrimSuffix(string(out), "\n\n"), "\n\n") {
				part = strings.ReplaceAll(part, s.mirror.epoch+"-", "")
				got = append(got, strings.ReplaceAll(part, "\n", " "))
			}
		}
		return got
	}
	text := func(n string) string { return "id: " + n + ` data: {"name":"n","args":[` + n + "]}" }
	block := func(n string) string {
		return "id: " + s.mirror.epoch + "-" + n + "\ndata: {\"name\":\"n\",\"args\":[" + n + "]}\n\n"
	}
	beat := func(n int) string { return ": " + strconv.Itoa(n) + "\n\n" }
	steps := []struct {
		emit   []int
		blocks []string
		want   []string
	}{
		{nil, []string{block("1")}, nil},
		{[]int{2}, []string{block("2")}, []string{text("2")}},
		{[]int{3, 4, 5}, []string{block("5")}, []string{text("3"), text("4"), text("5")}},
		{[]int{6, 7, 8}, []string{block("6")}, []string{text("6")}},
		{nil, []string{beat(5), beat(8)}, []string{text("7"), text("8"), ": heartbeat"}},
		{nil, []string{block("8")}, nil},
		{nil, []string{beat(8), beat(8)}, []string{": heartbeat"}},
		// What comes behind a heartbeat is not missing.
		{[]int{9, 10}, []string{block("9"), beat(9)}, []string{text("9"), ": heartbeat"}},
		{nil, []string{block("10")}, []string{text("10")}},
		// It falls behind, and there is no room for what comes before it has caught up.
		{[]int{11, 12, 13}, []string{block("11"), block("13"), block("12")}, []string{text("11"), text("12"), text("13")}},
	}
	for i, step := range steps {
		for _, n := range step.emit {
			s.emit("news", "n", n)
		}
		for _, b := range step.blocks {
			w.block = []byte(b)
			w.Flush()
		}
		if got := take(); !slices.Equal(got, step.want) {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
}

// TestPortions bounds what waits for a watcher that sends nothing on, and what it is
// given at a time.
func TestPortions(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}, MaxEventBytes: 2 * portion})
	w := &watcher{mirror: s.mirror, feed: s.mirror.feeds[0], wake: make(chan struct{}, 1)}
	w.WriteHeader(http.StatusOK)
	text := strings.Repeat("x", portion/3)
	emit := func(n int, text string) {
		s.emit("news", "n", n, text)
		w.block = s.mirror.appendEvent(nil, entry{uint64(n), []byte(`{"name":"n","args":[` + strconv.Itoa(n) + `,"` + text + `"]}`)})
		w.Flush()
	}
	const last = 20
	for n := 1; n < last; n++ {
		emit(n, text)
	}
	emit(last, strings.Repeat(text, 4)) // an event of more than a portion is one by itself
	if n := strings.Count(string(w.ready), "\n\n"); n != 2 || len(w.ready) > portion {
		t.Errorf("%d events of %d bytes wait", n, len(w.ready))
	}
	next := 1
	for out := w.take(nil); len(out) > 0; out = w.take(nil) {
		parts := strings.Split(strings.TrimSuffix(string(out), "\n\n"), "\n\n")
		if len(parts) > 1 && len(out) > portion+1000 {
			t.Errorf("%d events of %d bytes are sent at a time", len(parts), len(out))
		}
		for _, part := range parts {
			if want := "id: " + s.mirror.epoch + "-" + strconv.Itoa(next) + "\n"; !strings.HasPrefix(part, want) {
				t.Fatalf("got %.40q, want %q", part, want)
			}
			next++
		}
	}
	if next != last+1 {
		t.Errorf("%d events came", next-1)
	}
}

// TestPaces has watchers that read at different paces, while others come back. All of
// them get each event once and in order, or are told how many they have missed.
func TestPaces(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}, Heartbeat: 10 * time.Millisecond, ReplayEvents: 60})
	const last = 300
	text := strings.Repeat("x", 8<<10)
	paces := map[string]struct{ rest, leave int }{
		"at once": {last, last}, "slow": {20, last}, "slower": {7, last}, "leaves": {last, 50}, "leaves often": {30, 11},
	}
	ended := make(chan string, len(paces))
	for name, pace := range paces {
		w := s.watch("/", "")
		go func() {
			total := 0
			// Also if the watcher fails the test.
			defer func() { ended <- name + ": " + strconv.Itoa(total) }()
			for events := 1; total < last; events++ {
				e := w.next()
				e.data = strings.Replace(e.data, `,"`+text+`"`, "", 1)
				n, gap := numbered(t, e)
				if gap {
					n += total
				} else if n != total+1 {
					t.Errorf("%s: got %d after %d", name, n, total)
				}
				total = n
				if want := s.mirror.epoch + "-" + strconv.Itoa(n); e.id != want {
					t.Errorf("%s: number %d has the id %s", name, n, e.id)
				}
				if events%pace.rest == 0 {
					time.Sleep(2 * time.Millisecond)
				}
				if events%pace.leave == 0 && total < last {
					w.stop()
					w = s.watch("/", e.id)
				}
			}
		}()
	}
	for n := 1; n <= last; n++ {
		s.emit("news", "n", n, text)
	}
	for range paces {
		if got := <-ended; !strings.HasSuffix(got, ": "+strconv.Itoa(last)) {
			t.Errorf("%s events are accounted for, want %d", got, last)
		}
	}
}

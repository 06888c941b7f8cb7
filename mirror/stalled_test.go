package mirror

import (
	"net"
	"slices"
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

// TestDue has the stream leave events out, and repeat some.
func TestDue(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Rooms: []string{"news"}})
	s.emit("news", "n", 1)
	w := &watcher{mirror: s.mirror, feed: s.mirror.feeds[0]}
	flush := func(block string) []string {
		w.block = []byte(block)
		var got []string
		for part := range strings.SplitSeq(strings.TrimSuffix(string(w.due()), "\n\n"), "\n\n") {
			part = strings.ReplaceAll(part, s.mirror.epoch+"-", "")
			got = append(got, strings.ReplaceAll(part, "\n", " "))
		}
		return got
	}
	text := func(n string) string { return "id: " + n + ` data: {"name":"n","args":[` + n + "]}" }
	block := func(n string) string {
		return "id: " + s.mirror.epoch + "-" + n + "\ndata: {\"name\":\"n\",\"args\":[" + n + "]}\n\n"
	}
	steps := []struct {
		emit  []int
		block string
		want  []string
	}{
		{nil, "", []string{"retry: 2000"}},
		{nil, block("1"), []string{""}},
		{[]int{2}, block("2"), []string{text("2")}},
		{[]int{3, 4, 5}, block("5"), []string{text("3"), text("4"), text("5")}},
		{[]int{6, 7, 8}, block("6"), []string{text("6")}},
		{nil, ": heartbeat\n\n", []string{text("7"), text("8"), ": heartbeat"}},
		{nil, block("8"), []string{""}},
		{nil, ": heartbeat\n\n", []string{": heartbeat"}},
	}
	for i, step := range steps {
		for _, n := range step.emit {
			s.emit("news", "n", n)
		}
		if got := flush(step.block); !slices.Equal(got, step.want) {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
}

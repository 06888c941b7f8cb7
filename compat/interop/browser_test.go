package interop

import (
	"encoding/json"
	"net/url"
	"os"
	"testing"
	"time"
)

// browserFlags keep Chromium to the page it is given: nothing on screen, no
// traffic of its own, no state of earlier runs.
var browserFlags = []string{
	"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
	"--no-first-run", "--no-default-browser-check", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps",
	"--disable-background-timer-throttling", "--disable-renderer-backgrounding",
	"--mute-audio", "--metrics-recording-only",
}

// TestBrowser takes the browser builds through the suite in Chromium: one
// browser for each release, in which the modes come one after another, as a
// browser opens no more than six connections to one server.
func TestBrowser(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	s := newSite(t, siteOptions{})
	for _, r := range s.rows() {
		if len(r.browser) == 0 {
			continue
		}
		t.Run(r.generation+" "+r.release, func(t *testing.T) {
			t.Parallel()
			var tasks []task
			results := make(map[string]<-chan result)
			for _, mode := range r.browser {
				k := s.task(r, "browser", mode, "checks")
				tasks = append(tasks, k)
				results[mode] = s.mail.open(k.Tag)
			}
			p := startBrowser(t, s, tasks)
			for i, mode := range r.browser {
				got, err := collect(results[mode], suiteLimit)
				t.Run(mode, func(t *testing.T) {
					if err != nil {
						t.Errorf("%v; the browser wrote: %s", err, p.said())
					}
					judge(t, s, tasks[i].Tag, s.checks(r, "browser", mode), got)
				})
			}
		})
	}
}

// startBrowser opens a page that does the tasks, all of one release, one after
// another, in a browser with further flags.
func startBrowser(t *testing.T, s *site, tasks []task, flags ...string) *process {
	t.Helper()
	return awaitBrowser(t).open(append(flags, s.page(t, tasks))...)
}

// page is the address of the page that does the tasks.
func (s *site) page(t *testing.T, tasks []task) string {
	t.Helper()
	list, err := json.Marshal(tasks)
	if err != nil {
		t.Fatal(err)
	}
	return s.url + "/programs/page.html?" + url.Values{"tasks": {string(list)}}.Encode()
}

// pages is the address of a page that shows others.
func (s *site) pages(t *testing.T, shown []string) string {
	t.Helper()
	list, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	return s.url + "/programs/pages.html?" + url.Values{"pages": {string(list)}}.Encode()
}

// browsersAtOnce is how many browsers there are at most, those of all tests together:
// one is a dozen processes, and has work for more than one processor.
const browsersAtOnce = 3

var browserSlots = make(chan struct{}, browsersAtOnce)

// browser is one that a test may start.
type browser struct{ t *testing.T }

// awaitBrowser waits until the test may start a browser, which ends with the test.
// Others may keep theirs for minutes: what must not wait that long comes afterwards.
func awaitBrowser(t *testing.T) browser {
	t.Helper()
	browserSlots <- struct{}{}
	t.Cleanup(func() { <-browserSlots })
	return browser{t}
}

// open starts the browser, with flags and the page it shows.
func (b browser) open(args ...string) *process {
	b.t.Helper()
	all := append([]string{"--user-data-dir=" + profileDir(b.t)}, browserFlags...)
	return start(b.t, nil, browserPath(), append(all, args...)...)
}

// profileDir returns a directory for one browser's state. The browser's helpers
// may still write to it when the browser itself has been waited for, so it takes
// patience to remove.
func profileDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "profile")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for range 100 {
			if os.RemoveAll(dir) == nil {
				return
			}
			<-tick.C
		}
		t.Logf("%s remains", dir)
	})
	return dir
}

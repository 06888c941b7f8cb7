package interop

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	xws "golang.org/x/net/websocket"
)

// startDemo builds the chat and starts it with the clients that are installed. It
// returns the address on which it listens.
func startDemo(t *testing.T) (*process, string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "chat")
	if out, err := exec.Command("go", "build", "-o", program, "../../examples/chat").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ready := make(chan string, 1)
	server := start(t, func(out io.Reader) {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, page, ok := strings.Cut(lines.Text(), "every generation:"); ok {
				ready <- strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(page), "http://"), "/clients.html")
			}
		}
	}, program, "-addr", "127.0.0.1:0", "-clients", clientDir+"/node_modules")
	select {
	case addr := <-ready:
		return server, addr
	case <-server.ended:
		t.Fatalf("the demo ended: %s", server.said())
	case <-time.After(noticeLimit):
		t.Fatal("the demo does not start")
	}
	return nil, ""
}

// generationsOf are the names under which a release may be known, by its
// beginning. Pages of 1.x and 2.x can be told apart only by what they send, and
// those of the demo send little.
var generationsOf = map[string][]string{
	"0.2.": {"0.1-0.4"},
	"0.5.": {"0.5-0.6"}, "0.6.": {"0.5-0.6"},
	"0.7.": {"0.7-0.9"}, "0.8.": {"0.7-0.9"}, "0.9.": {"0.7-0.9"},
	"1.": {"1.x", "2.x"}, "2.": {"1.x", "2.x"},
	"3.": {"3.x-4.x"}, "4.": {"3.x-4.x"},
}

func generationFits(release, generation string) bool {
	for beginning, names := range generationsOf {
		if strings.HasPrefix(release, beginning) {
			return slices.Contains(names, generation)
		}
	}
	return false
}

// TestDemo opens the demo's page of all clients, and waits in its room until all
// of them are there at the same time, each known for what it is.
func TestDemo(t *testing.T) {
	t.Parallel()
	need(t, needClients, needBrowser)
	awaited := awaitBrowser(t)
	demo, addr := startDemo(t)
	releases := demoReleases(t, addr)
	for _, r := range suite {
		if !slices.Contains(releases, r.release) {
			t.Errorf("the page lacks %s: it has %q", r.release, releases)
		}
	}

	ws, err := xws.Dial("ws://"+addr+"/socket.io/?EIO=4&transport=websocket", "", "http://"+addr)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.SetDeadline(time.Now().Add(4 * clientLimit)); err != nil {
		t.Fatal(err)
	}
	send := func(text string) {
		t.Helper()
		if err := xws.Message.Send(ws, text); err != nil {
			t.Fatal(err)
		}
	}
	send("40")
	send(`42["join","every generation"]`)
	browser := awaited.open("--window-size=1920,1080", "http://"+addr+"/clients.html")

	missing := releases
	for len(missing) > 0 {
		var text string
		if err := xws.Message.Receive(ws, &text); err != nil {
			t.Fatalf("%v; %q are missing; the demo wrote: %s; the browser wrote: %s", err, missing, demo.said(), browser.said())
		}
		if text == "2" {
			send("3")
		}
		members, ok := demoMembers(t, text)
		if !ok {
			continue
		}
		missing = slices.DeleteFunc(slices.Clone(releases), func(release string) bool {
			generation, there := members["client "+release]
			return there && generationFits(release, generation)
		})
	}
}

// demoReleases returns those that the page shows.
func demoReleases(t *testing.T, addr string) []string {
	t.Helper()
	resp, err := http.Get("http://" + addr + "/clients.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct{ Clients []struct{ Version string } }
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	var releases []string
	for _, c := range list.Clients {
		releases = append(releases, c.Version)
	}
	return releases
}

// demoMembers returns the generations of the members that a message of the demo
// lists, by their names; false for another message.
func demoMembers(t *testing.T, text string) (map[string]string, bool) {
	t.Helper()
	list, ok := strings.CutPrefix(text, `42["members",`)
	if !ok {
		return nil, false
	}
	var presence struct {
		Room    string
		Members []struct{ Nick, Generation string }
	}
	if err := json.Unmarshal([]byte(strings.TrimSuffix(list, "]")), &presence); err != nil {
		t.Fatal(err)
	}
	members := map[string]string{}
	for _, m := range presence.Members {
		members[m.Nick] = m.Generation
	}
	return members, presence.Room == "every generation"
}

package v0

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

// transcript is what genuine clients and servers of 0.1 to 0.6 said on a connection,
// from testdata/transcripts.json. Left out is what is different here on purpose: a
// top-level array stays one message, htmlfile takes strings in both dialects, and
// answers name the page's origin instead of "*". Handshakes of hixie-76 are among
// the vectors of package transports.
type transcript struct {
	Name    string         `json:"name"`
	From    string         `json:"from"`
	Dialect MessageDialect `json:"dialect"`
	ID      string         `json:"id"`
	Steps   []struct {
		// Bytes as characters up to U+00FF: of the client, and of the server behind a
		// head that is no HTTP.
		Client string `json:"client"`
		Server string `json:"server"`
		// An answer of HTTP with its length, and the head and the next piece of one
		// without. Genuine is what the piece was without the charset added here.
		Answer *struct {
			Status int    `json:"status"`
			Type   string `json:"type"`
			Body   string `json:"body"`
		} `json:"answer"`
		Head    []string `json:"head"`
		Body    string   `json:"body"`
		Genuine string   `json:"genuine"`
		// What the application hears and sends, as JSON, and the time of a heartbeat.
		Heard string   `json:"heard"`
		Send  []string `json:"send"`
		Beat  bool     `json:"beat"`
	} `json:"steps"`
}

func TestMessageTranscripts(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/transcripts.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []transcript
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, tr := range all {
		t.Run(tr.Name, func(t *testing.T) {
			t.Parallel()
			tr.play(t)
		})
	}
}

// play has the client's side said to a server.
func (tr *transcript) play(t *testing.T) {
	h := newHost()
	srv, addr := messageSite(t, h, func(p *MessageParams) {
		p.Dialect = tr.Dialect
		p.GenerateID = func(*http.Request) (string, error) { return tr.ID, nil }
	})
	c := (&site{t: t, addr: addr}).dial("")
	var app *conn
	var body io.Reader
	for i, step := range tr.Steps {
		if app == nil && (step.Heard != "" || step.Send != nil || step.Beat) {
			app = receive(t, h.conns)
		}
		switch {
		case step.Client != "":
			if _, err := c.Write(latin1(step.Client)); err != nil {
				t.Fatal(err)
			}
		case step.Server != "":
			tr.expect(t, i, c.r, string(latin1(step.Server)))
		case step.Answer != nil:
			resp := c.response(t)
			got, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != step.Answer.Status || resp.ContentLength != int64(len(step.Answer.Body)) ||
				resp.Header.Get("Content-Type") != step.Answer.Type || string(got) != step.Answer.Body {
				t.Fatalf("step %d: %d %v %q, %v", i, resp.StatusCode, resp.Header, got, err)
			}
		case step.Head != nil:
			resp := c.response(t)
			for _, line := range step.Head {
				name, value, _ := strings.Cut(line, ": ")
				if got := resp.Header[name]; !slices.Equal(got, []string{value}) {
					t.Errorf("step %d: %s is %q", i, name, got)
				}
			}
			body = resp.Body
		case step.Body != "":
			if g := step.Genuine; g != "" && g != strings.Replace(step.Body, "; charset=UTF-8", "", 1) {
				t.Errorf("step %d: genuine %q", i, g)
			}
			tr.expect(t, i, body, step.Body)
		case step.Heard != "":
			if p := receive(t, h.packets); p.Name != "message" || string(p.Args) != step.Heard {
				t.Fatalf("step %d: heard %s %s", i, p.Name, p.Args)
			}
		case step.Send != nil:
			for _, value := range step.Send {
				if err := app.Deliver(packet.Prepare(event("/", "message", value))); err != nil {
					t.Fatal(err)
				}
			}
		case step.Beat:
			s := srv.core.lookup(tr.ID)
			s.mu.Lock()
			s.heartbeatLocked() // unlocks
		default:
			t.Fatalf("step %d says nothing", i)
		}
	}
}

func (tr *transcript) expect(t *testing.T, step int, from io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(from, got); err != nil || string(got) != want {
		t.Fatalf("step %d: got %q, %v, want %q", step, got[:n], err, want)
	}
}

// response reads the head of an answer.
func (c *raw) response(t *testing.T) *http.Response {
	t.Helper()
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close() // else there may be no end to wait for
		_ = resp.Body.Close()
	})
	return resp
}

// latin1 returns the bytes that the characters of a text stand for.
func latin1(text string) []byte {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r))
	}
	return b
}

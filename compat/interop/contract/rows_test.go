package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// act is something that one of two clients sends or gets: a packet of 1.x and
// 2.x, in which {ns} stands for the namespace as packets name it, and its
// binary values.
type act struct {
	who    int // 0 or 1
	gets   bool
	packet string
	binary []string
}

func sends(who int, packet string, binary ...string) act { return act{who, false, packet, binary} }
func gets(who int, packet string, binary ...string) act  { return act{who, true, packet, binary} }

// rows is the table of what the server does, one row after the other. Both
// clients get what their row says and nothing else.
var rows = []struct {
	name string
	acts []act
}{
	{"echo with ack", []act{
		sends(0, `42{ns}7["echo",{"a":["é€😀",null,1.5]}]`),
		gets(0, `43{ns}7[{"a":["é€😀",null,1.5]}]`),
	}},
	{"echo without", []act{
		sends(0, `42{ns}["echo",[1,"two"]]`),
		gets(0, `42{ns}["echo",[1,"two"]]`),
	}},
	{"echo of binary", []act{
		sends(0, `451-{ns}7["echo",{"b":{"_placeholder":true,"num":0}}]`, "\x00\x01"),
		gets(0, `461-{ns}7[{"b":{"_placeholder":true,"num":0}}]`, "\x00\x01"),
	}},
	{"ask", []act{
		sends(0, `42{ns}["ask",{"x":1}]`),
		gets(0, `42{ns}{id}["question",{"x":1}]`),
		sends(0, `43{ns}{id}["mine"]`),
		gets(0, `42{ns}["answered","mine"]`),
	}},
	{"count", []act{
		sends(0, `42{ns}["count",3]`),
		gets(0, `42{ns}["seq",0]`),
		gets(0, `42{ns}["seq",1]`),
		gets(0, `42{ns}["seq",2]`),
	}},
	{"count of nothing", []act{sends(0, `42{ns}["count",0]`)}},
	{"message", []act{
		sends(0, `42{ns}["message","hello"]`),
		gets(0, `42{ns}["message","hello"]`),
	}},
	{"where", []act{
		sends(0, `42{ns}7["where","x"]`),
		gets(0, `43{ns}7["{name}"]`),
	}},
	{"join with ack", []act{
		sends(0, `42{ns}7["join","r"]`),
		gets(0, `43{ns}7["r"]`),
	}},
	{"join without", []act{
		sends(0, `42{ns}["join","r"]`),
		gets(0, `42{ns}["joined","r"]`),
	}},
	{"pub reaches the sender", []act{
		sends(0, `42{ns}1["join","r"]`), gets(0, `43{ns}1["r"]`),
		sends(1, `42{ns}1["join","r"]`), gets(1, `43{ns}1["r"]`),
		sends(0, `42{ns}["pub","r",{"d":1}]`),
		gets(0, `42{ns}["msg",{"d":1}]`),
		gets(1, `42{ns}["msg",{"d":1}]`),
	}},
	{"pub from outside", []act{
		sends(1, `42{ns}1["join","r"]`), gets(1, `43{ns}1["r"]`),
		sends(0, `42{ns}["pub","r","x"]`),
		gets(1, `42{ns}["msg","x"]`),
	}},
	{"pub of binary", []act{
		sends(1, `42{ns}1["join","r"]`), gets(1, `43{ns}1["r"]`),
		sends(0, `451-{ns}["pub","r",{"_placeholder":true,"num":0}]`, "\x04"),
		gets(1, `451-{ns}["msg",{"_placeholder":true,"num":0}]`, "\x04"),
	}},
	{"others leaves out the sender", []act{
		sends(0, `42{ns}1["join","r"]`), gets(0, `43{ns}1["r"]`),
		sends(1, `42{ns}1["join","r"]`), gets(1, `43{ns}1["r"]`),
		sends(0, `42{ns}["others","r","x"]`),
		gets(1, `42{ns}["msg","x"]`),
	}},
	{"leave", []act{
		sends(0, `42{ns}1["join","r"]`), gets(0, `43{ns}1["r"]`),
		sends(0, `42{ns}["leave","r"]`),
		sends(0, `42{ns}["pub","r","x"]`),
	}},
	{"bin", []act{
		sends(0, `451-{ns}7["bin",{"_placeholder":true,"num":0}]`, "\x00\xff"),
		gets(0, `461-{ns}7[{"_placeholder":true,"num":0}]`, "\x00\xff"),
	}},
	{"blob", []act{
		sends(0, `451-{ns}7["blob",{"name":"n","data":{"_placeholder":true,"num":0}}]`, "bytes"),
		gets(0, `451-{ns}["blob",{"name":"n","data":{"_placeholder":true,"num":0}}]`, "bytes"),
		gets(0, `461-{ns}7[{"data":{"_placeholder":true,"num":0}}]`, "bytes"),
	}},
}

// TestRows takes two clients through every row of the table, in both namespaces
// and in the dialects of 1.x and 2.x.
func TestRows(t *testing.T) {
	t.Parallel()
	addr := startBinary(t)
	for _, revision := range []int{2, 3} {
		for _, namespace := range []string{"/", "/chat"} {
			t.Run(fmt.Sprintf("revision %d, %s", revision, namespace), func(t *testing.T) {
				for _, row := range rows {
					t.Run(row.name, func(t *testing.T) {
						clients := []*wireClient{join(t, addr, revision, namespace), join(t, addr, revision, namespace)}
						for _, a := range row.acts {
							if c := clients[a.who]; a.gets {
								c.get(a.packet, a.binary...)
							} else {
								c.send(a.packet, a.binary...)
							}
						}
						for _, c := range clients {
							c.nothingElse()
						}
					})
				}
				t.Run("info", func(t *testing.T) { testInfo(t, join(t, addr, revision, namespace)) })
				t.Run("bye", func(t *testing.T) {
					c := join(t, addr, revision, namespace)
					c.send(`42{ns}["bye"]`)
					// It is in "/" in any case, which it is told of first.
					for range map[string]int{"/": 1, "/chat": 2}[namespace] {
						if text := c.text(); !strings.HasPrefix(text, "41") {
							t.Errorf("got %q, want DISCONNECT", text)
						}
					}
					c.gone()
				})
			})
		}
		t.Run(fmt.Sprintf("revision %d, refused", revision), func(t *testing.T) {
			c := join(t, addr, revision, "/")
			c.send("40/refuse")
			c.get(`44/refuse,"no entry"`)
			c.nothingElse()
		})
	}
}

// testInfo asks for what is known of the connection, with an acknowledgement
// and without.
func testInfo(t *testing.T, c *wireClient) {
	c.send(`42{ns}7["info"]`)
	c.send(`42{ns}["info"]`)
	var answers [2]struct {
		Generation, Dialect, Transport string
		Evidence                       []string
	}
	for i, around := range [][2]string{{`43{ns}7[`, `]`}, {`42{ns}["info",`, `]`}} {
		text := c.text()
		body, begins := strings.CutPrefix(text, c.fill(around[0]))
		body, ends := strings.CutSuffix(body, around[1])
		if !begins || !ends {
			t.Fatalf("got %q, want it between %q and %q", text, c.fill(around[0]), around[1])
		}
		d := json.NewDecoder(strings.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&answers[i]); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(answers[0], answers[1]); d != "" {
		t.Errorf("the two answers differ: %s", d)
	}
	if got := answers[0]; got.Generation == "" || got.Dialect == "" || got.Transport != "websocket" || got.Evidence == nil {
		t.Errorf("got %+v", got)
	}
	c.nothingElse()
}

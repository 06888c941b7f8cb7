package budget

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const (
	idleClients = 5000
	// warmClients are there before, so that what the process needs once does not
	// count, nor what ran in it before.
	warmClients = 1000
	idleBudget  = 9 << 10 // bytes for one idle websocket client, all told
	// unheardBudget is for one that was never heard of: the server keeps what it
	// was sent, in case that it did not arrive.
	unheardBudget = 10 << 10
	// pageBudget is for one held page of htmlfile, all told. Its connection has
	// been taken over from net/http, which would keep three times as much.
	pageBudget = 6 << 10
	// claimBudget is for a handshake whose client has not come yet.
	claimBudget = 2 << 10
	// idleTries is how often a kind is measured at most.
	idleTries = 3
	idleEnv   = "BUDGET_IDLE_CLIENTS_OF"
	aloneEnv  = "BUDGET_ALONE"
)

// TestMain makes the test binary a program that holds idle clients, if asked to:
// their memory must not count as the server's. Otherwise it runs the tests, none of
// which may leave a goroutine.
func TestMain(m *testing.M) {
	if addr, kind, ok := strings.Cut(os.Getenv(idleEnv), " "); ok {
		holdIdle(idleKinds[kind], addr)
		return
	}
	goleak.VerifyTestMain(m)
}

// idleKind is how a client of one generation connects, and makes its one round
// trip, if any.
type idleKind struct {
	dial        func(addr string) (*peer, error)
	ask, answer string
	budget      float64 // in bytes
	goroutines  float64
}

var idleKinds = map[string]idleKind{
	"2.x":              {dial, `420["echo","hello"]`, "430", idleBudget, 2},
	"4.x":              {dialJoined, `420["echo","hello"]`, "430", idleBudget, 2},
	"0.9":              {dialColon, `5:1+::{"name":"echo","args":["hello"]}`, "6:::1", idleBudget, 2},
	"0.9, never heard": {dialColon, "", "", unheardBudget, 2},
	"0.9, htmlfile":    {dialPage, "", "", pageBudget, 1.01},
	"0.9, handshake":   {dialNothing, "", "", claimBudget, 0.01},
}

func holdIdle(kind idleKind, addr string) {
	peers := make([]*peer, 0, warmClients+idleClients) // kept, or they would be collected and closed
	for i := range warmClients + idleClients {
		if i == warmClients {
			fmt.Println("warm")
			_, _ = io.ReadFull(os.Stdin, make([]byte, 1)) // until the test has measured
		}
		p, err := kind.dial(addr)
		peers = append(peers, p)
		if err == nil && kind.ask != "" {
			if err = p.write(kind.ask); err == nil {
				err = p.until(kind.answer)
			}
		}
		if err != nil {
			fmt.Println("failed:", err)
			return
		}
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test closes it
	runtime.KeepAlive(peers)
}

// usage is what the process has in use.
type usage struct {
	heapAndStacks uint64
	resident      uint64
	goroutines    int
}

func measure() usage {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{
		heapAndStacks: m.HeapInuse + m.StackInuse,
		resident:      resident(),
		goroutines:    runtime.NumGoroutine(),
	}
}

// settled measures until nothing becomes less any more, and returns the least. What
// happens by the way, a writer that has not ended yet or a buffer that was not given
// back, only ever adds to what is in use, the more of it the busier the machine is;
// what a client really keeps is in every measurement.
func settled() usage {
	const pause, enough, most = 100 * time.Millisecond, 5, 100
	least := measure()
	for n, same := 0, 0; n < most && same < enough; n++ {
		time.Sleep(pause)
		if m := measure(); m.heapAndStacks < least.heapAndStacks {
			least, same = m, 0
		} else {
			same++
		}
	}
	return least
}

// resident returns the resident memory in bytes, 0 where it is not to be had.
func resident() uint64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b))
	n, err := strconv.ParseUint(f[1], 10, 64)
	if err != nil {
		return 0
	}
	return n * uint64(os.Getpagesize())
}

// TestIdleClient holds an idle client to its budget of memory and goroutines, each
// kind on a server in a process of its own: what others have left behind there
// would count in its favour. Where the heap has holes is a matter of chance, and of
// what else the machine does, so that a kind over its budget is measured again, from
// the start: what it costs is in every measurement.
func TestIdleClient(t *testing.T) {
	for kind := range idleKinds {
		t.Run(kind, func(t *testing.T) {
			if os.Getenv(aloneEnv) != "" {
				holdToBudget(t, kind)
				return
			}
			name := strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^")
			for try := 1; ; try++ {
				cmd := exec.Command(os.Args[0], "-test.run=^"+name+"$", "-test.v")
				cmd.Env = append(os.Environ(), aloneEnv+"=1")
				out, err := cmd.CombinedOutput()
				t.Logf("%s", out)
				if err == nil && bytes.Contains(out, []byte("--- PASS: "+t.Name()+" ")) {
					return
				}
				if try == idleTries {
					t.Fatalf("over its budget %d times: %v", try, err)
				}
			}
		})
	}
}

func holdToBudget(t *testing.T, kind string) {
	t.Helper()
	config := withoutHeartbeats
	config.MaxUnclaimedSessions, config.V0.MaxUnclaimedPerPeer = warmClients+idleClients, warmClients+idleClients
	srv, addr := serve(t, config)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), idleEnv+"="+addr+" "+kind)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	}()
	lines := bufio.NewReader(stdout)
	if line, err := lines.ReadString('\n'); err != nil || line != "warm\n" {
		t.Fatalf("clients: %q, %v", line, err)
	}
	before := settled()
	if _, err := stdin.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	if line, err := lines.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("clients: %q, %v", line, err)
	}
	if n := srv.Clients(); n != warmClients+idleClients {
		t.Fatalf("%d clients, want %d", n, warmClients+idleClients)
	}
	after := settled()
	perClient := float64(after.heapAndStacks-before.heapAndStacks) / idleClients
	goroutines := float64(after.goroutines-before.goroutines) / idleClients
	t.Logf("idle client: %.0f B of heap and stacks, %.0f B resident, %.2f goroutines",
		perClient, (float64(after.resident)-float64(before.resident))/idleClients, goroutines)
	if raceEnabled {
		t.Log("not held to the budget: the race detector changes what things cost")
		return
	}
	if want := idleKinds[kind].budget; perClient > want {
		t.Errorf("an idle client costs %.0f B, want at most %.0f", perClient, want)
	}
	if want := idleKinds[kind].goroutines; goroutines > want {
		t.Errorf("an idle client has %.2f goroutines, want at most %.2f", goroutines, want)
	}
}

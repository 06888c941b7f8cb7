package budget

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	socketio "github.com/heirloom-io/socketio"
)

const (
	idleClients = 5000
	idleBudget  = 9 << 10 // bytes for one idle websocket client, all told
	idleEnv     = "BUDGET_IDLE_CLIENTS_OF"
)

// TestMain makes the test binary a program that holds idle clients, if asked to:
// their memory must not count as the server's. Otherwise it runs the tests, none of
// which may leave a goroutine.
func TestMain(m *testing.M) {
	if kind, addr, ok := strings.Cut(os.Getenv(idleEnv), " "); ok {
		holdIdle(idleKinds[kind], addr)
		return
	}
	goleak.VerifyTestMain(m)
}

// idleKind is how a client of one generation connects, and makes its one round
// trip.
type idleKind struct {
	dial        func(addr string) (*peer, error)
	ask, answer string
}

var idleKinds = map[string]idleKind{
	"2.x": {dial, `420["echo","hello"]`, "430"},
	"0.9": {dialColon, `5:1+::{"name":"echo","args":["hello"]}`, "6:::1"},
}

func holdIdle(kind idleKind, addr string) {
	peers := make([]*peer, 0, idleClients) // kept, or they would be collected and closed
	for range idleClients {
		p, err := kind.dial(addr)
		peers = append(peers, p)
		if err == nil {
			err = p.write(kind.ask)
		}
		if err == nil {
			err = p.until(kind.answer)
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

// TestIdleClient holds an idle websocket client to its budget of memory and
// goroutines. Each client has made one round trip, as a real one has.
func TestIdleClient(t *testing.T) {
	for kind := range idleKinds {
		t.Run(kind, func(t *testing.T) { holdToBudget(t, kind) })
	}
}

func holdToBudget(t *testing.T, kind string) {
	t.Helper()
	srv, addr := serve(t, socketio.Config{})
	before := measure()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), idleEnv+"="+kind+" "+addr)
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
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatalf("clients: %q, %v", line, err)
	}
	if n := srv.Clients(); n != idleClients {
		t.Fatalf("%d clients, want %d", n, idleClients)
	}
	time.Sleep(300 * time.Millisecond) // the last writers end
	after := measure()
	perClient := float64(after.heapAndStacks-before.heapAndStacks) / idleClients
	goroutines := float64(after.goroutines-before.goroutines) / idleClients
	t.Logf("idle websocket client: %.0f B of heap and stacks, %.0f B resident, %.2f goroutines",
		perClient, (float64(after.resident)-float64(before.resident))/idleClients, goroutines)
	if raceEnabled {
		t.Log("not held to the budget: the race detector changes what things cost")
		return
	}
	if perClient > idleBudget {
		t.Errorf("an idle client costs %.0f B, want at most %d", perClient, idleBudget)
	}
	if goroutines > 2 {
		t.Errorf("an idle client has %.2f goroutines, want at most 2", goroutines)
	}
}

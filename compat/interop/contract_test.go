package interop

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// buildContract builds the contract server, once for all tests, and returns the path
// of the program. It stays until this process ends.
var buildContract = sync.OnceValues(func() (string, error) {
	program := filepath.Join(os.TempDir(), "contract")
	if out, err := exec.Command("go", "build", "-o", program, "./contract").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, nil
})

// startContract builds the contract server and starts it. It returns the
// address on which it listens.
func startContract(t *testing.T, args ...string) (*process, string) {
	t.Helper()
	program, err := buildContract()
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	server := start(t, func(out io.Reader) {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if addr, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				ready <- addr
			}
		}
	}, program, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	select {
	case addr := <-ready:
		return server, addr
	case <-server.ended:
		t.Fatalf("the server ended: %s", server.said())
	case <-time.After(noticeLimit):
		t.Fatal("the server does not start")
	}
	return nil, ""
}

// TestContractServer has the contract server serve one client, and stops it
// while that client is connected.
func TestContractServer(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	server, addr := startContract(t, "-ping-interval", "1s", "-ping-timeout", "1s")
	r := suite[len(suite)-1]
	client, results := startNode(t, task{
		Release: r.release, Era: r.era, Program: "hold", Mode: upgrade, URL: "http://" + addr, Tag: "contract", Generation: r.generation,
	})
	if _, err := await(results, "ready", clientLimit); err != nil {
		t.Fatalf("%v; the client wrote: %s", err, client.said())
	}
	signal(t, server, syscall.SIGTERM)
	if lost, err := await(results, "lost", clientLimit); err != nil {
		t.Error(err)
	} else if lost.Detail != "transport close" {
		t.Errorf("the client's reason is %q, want %q", lost.Detail, "transport close")
	}
	select {
	case <-server.ended:
		if server.err != nil {
			t.Errorf("the server ended with %v: %s", server.err, server.said())
		}
	case <-time.After(noticeLimit / 2):
		t.Errorf("the server still runs %v after SIGTERM", noticeLimit/2)
	}
}

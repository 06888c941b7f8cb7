package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The program promises to stop within stopPromise of being told to; slow is the
// patience with everything else.
const (
	stopPromise = 5 * time.Second
	slow        = 30 * time.Second
)

// startBinary builds the program, runs it on a free port, and returns its
// address. When the test ends the program is told to stop, and has to do so in
// time and without complaint.
func startBinary(t *testing.T, args ...string) (addr string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "contract")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command(program, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	// A pipe of our own: that of the command must be read before Wait, which
	// would leave a goroutine behind if the program says nothing.
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = out.Close()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the program ended with %v: %s", err, stderr.String())
			}
		case <-time.After(stopPromise):
			t.Errorf("the program still runs %v after SIGTERM", stopPromise)
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	if err := out.SetReadDeadline(time.Now().Add(slow)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "listening on ")
	if err != nil || !ok {
		t.Fatalf("the program says %q: %v", line, err)
	}
	return addr
}

// TestBinaryOptions passes flags to the program and looks for their effect.
func TestBinaryOptions(t *testing.T) {
	t.Parallel()
	addr := startBinary(t, "-path", "/io", "-ping-interval", "7s", "-ping-timeout", "3s", "-generations", ">= 2.0")
	c := connect(t, fmt.Sprintf("ws://%s/io/?EIO=3&transport=websocket", addr))
	for _, want := range []string{`"pingInterval":7000`, `"pingTimeout":3000`} {
		if !strings.Contains(c.hello, want) {
			t.Errorf("the handshake is %s, want %s in it", c.hello, want)
		}
	}
}

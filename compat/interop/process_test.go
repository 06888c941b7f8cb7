package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// result is what a client program says of one check or one event.
type result struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// task tells a client program what to do; see node/driver.js.
type task struct {
	Release    string   `json:"release"`
	Era        string   `json:"era"`
	Program    string   `json:"program"`
	Mode       string   `json:"mode"`
	URL        string   `json:"url"`
	Tag        string   `json:"tag"`
	Generation string   `json:"generation"`
	Checks     []string `json:"checks,omitempty"`
	Room       string   `json:"room,omitempty"`
	// Script is where a page has the client from; empty for the site's copy.
	Script string `json:"script,omitempty"`
	Bundle string `json:"bundle,omitempty"`
}

// process is a child in a process group of its own. It ends with the test, and on
// Linux with the test's process at the latest, however that ends.
type process struct {
	cmd    *exec.Cmd
	stderr string        // the file that holds it
	ended  chan struct{} // closed when the child has been waited for
	err    error         // of Wait; valid once ended is closed
}

// start runs a command until it ends by itself, stop is called, or the test is
// over. What it writes to standard output is read by the given function, which
// returns at the end of it, or dropped if there is none.
//
// Standard error goes to a file: a descendant that outlives the child, as a
// browser has, would keep a pipe open.
func start(t *testing.T, read func(io.Reader), name string, args ...string) *process {
	t.Helper()
	return startWith(t, nil, read, name, args...)
}

// startWith is start with standard input.
func startWith(t *testing.T, stdin *os.File, read func(io.Reader), name string, args ...string) *process {
	t.Helper()
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	p := &process{cmd: exec.Command(name, args...), stderr: stderr.Name(), ended: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(p.cmd.SysProcAttr)
	if stdin != nil {
		p.cmd.Stdin = stdin
	}
	p.cmd.Stderr = stderr
	var out io.Reader
	if read != nil {
		if out, err = p.cmd.StdoutPipe(); err != nil {
			t.Fatal(err)
		}
	}
	begun := make(chan error, 1)
	go func() {
		defer close(p.ended)
		// What ends with its parent ends with the thread that started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		begun <- err
		if err != nil {
			return
		}
		if read != nil {
			read(out)
		}
		p.err = p.cmd.Wait()
	}()
	if err := <-begun; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	return p
}

// signal sends a signal to the child and all its descendants in its group.
func (p *process) signal(s syscall.Signal) error {
	return syscall.Kill(-p.cmd.Process.Pid, s)
}

// stop kills the group and waits for the child.
func (p *process) stop() {
	if err := p.signal(syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		_ = p.cmd.Process.Kill()
	}
	<-p.ended
}

// said returns the end of what the child has written to standard error.
func (p *process) said() string {
	const enough = 4096
	all, err := os.ReadFile(p.stderr)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(all[max(0, len(all)-enough):]))
}

// startNode runs a client program in node. Its results come through the
// channel, which is closed at the end of its output.
func startNode(t *testing.T, k task) (*process, <-chan result) {
	t.Helper()
	arg, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	// A program reports each check once and each event of a connection once;
	// nothing waits for the reader of so few.
	results := make(chan result, 1024)
	p := start(t, func(out io.Reader) {
		defer close(results)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var r result
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				r = result{Check: "output", Detail: "not a result: " + lines.Text()}
			}
			select {
			case results <- r:
			default:
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}, "node", "--no-deprecation", clientDir+"/driver.js", string(arg))
	return p, results
}

// collect gathers results until the channel is closed or time is over.
func collect(results <-chan result, limit time.Duration) ([]result, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var all []result
	for {
		select {
		case r, ok := <-results:
			if !ok {
				return all, nil
			}
			all = append(all, r)
		case <-timer.C:
			return all, fmt.Errorf("not finished after %v", limit)
		}
	}
}

// await takes results until one of the given name, and returns it.
func await(results <-chan result, check string, limit time.Duration) (result, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case r, ok := <-results:
			if !ok {
				return result{}, fmt.Errorf("the client ended before it reported %q", check)
			}
			if r.Check == check {
				return r, nil
			}
		case <-timer.C:
			return result{}, fmt.Errorf("the client has not reported %q after %v", check, limit)
		}
	}
}

package interop

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
)

// endWithParent has the system kill a child when the thread that started it ends, as
// it does when the test's process is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// killedEnv makes TestKilled the process that is killed.
const killedEnv = "INTEROP_TO_BE_KILLED"

// TestKilled kills a run of tests, of which neither a child nor a file may remain.
func TestKilled(t *testing.T) {
	if os.Getenv(killedEnv) != "" {
		child := start(t, nil, "sleep", "600")
		fmt.Printf("child %d in %s\n", child.cmd.Process.Pid, os.TempDir())
		<-child.ended
		return
	}
	t.Parallel()
	said := make(chan string, 64)
	p := start(t, func(out io.Reader) {
		defer close(said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}, "env", killedEnv+"=1", os.Args[0], "-test.run=^TestKilled$")
	var pid int
	var dir string
	for line := range said {
		if strings.HasPrefix(line, "child ") {
			if _, err := fmt.Sscanf(line, "child %d in %s", &pid, &dir); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if _, err := os.Stat(dir); err != nil || pid == 0 {
		t.Fatalf("child %d: %v; it wrote: %s", pid, err, p.said())
	}
	if err := syscall.Kill(p.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if !soon(func() bool { return hasEnded(pid) }) {
		t.Error("its child is left")
	}
	if !soon(func() bool { _, err := os.Stat(dir); return os.IsNotExist(err) }) {
		t.Errorf("its files are left in %s", dir)
	}
}

// hasEnded reports whether a process is no more, or is waited for at most: not every
// system waits for those that lost their parent.
func hasEnded(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(stat), ") Z ")
}

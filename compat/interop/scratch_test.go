package interop

import (
	"io"
	"os"
	"os/exec"
	"syscall"
)

// scratch is where this process and its children write, and what removes it.
type scratch struct {
	dir string
	// end holds the remover back as long as this process has it open: the system
	// closes it when the process has ended, however that was.
	end io.WriteCloser
}

// removal waits for the end of its input, and then removes the directory it is given.
// The children may still write there, so it takes patience.
const removal = `cat >/dev/null
for try in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$0" && exit; sleep 0.5; done`

// newScratch makes the directory for temporary files of this process and of all it
// starts, and sees to it that none of it remains. A test that is killed, or whose time
// is over, cleans nothing up itself.
func newScratch() (*scratch, error) {
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		return nil, err
	}
	remover := exec.Command("sh", "-c", removal, dir)
	// What is sent to the group of the test does not reach it.
	remover.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	remover.Dir = "/"
	end, err := remover.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := remover.Start(); err != nil {
		return nil, err
	}
	return &scratch{dir: dir, end: end}, os.Setenv("TMPDIR", dir)
}

package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// requirement is something outside the Go toolchain that a test cannot do
// without.
type requirement struct {
	what    string
	missing func() bool
	install string
}

// clientDir holds the client packages and the programs that run them.
const clientDir = "node"

var (
	needNode = requirement{
		what:    "node",
		missing: func() bool { return lookPath("node") == "" },
		install: "install Node.js 20 or later, then run: make test",
	}
	needClients = requirement{
		what: "the genuine clients",
		missing: func() bool {
			// npm writes this file when an installation is complete.
			_, err := os.Stat(filepath.Join(clientDir, "node_modules", ".package-lock.json"))
			return err != nil
		},
		install: "make test installs them, and so does: npm ci --ignore-scripts, in compat/interop/node",
	}
	needBrowser = requirement{
		what:    "Chromium",
		missing: func() bool { return browserPath() == "" },
		install: "install Chromium or name it in CHROMIUM, then run: make test",
	}
)

// needProgram is a program of that name, which Debian has in the package of that
// name.
func needProgram(name string) requirement {
	return requirement{
		what:    name,
		missing: func() bool { return lookPath(name) == "" },
		install: "install " + name + ", then run: make test",
	}
}

// need skips the test unless everything it needs is there. Where the
// environment says CI=true nothing may be left out, and the test fails.
func need(t *testing.T, all ...requirement) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out: genuine clients take too long for -short")
	}
	for _, r := range all {
		if !r.missing() {
			continue
		}
		report := t.Skipf
		if os.Getenv("CI") == "true" {
			report = t.Fatalf
		}
		report("left out: %s, for %s is missing; %s", t.Name(), r.what, r.install)
	}
}

// browserPath returns the browser to use, or an empty string.
func browserPath() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if p := lookPath(name); p != "" {
			return p
		}
	}
	return ""
}

func lookPath(name string) string {
	// Debian has servers where only root looks for programs.
	for _, path := range []string{name, filepath.Join("/usr/sbin", name)} {
		if name == "" {
			break
		}
		if p, err := exec.LookPath(path); err == nil {
			return p
		}
	}
	return ""
}

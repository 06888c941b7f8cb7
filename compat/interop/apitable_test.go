package interop

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// genuineMethods are the files of the genuine servers that define what an
// application can call, with the word the table has for the object.
var genuineMethods = []struct {
	server, file, object string
	// form finds the names; its last group holds one.
	form *regexp.Regexp
}{
	{"2.5.1", "index.js", "server", methodForm},
	{"2.5.1", "namespace.js", "namespace", methodForm},
	{"2.5.1", "parent-namespace.js", "parent", regexp.MustCompile(`(?m)^  (\w+)\(.*\) \{`)},
	{"2.5.1", "socket.js", "socket", methodForm},
	{"2.5.1", "client.js", "client", methodForm},
	{"0.9.19", "manager.js", "manager", methodForm},
	{"0.9.19", "namespace.js", "namespace", methodForm},
	{"0.9.19", "socket.js", "socket", methodForm},
}

// methodForm finds methods and, in 0.9, getters.
var methodForm = regexp.MustCompile(`(?m)^ ?\w+\.prototype\.(?:__defineGetter__\('(\w+)'|(\w+) ?=)`)

// settingForm finds the settings of 0.9, which stand beneath each other.
var settingForm = regexp.MustCompile(`(?m)^ {4}(?:, |  )'?([\w ]+?)'?: `)

// optionForm finds the options of the genuine engine.
var optionForm = regexp.MustCompile(`\bopt(?:ion)?s\.(\w+)`)

// TestAPITableIsComplete finds a place in docs/api.md for every method of the
// genuine servers, for every option of theirs and for every setting of 0.9.
func TestAPITableIsComplete(t *testing.T) {
	t.Parallel()
	need(t, needClients)
	page, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	table := string(page)
	found := 0
	for _, g := range genuineMethods {
		for _, name := range namesIn(t, g.server, g.file, g.form) {
			if name == "__proto__" || strings.HasPrefix(name, "$") || name == "constructor" {
				continue
			}
			found++
			if !regexp.MustCompile("`" + g.object + `\.` + name + `\b`).MatchString(table) {
				t.Errorf("%s has a %s.%s, and the table has not", g.server, g.object, name)
			}
		}
	}
	_, settings, _ := strings.Cut(genuineFile(t, "0.9.19", "manager.js"), "this.settings = {")
	settings, _, _ = strings.Cut(settings, "};")
	for _, m := range settingForm.FindAllStringSubmatch(settings, -1) {
		found++
		if !strings.Contains(table, "`"+m[1]+"`") {
			t.Errorf("0.9 has a setting %q, and the table has not", m[1])
		}
	}
	options := optionForm.FindAllStringSubmatch(genuineFile(t, "2.5.1", "../node_modules/engine.io/lib/server.js"), -1)
	for _, m := range append(options, optionForm.FindAllStringSubmatch(genuineFile(t, "2.5.1", "index.js"), -1)...) {
		found++
		if !regexp.MustCompile("(?m)^\\| options? [^|]*`" + m[1] + "`").MatchString(table) {
			t.Errorf("2.5.1 has an option %q, and the table has not", m[1])
		}
	}
	if found < 150 {
		t.Errorf("only %d names were found in the genuine servers", found)
	}
}

// TestAPITableNamesRows finds each row of TestServerAPI in the table, and each that
// the table names among the rows.
func TestAPITableNamesRows(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`interop\\.TestServerAPI/([^`]+)`").FindAllStringSubmatch(string(page), -1) {
		named[m[1]] = true
	}
	rows := map[string]bool{}
	for _, row := range apiRows() {
		if rows[row.name] {
			t.Errorf("two rows are called %q", row.name)
		}
		rows[row.name] = true
	}
	if d := cmp.Diff(rows, named); d != "" {
		t.Errorf("(-rows +table):\n%s", d)
	}
}

func namesIn(t *testing.T, server, file string, form *regexp.Regexp) []string {
	t.Helper()
	var names []string
	for _, m := range form.FindAllStringSubmatch(genuineFile(t, server, file), -1) {
		names = append(names, strings.Join(m[1:], ""))
	}
	if len(names) == 0 {
		t.Errorf("no names in %s of %s", file, server)
	}
	return names
}

func genuineFile(t *testing.T, server, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(clientDir, "node_modules", "sio-server-"+server, "lib", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

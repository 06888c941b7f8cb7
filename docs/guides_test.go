// Package docs holds the documents, and the tests that keep them true.
package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	socketio "github.com/heirloom-io/socketio"
)

// documents returns the paths of what readers learn from.
func documents(t *testing.T) []string {
	t.Helper()
	guides, err := filepath.Glob("guides/*.md")
	if err != nil || len(guides) < 8 {
		t.Fatalf("%d guides, %v", len(guides), err)
	}
	return append(guides, "../README.md")
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// packages are what snippets may use, by the name they have in them.
var packages = map[string]string{
	"context": "context", "json": "encoding/json", "errors": "errors", "log": "log", "net": "net", "http": "net/http",
	"os": "os", "signal": "os/signal", "rand": "crypto/rand", "regexp": "regexp", "strings": "strings", "time": "time",
	"socketio": "github.com/heirloom-io/socketio",
}

// program makes a file of a snippet. One that begins with a package clause is whole;
// one that declares funcs stands by itself; any other is the body of a func that is
// given the server, a socket and an HTTP server, as the text around it says.
func program(snippet string) string {
	if strings.HasPrefix(snippet, "package ") {
		return strings.Replace(snippet, "package main\n", "package snippet\n", 1) // not to be linked
	}
	var b strings.Builder
	b.WriteString("package snippet\n\nimport (\n")
	names := make([]string, 0, len(packages))
	for name := range packages {
		names = append(names, name)
	}
	sort.Strings(names)
	body := snippet
	if !regexp.MustCompile(`(?m)^func `).MatchString(snippet) {
		body = "func snippet(io *socketio.Server, s *socketio.Socket, server *http.Server) {\n"
		// What a snippet declares for its reader need not be used.
		if declared := regexp.MustCompile(`(?m)^(?:(\w+), err|(\w+)) := `).FindAllStringSubmatch(snippet, -1); declared != nil {
			body += "{\n" + snippet
			var seen []string
			for _, d := range declared {
				name := d[1] + d[2]
				if !slices.Contains(seen, name) {
					body += "_ = " + name + "\n"
					seen = append(seen, name)
				}
				if d[1] != "" && !slices.Contains(seen, "err") {
					body += "_ = err\n"
					seen = append(seen, "err")
				}
			}
			body += "}\n}\n"
		} else {
			body += snippet + "}\n"
		}
	}
	for _, name := range names {
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(body) {
			fmt.Fprintf(&b, "\t%s %q\n", name, packages[name])
		}
	}
	b.WriteString(")\n\n" + body)
	return b.String()
}

// TestSnippets compiles every piece of Go in the guides and the README against the
// module as it is.
func TestSnippets(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// Files that exist only for the compiler, in folders of the module.
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	dir := t.TempDir()
	var args []string
	n := 0
	for _, path := range documents(t) {
		for i, block := range goBlock.FindAllStringSubmatch(read(t, path), -1) {
			n++
			name := fmt.Sprintf("%s_%d", strings.ToLower(strings.TrimSuffix(filepath.Base(path), ".md")), i+1)
			file := filepath.Join(dir, name+".go")
			if err := os.WriteFile(file, []byte(program(block[1])), 0o600); err != nil {
				t.Fatal(err)
			}
			overlay.Replace[filepath.Join(root, "docs", "snippets", name, name+".go")] = file
			args = append(args, "./docs/snippets/"+name)
		}
	}
	if n < 20 {
		t.Fatalf("found %d pieces of Go", n)
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(config, list, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"build", "-overlay", config}, args...)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, bytes.ReplaceAll(out, []byte(dir+"/"), nil))
	}
}

var (
	fieldName = regexp.MustCompile(`\b(V0|V1|V2|V4|Messages|Recovery)?Config\.([A-Z]\w*)(?:\.([A-Z]\w*))?`)
	goName    = regexp.MustCompile("`socketio\\.(Err|Reason|Feature)(\\w+)`")
	link      = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)
	heading   = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestConfigFields looks for each field that the documents name.
func TestConfigFields(t *testing.T) {
	structs := map[string]reflect.Type{
		"": reflect.TypeFor[socketio.Config](), "V0": reflect.TypeFor[socketio.V0Config](), "V1": reflect.TypeFor[socketio.V1Config](),
		"V2": reflect.TypeFor[socketio.V2Config](), "V4": reflect.TypeFor[socketio.V4Config](), "Messages": reflect.TypeFor[socketio.MessagesConfig](),
		"Recovery": reflect.TypeFor[socketio.RecoveryConfig](),
	}
	n := 0
	for _, path := range documents(t) {
		for _, m := range fieldName.FindAllStringSubmatch(read(t, path), -1) {
			n++
			f, ok := structs[m[1]].FieldByName(m[2])
			if ok && m[3] != "" {
				_, ok = f.Type.FieldByName(m[3])
			}
			if !ok {
				t.Errorf("%s: there is no %s", path, m[0])
			}
		}
		for _, m := range goName.FindAllStringSubmatch(read(t, path), -1) {
			if !regexp.MustCompile(`(?m)\b` + m[1] + m[2] + `\b`).MatchString(read(t, "../errors.go") + read(t, "../reason.go") + read(t, "../wire.go")) {
				t.Errorf("%s: there is no %s%s", path, m[1], m[2])
			}
		}
	}
	if n < 40 {
		t.Errorf("found %d names of fields", n)
	}
}

// anchor is what a heading is linked by.
func anchor(heading string) string {
	heading = strings.ToLower(regexp.MustCompile(`[^\w\s–-]`).ReplaceAllString(heading, ""))
	return "#" + strings.ReplaceAll(strings.ReplaceAll(heading, "–", ""), " ", "-")
}

// TestLinks follows the links between the documents, and to files.
func TestLinks(t *testing.T) {
	n := 0
	for _, path := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(goBlock.ReplaceAllString(read(t, path), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			n++
			target := path
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(path), m[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if m[2] == "" {
				continue
			}
			found := false
			for _, h := range heading.FindAllStringSubmatch(read(t, target), -1) {
				found = found || anchor(h[1]) == m[2]
			}
			if !found {
				t.Errorf("%s: %s has no %s", path, target, m[2])
			}
		}
	}
	if n < 20 {
		t.Errorf("found %d links", n)
	}
}

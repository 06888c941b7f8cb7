package socketio_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/transports"
)

// oldVocabulary is what the documentation of 0.3 and the servers of 0.5 and 0.6
// have names for.
var oldVocabulary = []string{
	"io.listen(server, options)",
	"Listener: server", "Listener: options", "Listener: clients", "Listener: clientsIndex",
	"option resource", "option origins", "option transports", "option log",
	"option timeout, closeTimeout: polling", "option timeout, closeTimeout: streams", "transportOptions: timeout",
	"transportOptions: heartbeatInterval", "transportOptions: duration", "option flashPolicyServer", "the client's script",
	"Listener: addListener", "Listener: removeListener",
	"Listener: broadcast(message)", "Listener: broadcast(message, except)",
	"Listener: clientConnect", "Listener: clientMessage", "Listener: clientDisconnect",
	"Client: sessionId", "Client: listener", "Client: connected", "Client: connections",
	"Client: send(message)", "Client: broadcast(message)", "Client: message", "Client: disconnect",
}

// TestVocabulary holds the table in the documentation of package compat to the
// old documentation, to what there is, and to the examples, which use all of it.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	rows := vocabularyRows(t)
	for _, name := range oldVocabulary {
		found := false
		for old := range rows {
			found = found || strings.HasPrefix(old, name)
		}
		if !found {
			t.Errorf("the table has no row for %s", name)
		}
	}
	used := usedInExamples(t, "vocabulary_test.go")
	qualified := regexp.MustCompile(`\b(\w+)\.([A-Z]\w*)|\bNew\w+`)
	for old, here := range rows {
		names := 0
		for _, m := range qualified.FindAllStringSubmatch(here, -1) {
			if m[1] == "http" {
				continue
			}
			names++
			last := m[2]
			if last == "" {
				last = m[0]
			}
			if !exists(m[1], last) {
				t.Errorf("%s: there is no %s", old, m[0])
			}
			if !used[last] {
				t.Errorf("%s: no example uses %s", old, m[0])
			}
		}
		if names == 0 {
			t.Errorf("%s: %q names nothing", old, here)
		}
	}
}

// vocabularyRows returns the table, new names by old ones.
func vocabularyRows(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("compat/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "// # The servers of 0.1 to 0.6\n")
	if !ok {
		t.Fatal("the documentation has no such section")
	}
	rows := map[string]string{}
	for line := range strings.SplitSeq(section, "\n") {
		if strings.HasPrefix(line, "// # ") {
			break // of another section
		}
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.HasPrefix(cells[1], "--") || strings.TrimSpace(cells[1]) == "there" {
			continue
		}
		old := strings.TrimSpace(cells[1])
		if _, again := rows[old]; again {
			t.Errorf("%s has two rows", old)
		}
		rows[old] = strings.TrimSpace(cells[2])
	}
	return rows
}

// exists reports whether a type of the package has a method or field of a name,
// or a package the func.
func exists(owner, name string) bool {
	switch owner {
	case "":
		return name == "NewServer" && reflect.ValueOf(socketio.NewServer).IsValid()
	case "transports":
		return name == "NewPolicyServer" && reflect.ValueOf(transports.NewPolicyServer).IsValid()
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[*socketio.Server](), reflect.TypeFor[*socketio.Socket](), reflect.TypeFor[socketio.Conn](),
		reflect.TypeFor[socketio.Operator](), reflect.TypeFor[socketio.Subscription](),
		reflect.TypeFor[socketio.Config](), reflect.TypeFor[socketio.MessagesConfig](),
	} {
		plain := of
		if of.Kind() == reflect.Pointer {
			plain = of.Elem()
		}
		if plain.Name() != owner {
			continue
		}
		if _, ok := of.MethodByName(name); ok {
			return true
		}
		_, ok := plain.FieldByName(name)
		return ok
	}
	return false
}

// usedInExamples returns the names that the examples of a file select or set.
func usedInExamples(t *testing.T, file string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				used[n.Sel.Name] = true
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok {
					used[key.Name] = true
				}
			}
			return true
		})
	}
	return used
}

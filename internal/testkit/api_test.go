package testkit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree is what the API table may name: the exported names of packages that are
// not internal, and the tests of all of them.
type tree struct {
	// names holds "pkg.Name" and "pkg.Type.Member", the package by its own name.
	names map[string]bool
	// tests holds "pkg.TestName", and literals every string in the tests of a
	// package, of which the names of subtests are some.
	tests    map[string]bool
	literals map[string]map[string]bool
}

// TestAPI holds docs/api.md to what there is.
func TestAPI(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	faults, rows := checkAPI(string(page), loadTree(t))
	for _, fault := range faults {
		t.Error(fault)
	}
	if rows < 100 {
		t.Errorf("only %d rows were understood", rows)
	}
}

// TestAPIFaults plants faults, to see that each kind of them is found.
func TestAPIFaults(t *testing.T) {
	t.Parallel()
	known := tree{
		names:    map[string]bool{"socketio.Server": true, "socketio.Server.Of": true, "rooms.Adapter.Add": true},
		tests:    map[string]bool{"socketio.TestOf": true},
		literals: map[string]map[string]bool{"socketio": {"a sub/test": true}},
	}
	const head, reasons = "| Socket.IO | here | wire | proof |\n|---|---|---|---|\n", "| Socket.IO | why |\n|---|---|\n"
	for _, test := range []struct {
		name, page string
		want       []string
	}{
		{"sound", head + "| `server.of` | `Server.Of(\"/\")` and `rooms.Adapter.Add`, by `http.Serve` | 0.7 | `socketio.TestOf/a sub/test` |\n\n" + reasons + "| `x` | because |\n", nil},
		{"no proof", head + "| `of` | `Server.Of` | 0.7 | it works |\n", []string{"line 3: `of`: no proof"}},
		{"no such test", head + "| `of` | `Server.Of` | 0.7 | `socketio.TestOff` |\n", []string{"line 3: `of`: there is no socketio.TestOff"}},
		{"no such subtest", head + "| `of` | `Server.Of` | 0.7 | `socketio.TestOf/other` |\n", []string{"line 3: `of`: socketio.TestOf has no other"}},
		{"no such name", head + "| `of` | `Server.Off` | 0.7 | `socketio.TestOf` |\n", []string{"line 3: `of`: there is no socketio.Server.Off", "line 3: `of`: no name of this module"}},
		{"no name at all", head + "| `of` | the same | 0.7 | `socketio.TestOf` |\n", []string{"line 3: `of`: no name of this module"}},
		{"no wire", head + "| `of` | `Server.Of` | soon | `socketio.TestOf` |\n", []string{"line 3: `of`: \"soon\" is no release"}},
		{"twice", head + "| `of` | `Server` | · | `socketio.TestOf` |\n| `of` | `Server` | · | `socketio.TestOf` |\n", []string{"line 4: `of`: a second row"}},
		{"no reason", reasons + "| `of` |  |\n", []string{"line 3: `of`: no reason"}},
		{"another number of cells", head + "| `of` | `Server` |\n", []string{"line 3: `of`: 2 cells instead of 4"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			faults, _ := checkAPI(test.page, known)
			if d := cmp.Diff(test.want, faults); d != "" {
				t.Error(d)
			}
		})
	}
}

var (
	codeSpan  = regexp.MustCompile("`([^`]+)`")
	proofForm = regexp.MustCompile(`^([a-z0-9]+)\.((?:Test|Example|Fuzz)\w*)(?:/(.+))?$`)
	goName    = regexp.MustCompile(`^(?:([a-z]\w*)\.)?([A-Z]\w*(?:\.[A-Z]\w*)?)(?:\(.*\))?$`)
	release   = regexp.MustCompile(`^(·|\d\.\d)$`)
)

// checkAPI returns one line for each fault of the page, and the number of rows.
func checkAPI(page string, known tree) (faults []string, rows int) {
	var header []string
	var seen map[string]bool
	for i, line := range strings.Split(page, "\n") {
		cells, ok := cellsOf(line)
		switch {
		case !ok:
			header = nil
			continue
		case header == nil:
			header, seen = cells, map[string]bool{}
			continue
		case strings.HasPrefix(cells[0], "---"):
			continue
		}
		rows++
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Sprintf("line %d: %s: %s", i+1, cells[0], fmt.Sprintf(format, args...)))
		}
		if seen[cells[0]] {
			fault("a second row")
		}
		seen[cells[0]] = true
		switch {
		case len(cells) != len(header):
			fault("%d cells instead of %d", len(cells), len(header))
		case header[len(header)-1] == "proof":
			known.checkNames(cells[1], fault)
			if !release.MatchString(cells[2]) {
				fault("%q is no release", cells[2])
			}
			known.checkProofs(cells[3], fault)
		case cells[len(cells)-1] == "":
			fault("no reason")
		}
	}
	return faults, rows
}

// cellsOf splits a line of a table.
func cellsOf(line string) ([]string, bool) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(line), "|")
	if !ok {
		return nil, false
	}
	cells := strings.Split(strings.TrimSuffix(inner, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells, true
}

func (known tree) checkNames(cell string, fault func(string, ...any)) {
	found := 0
	for _, span := range codeSpan.FindAllStringSubmatch(cell, -1) {
		m := goName.FindStringSubmatch(span[1])
		if m == nil || m[1] == "http" || m[1] == "slog" {
			continue
		}
		if m[1] == "" {
			m[1] = "socketio"
		}
		if name := m[1] + "." + m[2]; known.names[name] {
			found++
		} else {
			fault("there is no %s", name)
		}
	}
	if found == 0 {
		fault("no name of this module")
	}
}

func (known tree) checkProofs(cell string, fault func(string, ...any)) {
	proofs := 0
	for _, span := range codeSpan.FindAllStringSubmatch(cell, -1) {
		m := proofForm.FindStringSubmatch(span[1])
		if m == nil {
			continue
		}
		proofs++
		switch test := m[1] + "." + m[2]; {
		case !known.tests[test]:
			fault("there is no %s", test)
		case m[3] != "" && !known.literals[m[1]][m[3]]:
			fault("%s has no %s", test, m[3])
		}
	}
	if proofs == 0 {
		fault("no proof")
	}
}

// loadTree reads the module. Like load it walks the tree itself.
func loadTree(t *testing.T) tree {
	t.Helper()
	known := tree{names: map[string]bool{}, tests: map[string]bool{}, literals: map[string]map[string]bool{}}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return enter(name)
		case !strings.HasSuffix(name, ".go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		pkg := strings.TrimSuffix(file.Name.Name, "_test")
		if strings.HasSuffix(name, "_test.go") {
			known.addTests(pkg, file)
		} else if !strings.Contains(filepath.ToSlash(name), "/internal/") {
			known.addNames(pkg, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func (known tree) addTests(pkg string, file *ast.File) {
	if known.literals[pkg] == nil {
		known.literals[pkg] = map[string]bool{}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil {
				known.tests[pkg+"."+n.Name.Name] = true
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
				known.literals[pkg][s] = true
			}
		}
		return true
	})
}

func (known tree) addNames(pkg string, file *ast.File) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			owner := ""
			if d.Recv != nil {
				owner = receiver(d.Recv.List[0].Type) + "."
			}
			known.names[pkg+"."+owner+d.Name.Name] = true
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				known.addSpec(pkg, spec)
			}
		}
	}
}

func (known tree) addSpec(pkg string, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, id := range s.Names {
			known.names[pkg+"."+id.Name] = true
		}
	case *ast.TypeSpec:
		known.names[pkg+"."+s.Name.Name] = true
		var members *ast.FieldList
		switch underlying := s.Type.(type) {
		case *ast.StructType:
			members = underlying.Fields
		case *ast.InterfaceType:
			members = underlying.Methods
		default:
			return
		}
		for _, field := range members.List {
			for _, id := range field.Names {
				known.names[pkg+"."+s.Name.Name+"."+id.Name] = true
			}
		}
	}
}

// receiver returns the name of a receiver's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

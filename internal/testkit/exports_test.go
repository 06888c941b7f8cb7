package testkit

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	update   = flag.Bool("update", false, "write what is exported into the records")
	complete = flag.Bool("complete", false, "fail for what is exported and not recorded, too")
)

// TestExports holds the exported names of every public package to their records in
// the folder api: nothing of them goes or changes unnoticed.
func TestExports(t *testing.T) {
	t.Parallel()
	// The go command reads the files, and go test sees only what its tests read: it
	// would repeat an old result from its cache.
	load(t)
	CheckRecords(t, root, filepath.Join(root, "CHANGELOG.md"), *update, *complete)
}

// TestExportsForms lists one of each kind of exported name.
func TestExportsForms(t *testing.T) {
	t.Parallel()
	const text = `package p

const Limit, hidden = 1 << 4, "x"

var Err error

type (
	Alias = []byte
	Kind uint8
	Func func(a, b int) (c string)
	inner struct{ Deep int }
	Plain struct {
		A, b int
		inner
	}
	Full struct { F func(x int, more ...string) }
	Open interface {
		One(n int) error
		Two()
	}
	Sealed interface {
		One(n int) error
		two()
	}
	List[T any] []T
)

func (Kind) String() string { return "" }
func (*Plain) Do(n int) {}
func (inner) Promoted(p rune) {}
func Map[K comparable, V any](in map[K]V, f func(k K) V) (out []V) { return nil }
func hide() {}
`
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := (&types.Config{Importer: nil}).Check("p", files, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"const Limit untyped int = 16",
		"field Full.F func(int, ...string)",
		"func Map[K comparable, V any](map[K]V, func(K) V) []V",
		"method (*Plain) Do(int)",
		"method (Kind) String() string",
		"method (Plain) Promoted(rune)",
		"method (Sealed) One(int) error",
		"field Plain.A int",
		"type Alias = []byte",
		"type Full struct",
		"type Func func(int, int) string",
		"type Kind uint8",
		"type List[T any] []T",
		"type Open interface { One(int) error; Two() }",
		"type Plain struct",
		"comparable Plain",
		"type Sealed interface, sealed",
		"var Err error",
	}
	if d := cmp.Diff(want, exportsOf(checked), sorted); d != "" {
		t.Error(d)
	}
}

var sorted = cmp.Transformer("set", func(lines []string) map[string]bool {
	set := map[string]bool{}
	for _, line := range lines {
		set[line] = true
	}
	return set
})

// TestExportsFaults takes something from a module of its own, and adds something.
func TestExportsFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	compare := func() []Difference {
		t.Helper()
		all, err := Compare(dir)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	write("go.mod", "module "+module+"\n\ngo 1.26.0\n")
	write("rooms/rooms.go", "package rooms\n\ntype Store struct{ A int }\n\nfunc (*Store) Add(n int) {}\n")
	write("internal/x/x.go", "package x\n\nfunc X() {}\n")
	write("main.go", "package socketio\n\nvar A int\n")
	fresh := compare()
	if len(fresh) != 2 {
		t.Fatalf("got %+v, want two packages", fresh)
	}
	for _, d := range fresh {
		if err := d.Update(dir, ""); err != nil {
			t.Fatal(err)
		}
	}
	if rest := compare(); rest != nil {
		t.Fatalf("got %+v after the record was written", rest)
	}

	write("rooms/rooms.go", "package rooms\n\ntype Store struct{ A int }\n\nfunc (*Store) Add(n, m int) {}\n")
	got := compare()
	want := []Difference{{
		File: "api/rooms.txt", Gone: []string{"method (*Store) Add(int)"}, Added: []string{"method (*Store) Add(int, int)"},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
	silent := "# Changelog\n\n## Unreleased\n\n### Added\n\n- `rooms.Store.Add`\n\n## 0.1.0\n\n### Changed\n\n- `rooms.Store.Add`\n"
	if err := got[0].Update(dir, silent); err == nil {
		t.Error("what the changelog does not tell of is gone")
	}
	if err := got[0].Update(dir, "# Changelog\n\n## Unreleased\n\n### Changed\n\n- `rooms.Store.Add` takes two.\n"); err != nil {
		t.Error(err)
	}
	if rest := compare(); rest != nil {
		t.Errorf("got %+v after the change was told", rest)
	}
	if err := os.RemoveAll(filepath.Join(dir, "rooms")); err != nil {
		t.Fatal(err)
	}
	if got := compare(); len(got) != 1 || len(got[0].Gone) != 4 || got[0].Added != nil {
		t.Errorf("got %+v of a package that is gone", got)
	}
}

// TestExportsNames finds what a line is about.
func TestExportsNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, line, want string }{
		{"api/socketio.txt", "method (*Socket) Emit(string, ...any) error", "Socket.Emit"},
		{"api/socketio.txt", "func Handle[In any](*Socket)", "Handle"},
		{"api/socketio.txt", "field Config.Path string", "Config.Path"},
		{"api/rooms.txt", "type Adapter interface { A(); B() }", "rooms.Adapter"},
		{"api/versions-v0.txt", "const X int = 1", "v0.X"},
		{"api/versions-v0.txt", "type Key[T any] struct", "v0.Key"},
	} {
		if got := nameIn(test.file, test.line); got != test.want {
			t.Errorf("%s: got %s, want %s", test.line, got, test.want)
		}
	}
}

package testkit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// borrowing are the types whose comment refers to that of another for the fields that
// both have.
var borrowing = []string{"MessageParams"}

// TestComments holds the rule that every exported name of the root package and of the
// other packages users import has a comment: fields, constants and methods of
// interfaces too, which the linter's rule does not look at.
func TestComments(t *testing.T) {
	t.Parallel()
	n := 0
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if base := entry.Name(); base == "internal" || base == "examples" || base == "testdata" || base == "node_modules" || base == "interop" || base == "tools" {
				return filepath.SkipDir
			}
			return enter(name)
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		n++
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, missing := range uncommented(file) {
			t.Errorf("%s: %s has no comment", strings.TrimPrefix(filepath.ToSlash(name), root+"/"), missing)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 100 {
		t.Errorf("looked at %d files", n)
	}
}

// TestCommentsFaults plants names without a comment, to see that each kind is found.
func TestCommentsFaults(t *testing.T) {
	t.Parallel()
	const src = `package p
func F() {}
func (t T) M() {}
func (t *G[K]) N() {}
func (u u) Hidden() {}
type T struct {
	A, B int
	// C has one.
	C int
	D int // so has D
	e int
	// H and I belong together.
	H int
	I int
	J int
}
type G[K any] interface { O() }
const X = 1
var (
	Y int
	// Z has one.
	Z int
)
// All of these are told of here.
const (
	P = iota
	Q
)
type u struct { Field int }
`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"F", "T.M", "G.N", "T", "T.A", "T.B", "T.J", "G", "G.O", "X", "Y"}
	if got := uncommented(file); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// uncommented returns the exported names of a file that no comment is about. One
// comment on a group of constants or variables is about all of them, and one on a type or field
// is about the fields after it as well that it names.
func uncommented(file *ast.File) (names []string) {
	note := func(owner string, ids []*ast.Ident, comments ...*ast.CommentGroup) {
		if slices.ContainsFunc(comments, func(c *ast.CommentGroup) bool { return c != nil }) {
			return
		}
		for _, id := range ids {
			if id.IsExported() {
				names = append(names, owner+id.Name)
			}
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			owner := ""
			if d.Recv != nil {
				if owner = receiver(d.Recv.List[0].Type); !ast.IsExported(owner) {
					continue
				}
				owner += "."
			}
			note(owner, []*ast.Ident{d.Name}, d.Doc)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.ValueSpec:
					note("", s.Names, d.Doc, s.Doc, s.Comment)
				case *ast.TypeSpec:
					note("", []*ast.Ident{s.Name}, d.Doc, s.Doc, s.Comment)
					if s.Name.IsExported() && !slices.Contains(borrowing, s.Name.Name) {
						above := d.Doc
						for _, m := range members(s.Type) {
							if m.Doc != nil {
								above = m.Doc
							}
							note(s.Name.Name+".", slices.DeleteFunc(slices.Clone(m.Names), func(id *ast.Ident) bool {
								return named(above, id.Name)
							}), m.Doc, m.Comment)
						}
					}
				}
			}
		}
	}
	return names
}

// named reports whether a comment has a name in it, as a word.
func named(c *ast.CommentGroup, name string) bool {
	return c != nil && slices.Contains(strings.FieldsFunc(c.Text(), func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), name)
}

// members returns the fields of a struct or the methods of an interface.
func members(e ast.Expr) []*ast.Field {
	switch e := e.(type) {
	case *ast.StructType:
		return e.Fields.List
	case *ast.InterfaceType:
		return e.Methods.List
	}
	return nil
}

package testkit

import (
	"bytes"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// module is the path of the module; those beside it have paths below that.
const module = "github.com/heirloom-io/socketio"

// Exports returns what the public packages of the module in a folder export, by
// their import paths: one line for each name, sorted. It asks the go command, which
// compiles them.
func Exports(dir string) (map[string][]string, error) {
	all, err := goList(dir, "-f", "{{.ImportPath}}\t{{.Name}}\t{{len .GoFiles}}", "./...")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, line := range all {
		cells := strings.Split(line, "\t")
		if isPublic(cells[0]) && cells[1] != "main" && cells[2] != "0" {
			names = append(names, cells[0])
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	compiled, err := goList(dir, append([]string{"-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, names...)...)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, line := range compiled {
		pkg, file, _ := strings.Cut(line, "\t")
		files[pkg] = file
	}
	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(pkg string) (io.ReadCloser, error) {
		if files[pkg] == "" {
			return nil, fmt.Errorf("testkit: %s was not compiled", pkg)
		}
		return os.Open(files[pkg])
	})
	exports := map[string][]string{}
	for _, name := range names {
		pkg, err := imports.Import(name)
		if err != nil {
			return nil, err
		}
		exports[name] = exportsOf(pkg)
	}
	return exports, nil
}

func goList(dir string, args ...string) ([]string, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = dir
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("testkit: go list: %w: %s", err, faults.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}

// isPublic leaves out what nobody outside can or should import: internal packages,
// and those that are tests only.
func isPublic(pkg string) bool {
	below := strings.TrimPrefix(pkg, module)
	return !strings.Contains(pkg+"/", "/internal/") && !strings.HasPrefix(below, "/compat/interop") &&
		!strings.HasPrefix(below, "/examples/")
}

// exportsOf returns the lines of one package.
func exportsOf(pkg *types.Package) []string {
	l := lister{pkg: pkg}
	for _, name := range pkg.Scope().Names() {
		if object := pkg.Scope().Lookup(name); object.Exported() {
			l.add(object)
		}
	}
	slices.Sort(l.lines)
	return slices.Compact(l.lines)
}

type lister struct {
	pkg   *types.Package
	lines []string
}

func (l *lister) line(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *lister) add(object types.Object) {
	name := object.Name()
	switch o := object.(type) {
	case *types.Const:
		l.line("const %s %s = %s", name, l.typ(o.Type()), o.Val().ExactString())
	case *types.Var:
		l.line("var %s %s", name, l.typ(o.Type()))
	case *types.Func:
		l.line("func %s%s", name, l.signature(o.Signature()))
	case *types.TypeName:
		if o.IsAlias() {
			l.line("type %s = %s", name, l.typ(types.Unalias(o.Type())))
			return
		}
		if named, ok := o.Type().(*types.Named); ok {
			l.named(name, named)
		}
	}
}

// named adds a type with its fields and methods.
func (l *lister) named(name string, named *types.Named) {
	parameters := l.parameters(named.TypeParams())
	switch underlying := named.Underlying().(type) {
	case *types.Interface:
		l.iface(name+parameters, underlying)
		return
	case *types.Struct:
		l.line("type %s%s struct", name, parameters)
		if types.Comparable(named) {
			l.line("comparable %s", name)
		}
		for field := range underlying.Fields() {
			if field.Exported() {
				l.line("field %s.%s %s", name, field.Name(), l.typ(field.Type()))
			}
		}
	default:
		l.line("type %s%s %s", name, parameters, l.typ(underlying))
	}
	// What is promoted from embedded types is there too.
	values := types.NewMethodSet(named)
	for selection := range types.NewMethodSet(types.NewPointer(named)).Methods() {
		method := selection.Obj()
		if !method.Exported() {
			continue
		}
		receiver := "*" + name
		if values.Lookup(method.Pkg(), method.Name()) != nil {
			receiver = name
		}
		if signature, ok := selection.Type().(*types.Signature); ok {
			l.line("method (%s) %s%s", receiver, method.Name(), l.signature(signature))
		}
	}
}

// iface adds an interface. A further method breaks everybody who implements it, so
// all of them stand in the line of the type, unless nobody outside can.
func (l *lister) iface(name string, underlying *types.Interface) {
	var methods []string
	sealed := false
	for method := range underlying.Methods() {
		if !method.Exported() {
			sealed = true
			continue
		}
		methods = append(methods, method.Name()+l.signature(method.Signature()))
	}
	slices.Sort(methods)
	if !sealed {
		l.line("type %s interface { %s }", name, strings.Join(methods, "; "))
		return
	}
	l.line("type %s interface, sealed", name)
	for _, method := range methods {
		l.line("method (%s) %s", name, method)
	}
}

func (l *lister) parameters(list *types.TypeParamList) string {
	if list.Len() == 0 {
		return ""
	}
	var all []string
	for parameter := range list.TypeParams() {
		all = append(all, parameter.Obj().Name()+" "+l.typ(parameter.Constraint()))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (l *lister) signature(s *types.Signature) string {
	return l.parameters(s.TypeParams()) + strings.TrimPrefix(l.typ(types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())), "func")
}

// typ writes a type without the names of parameters, which nobody depends on.
func (l *lister) typ(t types.Type) string {
	return types.TypeString(nameless(t), func(p *types.Package) string {
		if p == l.pkg {
			return ""
		}
		return p.Name()
	})
}

func nameless(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, namelessTuple(t.Params()), namelessTuple(t.Results()), t.Variadic())
	case *types.Pointer:
		return types.NewPointer(nameless(t.Elem()))
	case *types.Slice:
		return types.NewSlice(nameless(t.Elem()))
	case *types.Map:
		return types.NewMap(t.Key(), nameless(t.Elem()))
	default:
		return t
	}
}

func namelessTuple(list *types.Tuple) *types.Tuple {
	var all []*types.Var
	for v := range list.Variables() {
		all = append(all, types.NewParam(token.NoPos, v.Pkg(), "", nameless(v.Type())))
	}
	return types.NewTuple(all...)
}

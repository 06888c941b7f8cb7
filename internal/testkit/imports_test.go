package testkit

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rule says what the packages that match a pattern may import outside of their
// tests. The standard library is open to all of them.
type rule struct {
	// pattern is a path below the module as path.Match takes it; "." is the
	// root package.
	pattern string
	// ours are patterns of the module's own packages.
	ours []string
	// others are import paths of other modules.
	others []string
}

// Packages that anybody may use from outside: all that examples and programs
// get.
var public = []string{".", "packet", "rooms", "versions", "transports", "compat"}

// rules is the package tree of the architecture, innermost first. The first
// row that matches a package counts, and a package without a row is an error:
// a new one begins with a decision about its place here.
var rules = []rule{
	{pattern: "packet"},
	{pattern: "rooms", ours: []string{"packet"}},
	{pattern: "versions", ours: []string{"packet"}},
	{pattern: "compat", ours: []string{"packet"}, others: []string{"github.com/hashicorp/go-version"}},
	{pattern: "internal/outbox", ours: []string{"packet"}},
	{pattern: "internal/unclaimed"},
	{pattern: "internal/cors"},
	{pattern: "internal/grammar", ours: []string{"packet"}},
	{pattern: "internal/clientfiles"},
	{
		pattern: "transports",
		ours:    []string{"packet", "internal/outbox"},
		others:  []string{"github.com/gorilla/websocket", "golang.org/x/net/..."},
	},
	{pattern: "http2xconnect"},
	{pattern: "internal/engine", ours: []string{"packet", "versions", "transports", "internal/cors", "internal/outbox", "internal/unclaimed"}},
	{
		pattern: "internal/client",
		ours: []string{
			"packet", "versions", "compat", "transports",
			"internal/engine", "internal/grammar", "internal/outbox",
		},
	},
	{
		pattern: "versions/*",
		ours: []string{
			"packet", "versions", "compat", "transports",
			"internal/client", "internal/cors", "internal/engine", "internal/grammar", "internal/outbox", "internal/unclaimed",
		},
	},
	{pattern: "negotiate", ours: []string{"packet", "versions", "compat", "internal/cors"}, others: []string{"golang.org/x/net/..."}},
	{
		pattern: ".",
		ours: []string{
			"packet", "rooms", "versions", "compat", "transports", "negotiate",
			"internal/client", "internal/clientfiles", "internal/engine", "internal/grammar", "internal/outbox",
		},
	},
	{pattern: "internal/testkit"},
	{pattern: "mirror", ours: []string{".", "packet", "rooms", "compat"}, others: []string{"github.com/r3labs/sse/v2"}},
	{pattern: "compat/interop", ours: public},
	{pattern: "compat/budget"},
	{pattern: "compat/interop/contract", ours: append([]string{"compat/interop/contract/behaviour"}, public...)},
	{pattern: "compat/interop/contract/behaviour", ours: public},
	{pattern: "examples/*", ours: append([]string{"mirror"}, public...)},
	{pattern: "cmd/*", ours: public},
}

// fileRules widens the rule of a package for one of its files: wire.go is the
// only place where the generations are named.
var fileRules = map[string][]string{
	"./wire.go": {"versions/*"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, fault := range check(load(t)) {
		t.Error(fault)
	}
}

// TestImportsFaults plants violations, to see that each kind of them is found.
func TestImportsFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		sources []source
		want    []string
	}{
		{
			name: "all permitted",
			sources: []source{
				{pkg: "rooms", file: "store.go", imports: []string{"sync", module + "/packet"}},
				{pkg: ".", file: "wire.go", imports: []string{module + "/versions/v1"}},
				{pkg: "negotiate", file: "host.go", imports: []string{"golang.org/x/net/http/httpguts"}},
			},
		},
		{
			name:    "upwards",
			sources: []source{{pkg: "packet", file: "a.go", imports: []string{module + "/rooms"}}},
			want:    []string{"packet/a.go: packet must not import rooms"},
		},
		{
			name:    "one generation by another",
			sources: []source{{pkg: "versions/v1", file: "a.go", imports: []string{module + "/versions/v2"}}},
			want:    []string{"versions/v1/a.go: versions/v1 must not import versions/v2"},
		},
		{
			name:    "root by a generation",
			sources: []source{{pkg: "versions/v1", file: "a.go", imports: []string{module}}},
			want:    []string{"versions/v1/a.go: versions/v1 must not import ."},
		},
		{
			name:    "a generation outside of wire.go",
			sources: []source{{pkg: ".", file: "server.go", imports: []string{module + "/versions/v2"}}},
			want:    []string{"./server.go: . must not import versions/v2"},
		},
		{
			name:    "insides by an example",
			sources: []source{{pkg: "examples/chat", file: "main.go", imports: []string{module + "/internal/engine"}}},
			want:    []string{"examples/chat/main.go: examples/chat must not import internal/engine"},
		},
		{
			name:    "another module",
			sources: []source{{pkg: "internal/engine", file: "a.go", imports: []string{"github.com/gorilla/websocket"}}},
			want:    []string{"internal/engine/a.go: internal/engine must not import github.com/gorilla/websocket"},
		},
		{
			name:    "package without a place",
			sources: []source{{pkg: "internal/stray", file: "a.go"}},
			want:    []string{"internal/stray/a.go: internal/stray has no row in the table of rules"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, check(tt.sources)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// TestImportsSingle holds the table itself to one package for each dependency,
// so that any of them can be replaced by changing that package.
func TestImportsSingle(t *testing.T) {
	t.Parallel()
	holders := map[string]string{}
	for _, r := range rules {
		for _, other := range r.others {
			if strings.HasPrefix(other, "golang.org/x/") {
				continue // an extension of the standard library
			}
			if holder := holders[other]; holder != "" || strings.Contains(r.pattern, "*") {
				t.Errorf("%s is open to more than one package: %s %s", other, holder, r.pattern)
			}
			holders[other] = r.pattern
		}
	}
}

// check returns one line for every import that the rules forbid.
func check(sources []source) []string {
	var faults []string
	for _, s := range sources {
		where := s.pkg + "/" + s.file
		r, ok := ruleFor(s.pkg)
		if !ok {
			faults = append(faults, fmt.Sprintf("%s: %s has no row in the table of rules", where, s.pkg))
			continue
		}
		for _, imported := range s.imports {
			target, ours := local(imported)
			switch {
			case ours && (matches(target, r.ours) || matches(target, fileRules[where])):
			case !ours && (standard(imported) || allowed(imported, r.others)):
			default:
				faults = append(faults, fmt.Sprintf("%s: %s must not import %s", where, s.pkg, target))
			}
		}
	}
	return faults
}

func ruleFor(pkg string) (rule, bool) {
	for _, r := range rules {
		if matches(pkg, []string{r.pattern}) {
			return r, true
		}
	}
	return rule{}, false
}

// local returns the path of a package below the module, or the import path as
// it is if the package is not the module's.
func local(imported string) (target string, ours bool) {
	if imported == module {
		return ".", true
	}
	if rest, ok := strings.CutPrefix(imported, module+"/"); ok {
		return rest, true
	}
	return imported, false
}

// standard reports whether an import path is one of the standard library,
// whose first element never has a dot.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func matches(pkg string, patterns []string) bool {
	for _, pattern := range patterns {
		if ok, err := path.Match(pattern, pkg); ok && err == nil {
			return true
		}
	}
	return false
}

func allowed(imported string, others []string) bool {
	for _, other := range others {
		if prefix, ok := strings.CutSuffix(other, "..."); ok && strings.HasPrefix(imported, prefix) || imported == other {
			return true
		}
	}
	return false
}

package testkit

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Difference is what has come to a package's exports, or gone from them, since they
// were recorded.
type Difference struct {
	// File is the record, below the folder of the module.
	File string
	// Gone are the recorded lines that are no more, and Added those that are not
	// recorded. What has changed is in both.
	Gone, Added []string
}

// Compare returns the differences between the records of the module in a folder and
// what its packages export, in the order of the records.
func Compare(dir string) ([]Difference, error) {
	records, err := readRecords(dir)
	if err != nil {
		return nil, err
	}
	exports, err := Exports(dir)
	if err != nil {
		return nil, err
	}
	now := map[string][]string{}
	for pkg, lines := range exports {
		now[recordOf(pkg)] = lines
		records[recordOf(pkg)] = slices.Clip(records[recordOf(pkg)])
	}
	var all []Difference
	for file, recorded := range records {
		d := Difference{File: file, Gone: without(recorded, now[file]), Added: without(now[file], recorded)}
		if len(d.Gone)+len(d.Added) > 0 {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b Difference) int { return strings.Compare(a.File, b.File) })
	return all, nil
}

// Update writes a difference into the record of a module. What is gone goes from it
// only if the changelog tells of it, see [Told]; the error names what it does not
// tell of, and then nothing is written.
func (d Difference) Update(dir, changelog string) error {
	for _, line := range d.Gone {
		if name := nameIn(d.File, line); !Told(changelog, name) {
			return fmt.Errorf("%s: %s is gone or changed, and the changelog does not say so", d.File, name)
		}
	}
	records, err := readRecords(dir)
	if err != nil {
		return err
	}
	lines := append(without(records[d.File], d.Gone), d.Added...)
	slices.Sort(lines)
	file := filepath.Join(dir, filepath.FromSlash(d.File))
	if len(lines) == 0 {
		return os.Remove(file)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { // as readable as the rest of the tree
		return err
	}
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// CheckRecords fails a test for what is gone or has changed in the module of a folder,
// and if the records are to be complete for what is not recorded too. With update set
// it writes the records.
func CheckRecords(t testing.TB, dir, changelog string, update, complete bool) {
	t.Helper()
	text, err := os.ReadFile(changelog)
	if err != nil {
		t.Fatal(err)
	}
	differences, err := Compare(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		if update {
			if err := d.Update(dir, string(text)); err != nil {
				t.Error(err)
			}
			continue
		}
		for _, line := range d.Gone {
			t.Errorf("%s: not compatible: gone or changed (CONTRIBUTING.md says what to do): %s", d.File, line)
		}
		for _, line := range d.Added {
			if complete {
				t.Errorf("%s: not recorded (make api): %s", d.File, line)
			}
		}
	}
}

// Told reports whether a changelog says of a name, in backquotes, that it has changed
// or is gone: in the sections Changed and Removed of what is not released yet.
func Told(changelog, name string) bool {
	_, changelog, _ = strings.Cut(changelog, "\n## Unreleased\n")
	changelog, _, _ = strings.Cut(changelog, "\n## ")
	named := regexp.MustCompile("`" + regexp.QuoteMeta(name) + `\b`)
	for section := range strings.SplitSeq(changelog, "\n### ") {
		title, text, _ := strings.Cut(section, "\n")
		if (title == "Changed" || title == "Removed") && named.MatchString(text) {
			return true
		}
	}
	return false
}

// recordOf returns the path of a package's record below the folder of its module.
func recordOf(pkg string) string {
	below := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
	if below == "" {
		below = path.Base(module)
	}
	return path.Join("api", strings.ReplaceAll(below, "/", "-")+".txt")
}

// nameIn returns the name that a line of a record is about, as documents write it:
// Socket.Emit, rooms.Store.
func nameIn(file, line string) string {
	_, name, _ := strings.Cut(line, " ")
	if receiver, rest, ok := strings.Cut(name, ") "); ok && strings.HasPrefix(receiver, "(") {
		name = strings.TrimLeft(receiver, "(*") + "." + rest
	}
	if end := strings.IndexFunc(name, func(r rune) bool { return strings.ContainsRune(" ([", r) }); end >= 0 {
		name = name[:end]
	}
	pkg := strings.TrimSuffix(path.Base(file), ".txt")
	if pkg == path.Base(module) {
		return name
	}
	return pkg[strings.LastIndex(pkg, "-")+1:] + "." + name
}

func readRecords(dir string) (map[string][]string, error) {
	files, err := fs.Glob(os.DirFS(dir), "api/*.txt")
	if err != nil {
		return nil, err
	}
	records := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			return nil, err
		}
		records[file] = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
	return records, nil
}

// without returns the lines of one list that another does not have.
func without(list, other []string) []string {
	var left []string
	for _, line := range list {
		if !slices.Contains(other, line) {
			left = append(left, line)
		}
	}
	return left
}

package docs

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

var (
	figure = regexp.MustCompile(`\d{1,3}(?:,\d{3})*(?: (?:MiB|GiB|s|min|h)\b)?`)
	units  = []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"s", int64(time.Second)}, {"min", int64(time.Minute)}, {"h", int64(time.Hour)}}
)

// valueOf returns the number that a figure such as "16 MiB" or "16,384" stands for.
func valueOf(t *testing.T, figure string) int64 {
	t.Helper()
	number, unit, _ := strings.Cut(figure, " ")
	n, err := strconv.ParseInt(strings.ReplaceAll(number, ",", ""), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		if u.name == unit {
			n *= u.size
		}
	}
	return n
}

// TestDefaults compares the tables of the guide to limits with the defaults that a
// server has.
func TestDefaults(t *testing.T) {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := io.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	settled := reflect.ValueOf(io.Config())
	n := 0
	for line := range strings.Lines(read(t, "guides/limits.md")) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 {
			continue
		}
		fields := fieldName.FindAllStringSubmatch(cells[2], -1)
		figures := figure.FindAllString(cells[3], -1)
		if len(fields) == 0 {
			continue
		}
		if len(figures) != 1 && len(figures) != len(fields) {
			t.Errorf("%d defaults of %d fields: %s", len(figures), len(fields), line)
			continue
		}
		for i, field := range fields {
			n++
			value := settled
			if field[1] != "" {
				value = value.FieldByName(field[1])
			}
			value = value.FieldByName(field[2])
			if !value.IsValid() {
				t.Errorf("there is no %s", field[0])
				continue
			}
			if said := figures[i%len(figures)]; valueOf(t, said) != value.Int() {
				t.Errorf("%s: the guide says %s, the server has %s", field[0], said, fmt.Sprint(value))
			}
		}
	}
	if n < 35 {
		t.Errorf("found %d defaults", n)
	}
}

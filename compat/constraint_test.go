package compat

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseConstraint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       Set
	}{
		{"empty", "", All},
		{"white space", " \t", All},
		{"a range", ">= 0.7, < 3", SetOf(V07, V1, V2)},
		{"without spaces", ">=0.7,<3", SetOf(V07, V1, V2)},
		{"bounds that no release has", "> 0.6.99, <= 2.99", SetOf(V07, V1, V2)},
		{"from below", ">= 1.0.0", SetOf(V1, V2, V4)},
		{"from above", "< 0.5", SetOf(V01)},
		{"one major", "~> 2.0", SetOf(V2)},
		{"one major without space", "~>2.0", SetOf(V2)},
		{"the line of 0", "~> 0.1", SetOf(V01, V05, V07)},
		{"a prerelease as bound", ">= 1.0.0-pre", SetOf(V1, V2, V4)},
		{"below a prerelease", "< 3.0.0-rc1", SetOf(V01, V05, V07, V1, V2)},
		{"with v", ">= v2, < v3", SetOf(V2)},
		{"not one that never was", "!= 1.9", All},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseConstraint(tt.text)
			if err != nil || got != tt.want {
				t.Errorf("ParseConstraint(%q) = {%v}, %v, want {%v}", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestParseConstraintCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       CutError
	}{
		{"from the middle", ">= 0.9", CutError{
			Generation: "0.7-0.9", First: "0.7.0", Last: "0.9.19", In: "0.9.19", Out: "0.8.7",
		}},
		{"up to the middle", "<= 2.4.1", CutError{
			Generation: "2.x", First: "2.0.0", Last: "2.5.1", In: "2.4.1", Out: "2.5.1",
		}},
		{"a bare version means one release", "1", CutError{
			Generation: "1.x", First: "1.0.0", Last: "1.7.4", In: "1.0.0", Out: "1.7.4",
		}},
		{"one release left out", ">= 2, < 3, != 2.3.0", CutError{
			Generation: "2.x", First: "2.0.0", Last: "2.5.1", In: "2.5.1", Out: "2.3.0",
		}},
		{"between 3 and 4", ">= 4", CutError{
			Generation: "3.x-4.x", First: "3.0.0", Last: "4.8.4", In: "4.8.4", Out: "3.1.3",
		}},
		{"pessimistic", "~> 0.6", CutError{
			Generation: "0.5-0.6", First: "0.5.0", Last: "0.6.18", In: "0.6.18", Out: "0.5.3",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Constraint = tt.text
			_, err := ParseConstraint(tt.text)
			got, ok := errors.AsType[*CutError](err)
			if !ok {
				t.Fatalf("ParseConstraint(%q) = %v, want a CutError", tt.text, err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, part := range []string{"compat: ", tt.want.Generation, tt.want.First, tt.want.Last} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the text does not say %q: %v", part, err)
				}
			}
		})
	}
}

func TestParseConstraintRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       error
	}{
		{"alternatives", "< 1 || > 2", errMalformed},
		{"caret", "^1.0", errMalformed},
		{"star", "*", errMalformed},
		{"x", "0.9.x", errMalformed},
		{"joined by a space", ">= 0.7 < 3", errMalformed},
		{"empty part", ">= 0.7,", errMalformed},
		{"words", "everything", errMalformed},
		{"no upper bound", "~> 2", errUnbounded},
		{"no upper bound among others", ">= 1, ~>2", errUnbounded},
		{"newer than all", "> 9", errNothing},
		{"contradiction", "> 2, < 1", errNothing},
		{"too long", strings.Repeat(" ", maxConstraint) + "1", errTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseConstraint(tt.text)
			if _, ok := errors.AsType[*ConstraintError](err); !ok || !errors.Is(err, tt.want) || got != 0 {
				t.Errorf("ParseConstraint(%q) = {%v}, %v, want %v", tt.text, got, err, tt.want)
			}
			if err != nil && len(err.Error()) > 300 {
				t.Errorf("the error repeats all of a long text: %d bytes", len(err.Error()))
			}
		})
	}
}

func FuzzParseConstraint(f *testing.F) {
	for _, s := range []string{"", ">= 0.7, < 3", "~> 2", "1.0.0-pre+x", "!= 2,= 2", ">=v0.5.0,<1||"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := ParseConstraint(text)
		if (err == nil) == (set == 0) || set&^All != 0 {
			t.Errorf("ParseConstraint(%q) = %b, %v", text, set, err)
		}
	})
}

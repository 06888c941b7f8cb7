package compat

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/go-version"
)

// maxConstraint is the length in bytes up to which a constraint is looked at.
const maxConstraint = 1024

// Causes of a ConstraintError.
var (
	errMalformed = errors.New("malformed: write comparisons joined by commas, such as \">= 0.7, < 3\"")
	errTooLong   = errors.New("too long")
	errUnbounded = errors.New("\"~> N\" with a single number has no upper bound: write \"~> N.0\", or \">= N, < N+1\"")
	errNothing   = errors.New("admits no generation")
)

// ConstraintError is the error for a constraint that cannot be read, or that no
// release satisfies.
type ConstraintError struct {
	// Constraint is the text as given.
	Constraint string
	// Err is the cause.
	Err error
}

// Error implements error.
func (e *ConstraintError) Error() string {
	return fmt.Sprintf("compat: constraint %.80q: %v", e.Constraint, e.Err)
}

// Unwrap returns the cause.
func (e *ConstraintError) Unwrap() error {
	return e.Err
}

// CutError is the error for a constraint that is true for some releases of a
// generation and false for others. The releases of one generation look alike to
// a server, so neither answer would be right for all of them.
type CutError struct {
	// Constraint is the text as given.
	Constraint string
	// Generation is the name of the generation that is cut.
	Generation string
	// First and Last are its oldest and its newest release.
	First, Last string
	// In and Out are a release that satisfies the constraint and one that does
	// not.
	In, Out string
}

// Error implements error.
func (e *CutError) Error() string {
	return fmt.Sprintf("compat: constraint %.80q cuts through generation %s: it admits %s and not %s,"+
		" but the releases from %s to %s cannot be told apart for sure",
		e.Constraint, e.Generation, e.In, e.Out, e.First, e.Last)
}

// ParseConstraint resolves a constraint over releases of Socket.IO to the set
// of generations whose releases satisfy it. It is meant for configuration, not
// for requests. Empty text means all generations, served or not.
//
// The syntax is that of hashicorp/go-version: comparisons (=, !=, >, <, >=, <=,
// ~>) joined by commas, all of which must hold. A bare "2.0" means "= 2.0.0".
// Prereleases count as the release they lead to.
//
// The error is a *[ConstraintError], or a *[CutError] if the constraint
// separates releases of one generation.
func ParseConstraint(text string) (Set, error) {
	fail := func(err error) (Set, error) {
		return 0, &ConstraintError{Constraint: text, Err: err}
	}
	if len(text) > maxConstraint {
		return fail(errTooLong)
	}
	if strings.TrimSpace(text) == "" {
		return All, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		if base, ok := strings.CutPrefix(strings.TrimSpace(part), "~>"); ok && !strings.Contains(base, ".") {
			return fail(errUnbounded)
		}
	}
	constraints, err := version.NewConstraint(text)
	if err != nil {
		// The cause repeats the text without quoting it.
		return fail(errMalformed)
	}
	var set Set
	for id := V01; int(id) < Count; id++ {
		in, out, err := divide(&catalogue[id], constraints)
		switch {
		case err != nil:
			return fail(err)
		case in != "" && out != "":
			g := &catalogue[id]
			return 0, &CutError{
				Constraint: text, Generation: g.Name,
				First: g.First(), Last: g.Last(), In: in, Out: out,
			}
		case in != "":
			set |= 1 << id
		}
	}
	if set == 0 {
		return fail(errNothing)
	}
	return set, nil
}

// divide returns a release of the generation that satisfies the constraints and
// one that does not, as far as there are such.
func divide(g *Generation, constraints version.Constraints) (in, out string, err error) {
	for _, release := range g.Releases {
		v, err := version.NewVersion(release)
		if err != nil {
			return "", "", err
		}
		// Core, since a prerelease satisfies no comparison without one.
		if constraints.Check(v.Core()) {
			in = release
		} else {
			out = release
		}
	}
	return in, out, nil
}

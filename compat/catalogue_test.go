package compat

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-version"

	"github.com/heirloom-io/socketio/packet"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	var names []string
	var last *version.Version
	for i, g := range Generations() {
		names = append(names, g.Name)
		if int(g.ID) != i+1 {
			t.Errorf("%s stands at %d, its ID is %d", g.Name, i+1, g.ID)
		}
		if g.ID.String() != g.Name || ByName(g.Name) != g.ID {
			t.Errorf("name and ID of %s do not lead to each other", g.Name)
		}
		if g.Mark == "" {
			t.Errorf("%s has no mark", g.Name)
		}
		for _, r := range g.Releases {
			v := version.Must(version.NewVersion(r))
			if v.Prerelease() != "" || v.String() != r {
				t.Errorf("release %q is not written in full", r)
			}
			if last != nil && !last.LessThan(v) {
				t.Errorf("release %s stands after %s", v, last)
			}
			last = v
		}
	}
	want := []string{"0.1-0.4", "0.5-0.6", "0.7-0.9", "1.x", "2.x", "3.x-4.x"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	g, ok := Lookup(V07)
	if !ok || g.First() != "0.7.0" || g.Last() != "0.9.19" {
		t.Errorf("Lookup(V07) = %+v, %v", g, ok)
	}
	g.Releases[0] = "changed"
	if again, _ := Lookup(V07); again.First() != "0.7.0" {
		t.Error("the caller of Lookup can change the catalogue")
	}
	for _, id := range []ID{Unknown, ID(Count), 255} {
		if _, ok := Lookup(id); ok {
			t.Errorf("Lookup(%d) found a generation", id)
		}
		if id.String() != "unknown" || id.Features() != 0 {
			t.Errorf("ID %d is %q with features %b", id, id, id.Features())
		}
	}
	if ByName("5.x") != Unknown || ByName("") != Unknown {
		t.Error("ByName found what does not exist")
	}
	if !V1.Features().Has(packet.FeatureBinary) || V07.Features().Has(packet.FeatureBinary) || V05.Features() != 0 {
		t.Error("features are not those of the generations")
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	s := SetOf(V2, V1, Unknown, 200)
	if !s.Has(V1) || !s.Has(V2) || s.Has(V07) || s.Has(Unknown) || s.Has(200) {
		t.Errorf("SetOf(V2, V1) = %b", s)
	}
	if got := s.String(); got != "1.x, 2.x" {
		t.Errorf("String = %q", got)
	}
	if got := All.IDs(); !slices.Equal(got, []ID{V01, V05, V07, V1, V2, V4}) {
		t.Errorf("All = %v", got)
	}
	for _, g := range Generations() {
		if Served().Has(g.ID) != g.Served {
			t.Errorf("Served disagrees about %s", g.Name)
		}
	}
	if Set(0).String() != "" || len(Set(0).IDs()) != 0 {
		t.Error("the empty set is not empty")
	}
}

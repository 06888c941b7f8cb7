package negotiate

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/compat"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	colonSocket := ask("GET", "1/websocket/abc", upgrade("Origin", "https://evil.test")...)
	tests := []struct {
		name  string
		rules Rules
		req   Request
		want  RefusalKind
		guess compat.ID  // checked if admitted
		left  compat.Set // the same
	}{
		{"everybody", Rules{}, ask("GET", "?EIO=3&transport=polling"), NotRefused, compat.V2, family},
		{"EIO=5 whatever the rules", Rules{}, ask("GET", "?EIO=5&transport=polling"), UnsupportedVersion, 0, 0},
		{"generation refused", Rules{Generations: family}, ask("GET", "?EIO=4&transport=polling"), GenerationRefused, 0, 0},
		{"generation admitted", Rules{Generations: onlyV4}, ask("GET", "?EIO=4&transport=polling"), NotRefused, compat.V4, onlyV4},
		{"one candidate admitted", Rules{Generations: onlyV1}, ask("GET", "?EIO=3&transport=polling"), NotRefused, compat.V1, onlyV1},
		{"the other candidate known", Rules{Generations: compat.SetOf(compat.V2)}, ask("GET", "?EIO=2&transport=polling"), GenerationRefused, 0, 0},
		{
			"habits of 1.x against 2.x",
			Rules{Generations: compat.SetOf(compat.V2)},
			ask("GET", "?EIO=3&transport=polling&t=1795197180776-0"), GenerationRefused, 0, 0,
		},
		{
			"habits do not end a session",
			Rules{Generations: compat.SetOf(compat.V2)},
			ask("GET", "?EIO=3&transport=polling&t=1795197180776-0&sid=abc"), NotRefused, compat.V2, compat.SetOf(compat.V2),
		},
		{
			"transport admitted",
			Rules{Transports: map[compat.ID][]string{compat.V4: {"polling", "websocket"}}},
			ask("GET", "?EIO=4&transport=websocket"), NotRefused, compat.V4, onlyV4,
		},
		{
			"transport refused",
			Rules{Transports: map[compat.ID][]string{compat.V4: {"polling"}}},
			ask("GET", "?EIO=4&transport=websocket"), TransportUnknown, 0, 0,
		},
		{
			"transport refused in session",
			Rules{Transports: map[compat.ID][]string{compat.V4: {"polling"}}},
			ask("GET", "?EIO=4&transport=websocket&sid=abc"), TransportUnknown, 0, 0,
		},
		{
			"no transport",
			Rules{Transports: map[compat.ID][]string{compat.V2: {"polling"}, compat.V1: {"polling"}}},
			ask("GET", ""), TransportUnknown, 0, 0,
		},
		{
			"all transports refused",
			Rules{Transports: map[compat.ID][]string{compat.V4: nil}},
			ask("GET", "?EIO=4&transport=polling"), TransportUnknown, 0, 0,
		},
		{
			"transport of one candidate only",
			Rules{Transports: map[compat.ID][]string{compat.V1: {"polling"}, compat.V2: {"websocket"}}},
			ask("GET", "?EIO=3&transport=polling"), NotRefused, compat.V1, onlyV1,
		},
		{
			"transports of others",
			Rules{Transports: map[compat.ID][]string{compat.V4: {"polling"}}},
			ask("GET", "?EIO=3&transport=websocket"), NotRefused, compat.V2, family,
		},
		{
			"a handshake of 0.9 needs no transport",
			Rules{Transports: map[compat.ID][]string{compat.V07: {"xhr-polling"}}},
			ask("GET", "1/"), NotRefused, compat.V07, onlyV07,
		},
		{
			"a poll of 0.9 does",
			Rules{Transports: map[compat.ID][]string{compat.V07: {"xhr-polling"}}},
			ask("GET", "1/htmlfile/abc"), TransportUnknown, 0, 0,
		},
		{
			"origin refused",
			Rules{Origins: []string{"https://page.test"}},
			ask("GET", "?EIO=3&transport=polling", "Origin", "https://evil.test"), OriginForbidden, 0, 0,
		},
		{
			"origin of a websocket refused",
			Rules{Origins: []string{"https://page.test"}},
			ask("GET", "?EIO=3&transport=websocket", upgrade("Origin", "https://evil.test")...), OriginForbidden, 0, 0,
		},
		{
			"origin admitted",
			Rules{Origins: []string{"https://page.test"}},
			ask("GET", "?EIO=3&transport=polling", "Origin", "https://page.test"), NotRefused, compat.V2, family,
		},
		{
			"origin not asked in session",
			Rules{Origins: []string{"https://page.test"}},
			ask("GET", "?EIO=3&transport=polling&sid=abc", "Origin", "https://evil.test"), NotRefused, compat.V2, family,
		},
		{
			"origin not asked when a session upgrades",
			Rules{Origins: []string{"https://page.test"}},
			ask("GET", "?EIO=3&transport=websocket&sid=abc", upgrade("Origin", "https://evil.test")...), NotRefused, compat.V2, family,
		},
		{"origin of a websocket of 0.9 refused", Rules{Origins: []string{"https://page.test"}}, colonSocket, OriginForbidden, 0, 0},
		{"origin of a websocket of 0.9 admitted", Rules{}, colonSocket, NotRefused, compat.V07, onlyV07},
		{
			"origin where the id may be a time",
			Rules{Origins: []string{"https://page.test"}},
			ask("GET", "xhr-polling/1300000000000", "Origin", "https://evil.test"), OriginForbidden, 0, 0,
		},
		{
			"script without a page",
			Rules{Origins: []string{"https://page.test"}},
			ask("GET", "?EIO=3&transport=polling&j=0"), OriginForbidden, 0, 0,
		},
		{
			"script of 0.7 without a page",
			Rules{Origins: []string{"https://page.test"}},
			ask("GET", "1/?jsonp=0"), OriginForbidden, 0, 0,
		},
		{
			"generation before transport before origin",
			Rules{Generations: onlyV1, Transports: map[compat.ID][]string{compat.V4: {}}, Origins: []string{"https://page.test"}},
			ask("GET", "?EIO=4&transport=polling", "Origin", "https://evil.test"), GenerationRefused, 0, 0,
		},
		{
			"transport before origin",
			Rules{Transports: map[compat.ID][]string{compat.V4: {}}, Origins: []string{"https://page.test"}},
			ask("GET", "?EIO=4&transport=polling", "Origin", "https://evil.test"), TransportUnknown, 0, 0,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := NewPolicy(tt.rules)
			if err != nil {
				t.Fatal(err)
			}
			v, refusal := p.Apply(Detect(tt.req), tt.req.Header)
			if refusal.Kind != tt.want {
				t.Fatalf("refusal %v, want %v", refusal.Kind, tt.want)
			}
			if (refusal.Message == "") != (tt.want == NotRefused) {
				t.Errorf("message %q", refusal.Message)
			}
			if tt.want != NotRefused {
				return
			}
			if v.Generation != tt.guess || v.Candidates != tt.left {
				t.Errorf("%v of {%v}, want %v of {%v}", v.Generation, v.Candidates, tt.guess, tt.left)
			}
		})
	}
}

func TestNewPolicyRefused(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]Rules{
		"origin":                   {Origins: []string{"here and there"}},
		"generation":               {Generations: 1 << 15},
		"generation of transports": {Transports: map[compat.ID][]string{99: {"polling"}}},
		"unknown generation":       {Transports: map[compat.ID][]string{compat.Unknown: {"polling"}}},
	} {
		if _, err := NewPolicy(rules); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestPolicyKeepsItsRules(t *testing.T) {
	t.Parallel()
	names := []string{"polling"}
	p, err := NewPolicy(Rules{Transports: map[compat.ID][]string{compat.V4: names}})
	if err != nil {
		t.Fatal(err)
	}
	names[0] = "websocket"
	req := ask("GET", "?EIO=4&transport=polling")
	if _, refusal := p.Apply(Detect(req), req.Header); refusal.Kind != NotRefused {
		t.Error("the caller can change a policy")
	}
}

func TestRefusalKinds(t *testing.T) {
	t.Parallel()
	labels := map[string]bool{}
	for k := NotRefused; k <= BadRequest; k++ {
		if labels[k.String()] {
			t.Errorf("%d has no label of its own", k)
		}
		labels[k.String()] = true
	}
	if RefusalKind(200).String() != "unknown" || refuse(200).Kind != BadRequest {
		t.Error("a kind that does not exist is not caught")
	}
}

func TestCensus(t *testing.T) {
	t.Parallel()
	c := NewCensus("carrier pigeon", "polling", "other", "")
	polling := Verdict{Generation: compat.V2, Transport: "polling"}
	c.Count(polling, Admitted)
	c.Count(polling, Admitted)
	c.Count(polling, Outcome(OriginForbidden))
	c.Count(Verdict{Generation: compat.V1, Transport: "carrier pigeon"}, Admitted)
	c.Count(Verdict{Generation: compat.V1, Transport: "made up"}, Outcome(TransportUnknown))
	c.Count(Verdict{Generation: compat.V1, Transport: "made up too"}, Outcome(TransportUnknown))
	c.Count(Verdict{Generation: compat.V1, Transport: "other"}, Outcome(TransportUnknown))
	c.Count(Verdict{Kind: KindFile}, Filed)
	c.Count(Verdict{Generation: 99}, Admitted)
	c.Count(polling, 99)
	want := []Tally{
		{"unknown", "", "file", 1},
		{"1.x", "other", "transport unknown", 3},
		{"1.x", "carrier pigeon", "admitted", 1},
		{"2.x", "polling", "origin forbidden", 1},
		{"2.x", "polling", "admitted", 2},
	}
	if diff := cmp.Diff(want, c.Snapshot()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := NewCensus().Snapshot(); got == nil || len(got) != 0 {
		t.Errorf("a new census has %v", got)
	}
}

func BenchmarkDoor(b *testing.B) {
	for name, req := range map[string]Request{
		"poll":      ask("GET", "?EIO=3&transport=polling&t=Q7w56R0&b64=1&sid=PdZHu1RVDqYfMpKIAAAA"),
		"handshake": ask("GET", "?EIO=3&transport=polling&t=Q7w56R0", "Origin", "https://page.test"),
	} {
		p, err := NewPolicy(Rules{Origins: []string{"https://other.test", "https://page.test"}})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, refusal := p.Apply(Detect(req), req.Header); refusal.Kind != NotRefused {
					b.Fatal(refusal)
				}
			}
		})
	}
}

var _ http.Handler = (*Door)(nil)

// TestPolicyOriginFunc has a func decide where a session may begin, and only
// there.
func TestPolicyOriginFunc(t *testing.T) {
	t.Parallel()
	const page = "https://page.test"
	tests := []struct {
		name, path, query string
		header            http.Header
		asked             bool
	}{
		{"2.x handshake", "", "EIO=3&transport=polling", http.Header{"Origin": {page}}, true},
		{"2.x websocket", "", "EIO=3&transport=websocket", http.Header{"Origin": {page}, "Upgrade": {"websocket"}}, true},
		{"2.x poll of a session", "", "EIO=3&transport=polling&sid=a", http.Header{"Origin": {page}}, false},
		{"0.9 handshake", "1/", "", http.Header{"Origin": {page}}, true},
		{"0.9 poll of a session", "1/xhr-polling/1", "", http.Header{"Origin": {page}}, false},
		{"0.9 websocket of a session", "1/websocket/1", "", http.Header{"Sec-Websocket-Origin": {page}, "Upgrade": {"websocket"}, "Connection": {"Upgrade"}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			r := &http.Request{Header: tt.header}
			p, err := NewPolicy(Rules{OriginFunc: func(got string, q *http.Request) (string, bool) {
				asked++
				if got != page || q != r {
					t.Errorf("asked about %q", got)
				}
				return "go away", false
			}})
			if err != nil {
				t.Fatal(err)
			}
			_, refusal := p.Judge(Detect(Request{Method: http.MethodGet, Path: tt.path, Query: tt.query, Header: tt.header}), r)
			want := Refusal{}
			if tt.asked {
				want = Refusal{Kind: OriginForbidden, Message: "go away"}
			}
			if (asked == 1) != tt.asked || refusal != want {
				t.Errorf("asked %d times, refusal %+v, want %+v", asked, refusal, want)
			}
		})
	}
}

package negotiate

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/heirloom-io/socketio/compat"
)

// Rules is what configuration says about who may come in. The zero value
// admits everybody.
type Rules struct {
	// Generations are those to admit. Default: all.
	Generations compat.Set
	// Transports are the names to admit, for each generation. A generation
	// without an entry is left to its handler; an empty list admits none.
	Transports map[compat.ID][]string
	// Origins is the list for CompileOrigins. Default: any origin.
	Origins []string
	// OriginFunc is asked where the list would be, after it, with what [PageOf]
	// says. The message of a refusal is for clients whose generation has a place
	// for one; empty means the usual text. Default: nobody is asked.
	OriginFunc func(page string, r *http.Request) (message string, ok bool)
}

// Policy is a compiled set of rules. It may be used concurrently.
type Policy struct {
	generations compat.Set
	transports  [compat.Count]*[]string
	origins     *Origins
	originFunc  func(string, *http.Request) (string, bool)
}

// NewPolicy compiles rules. The error is a *[OriginError], or says that a
// generation does not exist.
func NewPolicy(rules Rules) (*Policy, error) {
	p := &Policy{generations: rules.Generations & compat.All}
	if rules.Generations == 0 {
		p.generations = compat.All
	}
	if p.generations == 0 {
		return nil, errors.New("negotiate: the generations to admit do not exist")
	}
	for id, names := range rules.Transports {
		if _, ok := compat.Lookup(id); !ok {
			return nil, fmt.Errorf("negotiate: transports for generation %d, which does not exist", id)
		}
		names = slices.Clone(names)
		p.transports[id] = &names
	}
	var err error
	p.origins, err = CompileOrigins(rules.Origins)
	if err != nil {
		return nil, err
	}
	p.originFunc = rules.OriginFunc
	return p, nil
}

// Judge is Apply, and then asks the func of the rules.
func (p *Policy) Judge(v Verdict, r *http.Request) (Verdict, Refusal) {
	v, refusal := p.Apply(v, r.Header)
	if p.originFunc == nil || refusal.Kind != NotRefused || !opens(&v) {
		return v, refusal
	}
	if message, ok := p.originFunc(PageOf(r.Header), r); !ok {
		refusal = refuse(OriginForbidden)
		if message != "" {
			refusal.Message = message
		}
	}
	return v, refusal
}

// opens reports whether the page a request comes from matters: where a session
// may begin.
func opens(v *Verdict) bool {
	return v.Handshake || v.Upgrade && v.Generation <= compat.V07
}

// Apply judges a request by its verdict and headers. It returns the verdict,
// with the candidates that are not admitted taken out, and the refusal; the
// refusal's kind is NotRefused for a client that may come in.
//
// Generation and transport are checked on every request, the origin only where
// a session may begin: on a handshake, and on every websocket of 0.1 to 0.9,
// whose genuine servers did so.
func (p *Policy) Apply(v Verdict, h http.Header) (Verdict, Refusal) {
	if v.Refused != NotRefused {
		return v, refuse(v.Refused)
	}
	admitted := v.Candidates & p.generations
	if admitted == 0 {
		return v, refuse(GenerationRefused)
	}
	if admitted = p.having(admitted, &v); admitted == 0 {
		return v, refuse(TransportUnknown)
	}
	v = v.among(admitted)
	if opens(&v) {
		if kind := p.origins.Check(h, v.Script); kind != NotRefused {
			return v, refuse(kind)
		}
	}
	return v, Refusal{}
}

// having returns the generations in which the transport is admitted.
func (p *Policy) having(set compat.Set, v *Verdict) compat.Set {
	if v.Generation == compat.V07 && (v.Handshake || v.Transport == "") {
		// A handshake names no transport, or one that does not count yet; the
		// disconnect of a page that is being left, /1//SID/?disconnect=1, names
		// none either.
		return set
	}
	for _, id := range set.IDs() {
		if names := p.transports[id]; names != nil && !slices.Contains(*names, v.Transport) {
			set &^= compat.SetOf(id)
		}
	}
	return set
}

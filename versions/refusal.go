package versions

import (
	"context"
	"net/http"
)

// RefusalCode is a number for why a request was refused. The numbers are those
// of Engine.IO; refusals of older generations, which have none on the wire, count
// among them by their meaning.
type RefusalCode int

// The codes.
const (
	RefusedTransport RefusalCode = 0
	RefusedSession   RefusalCode = 1
	RefusedMethod    RefusalCode = 2
	RefusedRequest   RefusalCode = 3
	RefusedForbidden RefusalCode = 4
	RefusedVersion   RefusalCode = 5
)

// RefusalReport is called with a refusal before it is answered, on the request's
// goroutine. The message is empty where the client gets none.
type RefusalReport func(r *http.Request, code RefusalCode, message string)

type refusalKey struct{}

// WithRefusalReport returns a request of which a refusal is reported.
func WithRefusalReport(r *http.Request, report RefusalReport) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), refusalKey{}, report))
}

// ReportRefusal is called by a generation that is about to refuse a request. It
// does nothing if nobody wants to know.
func ReportRefusal(r *http.Request, code RefusalCode, message string) {
	if report, ok := r.Context().Value(refusalKey{}).(RefusalReport); ok {
		report(r, code, message)
	}
}

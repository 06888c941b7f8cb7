// Package budget holds the server to its budgets of memory and time under load,
// with real sockets: what an idle client costs, what a broadcast costs, and that
// a client which does not read costs nobody anything. It contains tests and
// benchmarks only.
package budget

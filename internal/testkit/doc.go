// Package testkit holds the tests that concern the module as a whole: that its
// packages depend on each other in the permitted directions only, and that nothing
// of what they export goes or changes unnoticed.
//
// The exports are recorded in the folder api of each module, one line for a name:
//
//	method (*Socket) Emit(string, ...any) error
//
// It knows the package tree and nothing of what the packages do, is imported by
// tests only, and starts no goroutine.
package testkit

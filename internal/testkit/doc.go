// Package testkit holds the tests that concern the module as a whole: that its
// packages depend on each other in the permitted directions only.
//
// It knows the package tree and nothing of what the packages do, is imported
// by nobody, and starts no goroutine.
package testkit

//go:build !linux

package interop

import "syscall"

// endWithParent does nothing: the system knows no such thing.
func endWithParent(*syscall.SysProcAttr) {}

package socketio

// each calls fn with every element of a list, one after the other. An fn that
// ends its goroutine by runtime.Goexit, as the testing package does, does not
// keep the others from being called: deferred calls run all the same.
func each[T any](list []T, fn func(T)) {
	defer func() {
		if len(list) > 0 {
			each(list, fn)
		}
	}()
	for len(list) > 0 {
		next := list[0]
		list = list[1:]
		fn(next)
	}
}

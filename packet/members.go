package packet

import "iter"

// Members walks the members of a JSON object, in order, the key as it is spelled,
// in quotes. Both have no white space around them and share memory with the object.
// The text must be what [Valid] accepts: in any other the walk ends early. A value
// that is no object has no members.
func Members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		i := skipSpace(object, 0)
		if i == len(object) || object[i] != '{' {
			return
		}
		for i = skipSpace(object, i+1); i < len(object) && object[i] != '}'; {
			start := i
			end, err := scanString(object, i)
			if err != nil {
				return
			}
			i = skipSpace(object, skipSpace(object, end)+1) // the colon
			next, err := scanValue(object, i, MaxDepth-1)
			if err != nil || !yield(object[start:end:end], object[i:next:next]) {
				return
			}
			if i = skipSpace(object, next); i < len(object) && object[i] == ',' {
				i = skipSpace(object, i+1)
			}
		}
	}
}

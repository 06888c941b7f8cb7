package packet

import "iter"

// Members walks the members of a JSON object, in order, the key as it is spelled,
// in quotes. Both have no white space around them and share memory with the object.
// The text must be what [Valid] accepts, so that nothing has to be checked here; a
// value that is no object has no members.
func Members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		i := skipSpace(object, 0)
		if i == len(object) || object[i] != '{' {
			return
		}
		i = skipSpace(object, i+1)
		for object[i] != '}' {
			end := valueEnd(object, i)
			key := object[i:end:end]
			i = skipSpace(object, skipSpace(object, end)+1) // the colon
			end = valueEnd(object, i)
			if !yield(key, object[i:end:end]) {
				return
			}
			if i = skipSpace(object, end); object[i] == ',' {
				i = skipSpace(object, i+1)
			}
		}
	}
}

// valueEnd returns the end of the value that starts at b[i] in valid JSON.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = closingQuote(b, i)
			if depth == 0 {
				return i + 1
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth < 0 {
				return i
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// closingQuote returns the index of the quote that closes the string at b[i].
func closingQuote(b []byte, i int) int {
	for i++; i < len(b) && b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i
}

package packet

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func addSamples(f *testing.F) {
	f.Helper()
	for _, text := range jsonSamples {
		f.Add([]byte(text))
	}
}

// nesting is the depth of valid JSON.
func nesting(text []byte) int {
	depth, deepest, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == '[' || c == '{'):
			depth++
			deepest = max(deepest, depth)
		case !inString && (c == ']' || c == '}'):
			depth--
		}
	}
	return deepest
}

func FuzzScan(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		valid := json.Valid(text)
		err := Valid(text)
		if errors.Is(err, ErrTooDeep) {
			if valid && nesting(text) <= MaxDepth {
				t.Fatal("not too deep")
			}
			return
		}
		if valid != (err == nil) {
			t.Fatalf("Valid says %v, encoding/json %t", err, valid)
		}
		args, n, err := ScanArray(text)
		if isArray := valid && bytes.TrimSpace(text)[0] == '['; isArray != (err == nil) {
			t.Fatalf("ScanArray says %v", err)
		}
		if err != nil {
			_, _ = Split(text, nil)
			return
		}
		var want []json.RawMessage
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		values, err := Split(args, nil)
		if err != nil || len(values) != n || len(want) != n {
			t.Fatalf("Split finds %d, ScanArray %d, encoding/json %d, %v", len(values), n, len(want), err)
		}
		for i := range want {
			if !bytes.Equal(values[i], want[i]) {
				t.Fatalf("element %d differs", i)
			}
		}
		first, rest, err := CutArray(text)
		if err != nil || n > 0 && !bytes.Equal(first, values[0]) {
			t.Fatalf("CutArray: %v", err)
		}
		if others, err := Split(rest, nil); err != nil || n > 0 && len(others) != n-1 {
			t.Fatalf("the rest has %d, %v", len(others), err)
		}
	})
}

func FuzzAppendASCII(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		out := AppendASCII(nil, text)
		if !IsASCII(out) {
			t.Fatal("not ASCII")
		}
		if IsASCII(text) && !bytes.Equal(out, text) {
			t.Fatal("ASCII was changed")
		}
		var want, got any
		if json.Unmarshal(text, &want) != nil {
			return
		}
		if err := json.Unmarshal(out, &got); err != nil || !cmp.Equal(want, got) {
			t.Fatalf("means something else: %v", err)
		}
	})
}

func FuzzAppendString(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		out := AppendString(nil, string(text))
		if Valid(out) != nil || !utf8.Valid(out) {
			t.Fatal("not a JSON string")
		}
		want := string([]rune(string(text)))
		if got, ok := Unquote(out); !ok || got != want {
			t.Fatalf("reads back as %q", got)
		}
		if s, ok := Unquote(text); ok {
			var want string
			if json.Unmarshal(text, &want) != nil || s != want {
				t.Fatal("Unquote differs from encoding/json")
			}
		}
	})
}

func FuzzReplacePlaceholders(f *testing.F) {
	addSamples(f)
	for _, text := range []string{
		`1,{"_placeholder":true,"num":1}`, `{"a":{"num":0,"_placeholder":true}},"x"`, `{"_placeholder":true}`,
		`{"\u005fplaceholder":true,"num":1}`, text0, `{"base64":true,"data":1}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, args []byte) {
		var nums []int
		out, err := ReplacePlaceholders(nil, args, 2, func(dst []byte, num int) []byte {
			nums = append(nums, num)
			return append(dst, "null"...)
		})
		if (CheckPlaceholders(args, 2) == nil) != (err == nil) {
			t.Fatalf("CheckPlaceholders disagrees with %v", err)
		}
		values, splitErr := Split(args, nil)
		if err == nil && splitErr == nil {
			left, err := Split(out, nil)
			if err != nil || len(left) != len(values) || CheckPlaceholders(out, 0) != nil {
				t.Fatalf("left over: %v", err)
			}
		}
		for _, raw := range append(values, args) {
			for _, target := range []any{new(any), new([]byte), new(upload), new(wrapped), new([]json.RawMessage), new(string)} {
				err := Unmarshal(raw, twoBlobs(), target)
				if err == nil {
					continue
				}
				if _, ok := errors.AsType[*DecodeError](err); !ok || err.Error() == "" {
					t.Fatalf("error %v", err)
				}
			}
		}
	})
}

// FuzzMarshal sends a value there and back.
func FuzzMarshal(f *testing.F) {
	for _, text := range []string{`1`, `"a"`, `[1,{"a":[null,"b"]}]`, `{"x":{"y":[[]]}}`, place0, text0, `{"_placeholder":1}`} {
		f.Add([]byte(text), []byte{1, 2})
	}
	f.Fuzz(func(t *testing.T, text, data []byte) {
		var value any
		if nesting(text) > 100 || json.Unmarshal(text, &value) != nil {
			return
		}
		want := []any{value, map[string]any{"data": append([]byte{}, data...), "again": []any{value, append([]byte{}, data...)}}, string(text)}
		raw, attachments, err := Marshal(want)
		if err != nil {
			if errors.Is(err, errLookalike) {
				return
			}
			t.Fatal(err, errors.Unwrap(err))
		}
		if len(attachments) != 2 || CheckPlaceholders(raw, 2) != nil {
			t.Fatalf("%d attachments, %v", len(attachments), CheckPlaceholders(raw, 2))
		}
		got := make([]any, 3)
		if err := UnmarshalArgs(raw, attachments, &got[0], &got[1], &got[2]); err != nil {
			t.Fatal(err, errors.Unwrap(err))
		}
		want[2] = string([]rune(string(text)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

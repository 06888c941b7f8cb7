package engine

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestUTF16Len(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "a", "é", "€", "😀", "abcdefgh", "abcdefghé", "abcdefg😀h", "\xff", "ab\xf0\x9f\x98",
		strings.Repeat("abcdefgé€😀", 20), "\u2028\ufffd",
	} {
		if got, want := UTF16Len([]byte(s)), len(utf16.Encode([]rune(s))); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func TestToValidUTF8(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"ASCII", "abc", "abc"},
		{"valid", "é€😀", "é€😀"},
		{"lone surrogate", "long enough: a\xed\xa0\x80b", "long enough: a\ufffdb"},
		{"two surrogates", "\xed\xa0\xbd\xed\xb8\x80", "\ufffd\ufffd"},
		{"last before the surrogates", "\xed\x9f\xbf", "\ud7ff"},
		{"stray bytes", "a\xff\x80b", "a\ufffd\ufffdb"},
		{"cut short", "a\xe2\x82", "a\ufffd\ufffd"},
		{"cut surrogate", "a\xed\xa0", "a\ufffd\ufffd"},
		{"overlong", "\xc0\x80", "\ufffd\ufffd"},
		{"lead byte of a surrogate before others", "\xed\xc0\x80", "\ufffd\ufffd\ufffd"},
		{"a replacement of its own", "\ufffd\xff", "\ufffd\ufffd"},
	} {
		if got := ToValidUTF8([]byte(tc.in)); string(got) != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestDecodeDouble(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in, want string
		ok             bool
	}{
		{"empty", "", "", false},
		{"ASCII", `42["ev"]`, `42["ev"]`, false},
		{"long ASCII", strings.Repeat("a", 99), strings.Repeat("a", 99), false},
		{"double", `42["Ã©"]`, `42["é"]`, true},
		{"double, astral", "\u00f0\u009f\u0098\u0080", "😀", true},
		{"double, after a long start", strings.Repeat("a", 21) + "Ã©b", strings.Repeat("a", 21) + "éb", true},
		{"single Latin-1", `42["é"]`, `42["é"]`, false},
		{"single, above Latin-1", `42["Ã©€"]`, `42["Ã©€"]`, false},
		{"single, U+0100", `Ā`, `Ā`, false},
		{"lone surrogate", "a\u00ed\u00a0\u0080b", "a\ufffdb", true},
		{"surrogate cut short", "\u00ed\u00a0", "\u00ed\u00a0", false},
		{"surrogate beside a stray byte", "\u00ed\u00a0\u0080\u00ff", "\u00ed\u00a0\u0080\u00ff", false},
		{"double and single", "Ã©é", "Ã©é", false},
		{"overlong", "\u00c0\u0080", "\u00c0\u0080", false},
		{"invalid outside", "a\xc3", "a\xc3", false},
		{"invalid outside, two lead bytes", "\xc3\xc3\xa9", "\xc3\xc3\xa9", false},
		{"invalid outside, stray", "\x80", "\x80", false},
		{"invalid outside, overlong", "\xc1\xa9Ã©", "\xc1\xa9Ã©", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := DecodeDouble([]byte(tc.in))
			if string(got) != tc.want || ok != tc.ok {
				t.Errorf("%q, %v; want %q, %v", got, ok, tc.want, tc.ok)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	for _, v := range loadPayloadVectors(f) {
		f.Add([]byte(v.Body))
	}
	f.Add([]byte("\xed\xa0\x80"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.Clone(b)
		if got, want := UTF16Len(b), len(utf16.Encode([]rune(string(b)))); got != want {
			t.Fatalf("UTF16Len %d, want %d", got, want)
		}
		if out, ok := DecodeDouble(b); ok {
			if !utf8.Valid(out) {
				t.Fatalf("DecodeDouble gave %q", out)
			}
			if !bytes.ContainsRune(out, utf8.RuneError) && !bytes.Equal(EncodeDouble(nil, out), b) {
				t.Fatalf("%q was not the double of %q", b, out)
			}
		} else if !bytes.Equal(out, b) {
			t.Fatalf("DecodeDouble refused and changed %q", b)
		}
		valid := ToValidUTF8(b)
		if !utf8.Valid(valid) {
			t.Fatalf("ToValidUTF8 gave %q", valid)
		}
		back, ok := DecodeDouble(EncodeDouble(nil, valid))
		if ok == (UTF16Len(valid) == len(valid)) || !bytes.Equal(back, valid) {
			t.Fatalf("%q came back as %q, %v", valid, back, ok)
		}
		for n := range UTF16Len(valid) + 2 {
			end, ok := cutUTF16(valid, n)
			if ok && (UTF16Len(valid[:end]) != n || !utf8.Valid(valid[:end])) {
				t.Fatalf("cut of %d units at %d", n, end)
			}
			if n > UTF16Len(valid) && ok {
				t.Fatalf("cut of %d units out of fewer", n)
			}
		}
		if !bytes.Equal(b, in) {
			t.Fatal("input changed")
		}
	})
}

func BenchmarkUTF16Len(b *testing.B) {
	for name, text := range map[string]string{
		"ascii": strings.Repeat("a", 1024), "mixed": strings.Repeat("aaaé€😀", 90),
	} {
		b.Run(name, func(b *testing.B) {
			in := []byte(text)
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				UTF16Len(in)
			}
		})
	}
}

package grammar

import (
	"errors"
	"strings"
	"testing"
)

func TestLongNamespaceIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0/a?" + strings.Repeat("x", maxNamespace), "2/" + strings.Repeat("x", maxNamespace) + `,["e"]`} {
		_, err := NewDecoder(Style{}, Limits{}).Text([]byte(text))
		if !errors.Is(err, &Error{Kind: KindNamespace}) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := NewDecoder(Style{}, Limits{}).Text([]byte("0/" + strings.Repeat("x", maxNamespace-1))); err != nil {
		t.Errorf("the longest namespace: %v", err)
	}
}

// TestWaitingIsAccountedFor: what waits for attachments is taken from an account
// of all clients, and given back whatever becomes of it.
func TestWaitingIsAccountedFor(t *testing.T) {
	t.Parallel()
	const header = `51-["e",{"_placeholder":true,"num":0}]`
	used, limit := 0, 1000
	limits := Limits{
		Hold: func(n int) bool {
			if used+n > limit {
				return false
			}
			used += n
			return true
		},
		Free: func(n int) { used -= n },
	}
	for name, then := range map[string]func(*Decoder) error{
		"completed":   func(d *Decoder) error { _, err := d.Binary([]byte("x")); return err },
		"interrupted": func(d *Decoder) error { _, _ = d.Text([]byte(`2["e"]`)); return nil },
		"too large":   func(d *Decoder) error { _, _ = d.Binary(make([]byte, limit)); return nil },
		"closed":      func(d *Decoder) error { d.Close(); return nil },
	} {
		d := NewDecoder(Style{}, limits)
		if _, err := d.Text([]byte(header)); err != nil || used != len(header) {
			t.Fatalf("%s: holds %d, %v", name, used, err)
		}
		if err := then(d); err != nil || used != 0 {
			t.Errorf("%s: still holds %d, %v", name, used, err)
		}
	}
	limit = 10
	if _, err := NewDecoder(Style{}, limits).Text([]byte(header)); !errors.Is(err, &Error{Kind: KindPendingBytes}) || used != 0 {
		t.Errorf("over the account: %v, holds %d", err, used)
	}
	limit = 1000
	d := NewDecoder(Style{}, limits)
	d.Close()
	if _, err := d.Text([]byte(header)); err != nil || used != 0 {
		t.Errorf("after the end: %v, holds %d", err, used)
	}
}

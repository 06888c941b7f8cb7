package unclaimed

import "testing"

func TestAddress(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.1:80":            "192.0.2.1",
		"[::ffff:192.0.2.1]:80":   "192.0.2.1",
		"[2001:db8:1:2:3::4]:80":  "2001:db8:1:2::/64",
		"[2001:db8:1:2:9::9]:81":  "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":       "fe80::/64",
		"@":                       "@",
		"":                        "",
		"client.example.com:8080": "client.example.com",
	} {
		if got := Address(remote); got != want {
			t.Errorf("%q is of %q, want %q", remote, got, want)
		}
	}
}

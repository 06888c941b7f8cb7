package main

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestCheck tries tokens of which only the first is good.
func TestCheck(t *testing.T) {
	secret := []byte("a secret of the test's own")
	later, before := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	sign := func(method jwt.SigningMethod, key any, claims jwt.Claims) string {
		t.Helper()
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good, err := issue(secret, "ada", later)
	if err != nil {
		t.Fatal(err)
	}
	who, err := check(secret, good)
	if err != nil || who.name != "ada" || who.expires.Unix() != later.Unix() {
		t.Errorf("got %+v, %v", who, err)
	}
	claims := jwt.RegisteredClaims{Subject: "ada", ExpiresAt: jwt.NewNumericDate(later)}
	for name, token := range map[string]string{
		"none":          "",
		"expired":       sign(jwt.SigningMethodHS256, secret, jwt.RegisteredClaims{Subject: "ada", ExpiresAt: jwt.NewNumericDate(before)}),
		"for ever":      sign(jwt.SigningMethodHS256, secret, jwt.RegisteredClaims{Subject: "ada"}),
		"other secret":  sign(jwt.SigningMethodHS256, []byte("another"), claims),
		"other method":  sign(jwt.SigningMethodHS512, secret, claims),
		"not signed":    sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims),
		"something cut": good[:len(good)-4],
	} {
		if who, err := check(secret, token); err == nil {
			t.Errorf("%s: got %+v", name, who)
		}
	}
}

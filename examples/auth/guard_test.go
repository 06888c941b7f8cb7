package main

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	socketio "github.com/heirloom-io/socketio"
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

// TestExpiry has a client come in with a token that is good for ten seconds, by the
// bytes that one of 4.x polls with.
func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret := []byte("a secret of the test's own")
		io, err := socketio.NewServer(socketio.Config{})
		if err != nil {
			t.Fatal(err)
		}
		guard(io, secret)
		door := io.Attach(nil)
		url := "/socket.io/?EIO=4&transport=polling"
		ask := func(method, body string) string {
			answer := httptest.NewRecorder()
			door.ServeHTTP(answer, httptest.NewRequest(method, url, strings.NewReader(body)))
			return answer.Body.String()
		}
		hello := ask("GET", "")
		id := regexp.MustCompile(`"sid":"([^"]+)"`).FindStringSubmatch(hello)
		if id == nil {
			t.Fatalf("got %s", hello)
		}
		url += "&sid=" + id[1]
		token, err := issue(secret, "ada", time.Now().Add(10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		ask("POST", `40{"token":"`+token+`"}`)
		if got := ask("GET", ""); !strings.HasPrefix(got, `40{"sid":`) {
			t.Fatalf("got %s, want to be let in", got)
		}
		began := time.Now()
		if got := ask("GET", ""); !strings.HasPrefix(got, `42["expired"]`) {
			t.Errorf("got %s, want to be told", got)
		}
		if past := time.Since(began); past != 10*time.Second {
			t.Errorf("told after %v", past)
		}
		synctest.Wait()
		if n := io.Clients(); n != 0 {
			t.Errorf("there are %d clients", n)
		}
		if err := io.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

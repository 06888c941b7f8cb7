package main

import (
	"encoding/json"
	"time"

	"github.com/golang-jwt/jwt/v5"

	socketio "github.com/heirloom-io/socketio"
)

// identity is what a token says.
type identity struct {
	name    string
	expires time.Time
}

var known = socketio.NewKey[identity]("identity")

// issue makes a token.
func issue(secret []byte, name string, expires time.Time) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: name, ExpiresAt: jwt.NewNumericDate(expires),
	}).SignedString(secret)
}

// check returns what a token says if it is one of ours and has not expired. The method
// is pinned: a token must not choose how it is checked.
func check(secret []byte, token string) (identity, error) {
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired())
	if err != nil {
		return identity{}, err
	}
	return identity{name: claims.Subject, expires: claims.ExpiresAt.Time}, nil
}

// guard refuses sockets without a token, and ends those whose token expires.
func guard(io *socketio.Server, secret []byte) {
	io.Use(func(s *socketio.Socket) error {
		who, err := check(secret, tokenOf(s))
		if err != nil {
			// Why is nobody's business who has no token.
			return &socketio.Error{Message: "not authorized", Data: map[string]string{"code": "E_TOKEN"}}
		}
		known.Set(s, who)
		return nil
	})
	io.OnConnection(func(s *socketio.Socket) {
		who, _ := known.Get(s)
		s.Join("user " + who.name)
		expiry := time.AfterFunc(time.Until(who.expires), func() {
			_ = s.Emit("expired")
			s.Disconnect(true)
		})
		s.OnDisconnect(func(socketio.Reason) { expiry.Stop() })
		s.On("whoami", func() string { return who.name })
	})
}

// tokenOf returns the token wherever a client of its generation can put it.
func tokenOf(s *socketio.Socket) string {
	var auth struct{ Token string }
	if json.Unmarshal(s.Handshake().Auth, &auth) == nil && auth.Token != "" {
		return auth.Token
	}
	if token := s.Handshake().Query.Get("token"); token != "" {
		return token
	}
	if cookie, err := s.Request().Cookie("token"); err == nil {
		return cookie.Value
	}
	return ""
}

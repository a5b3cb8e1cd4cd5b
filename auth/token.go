package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwt"
)

const (
	// TokenLife is how long an access token is good for.
	TokenLife = time.Hour

	audience       = "ownql"
	maxTokenLength = 4096 // bytes; ours have about 350
	maxTokenLife   = 24 * time.Hour
	maxClockSkew   = 30 * time.Second // between servers, at iat
)

// Claims is what an access token says, beside who made it, for whom and until when.
type Claims struct {
	UserID    string // sub
	SessionID string // sid
}

// An Issuer makes access tokens: JWTs (RFC 7519) signed by HMAC-SHA256.
type Issuer struct {
	key    []byte
	issuer string
}

// NewIssuer returns an Issuer that signs with secret; issuer is the claim iss.
func NewIssuer(secret []byte, issuer string) *Issuer {
	return &Issuer{secret, issuer}
}

// Issue returns a token of [TokenLife].
func (i *Issuer) Issue(claims Claims) (string, error) {
	now := time.Now()
	token, err := jwt.NewBuilder().
		Issuer(i.issuer).
		Audience([]string{audience}).
		Subject(claims.UserID).
		Claim("sid", claims.SessionID).
		IssuedAt(now).
		Expiration(now.Add(TokenLife)).
		Build()
	if err != nil {
		return "", fmt.Errorf("build token: %w", err)
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.HS256, i.key))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return string(signed), nil
}

// A Verifier checks access tokens. It takes one algorithm and its own key, whatever
// a token's header asks for.
type Verifier struct {
	key    []byte
	issuer string
}

// NewVerifier returns a Verifier of what an Issuer with the same secret and issuer makes.
func NewVerifier(secret []byte, issuer string) *Verifier {
	return &Verifier{secret, issuer}
}

// Verify returns what the token says. ErrUnauthenticated, wrapped with the reason,
// which is for the log: it is not a token of ours, or no longer.
func (v *Verifier) Verify(token string) (Claims, error) {
	claims, err := v.verify(token)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrUnauthenticated, err)
	}
	return claims, nil
}

func (v *Verifier) verify(token string) (Claims, error) {
	if len(token) > maxTokenLength {
		return Claims{}, fmt.Errorf("a token of %d bytes is too long", len(token))
	}
	if err := checkHeader(token); err != nil {
		return Claims{}, err
	}
	parsed, err := jwt.ParseString(token,
		jwt.WithKey(jwa.HS256, v.key),
		jwt.WithResetValidators(true),
		jwt.WithValidator(jwt.IsExpirationValid()),
		jwt.WithValidator(jwt.IsNbfValid()),
		jwt.WithValidator(jwt.ValidatorFunc(checkLife)),
		jwt.WithIssuer(v.issuer),
		jwt.WithAudience(audience),
		jwt.WithRequiredClaim(jwt.SubjectKey),
		jwt.WithRequiredClaim(jwt.IssuedAtKey),
		jwt.WithRequiredClaim(jwt.ExpirationKey),
	)
	if err != nil {
		return Claims{}, err
	}
	sessionID, _ := parsed.PrivateClaims()["sid"].(string)
	if parsed.Subject() == "" || sessionID == "" {
		return Claims{}, errors.New("sub or sid is empty")
	}
	return Claims{UserID: parsed.Subject(), SessionID: sessionID}, nil
}

// checkHeader refuses every header but the one that Issue writes: no other
// algorithm, and nothing that names or brings a key (jku, jwk, kid, x5u, x5c). A JWS
// in its JSON form and a JWE have not the three parts, and are refused with it.
func checkHeader(token string) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return fmt.Errorf("a token has 3 parts, not %d", len(parts))
	}
	if strings.ContainsFunc(token, notInToken) {
		return errors.New("a token is base64url and dots")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	var header map[string]any
	if err := json.Unmarshal(text, &header); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if header["alg"] != string(jwa.HS256) {
		return errors.New("header alg is not HS256")
	}
	delete(header, "alg")
	if header["typ"] == "JWT" {
		delete(header, "typ")
	}
	for name := range header {
		return fmt.Errorf("header %q is refused", name)
	}
	return nil
}

// notInToken finds what jwx would read over: padding, spaces, line breaks.
func notInToken(r rune) bool {
	switch {
	case 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_', r == '.':
		return false
	}
	return true
}

// checkLife refuses a token from the future, and one that lives too long.
func checkLife(_ context.Context, token jwt.Token) jwt.ValidationError {
	if token.IssuedAt().After(time.Now().Add(maxClockSkew)) {
		return jwt.ErrInvalidIssuedAt()
	}
	if token.Expiration().Sub(token.IssuedAt()) > maxTokenLife {
		return jwt.NewValidationError(fmt.Errorf("a token lives at most %s", maxTokenLife))
	}
	return nil
}

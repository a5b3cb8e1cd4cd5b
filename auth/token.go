package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwt"
)

const (
	// TokenLife is how long an access token is good for.
	TokenLife = time.Hour

	audience       = "ownql"
	maxTokenLength = 2048 // bytes; ours have about 300, more with a long --url
	maxTokenLife   = 24 * time.Hour
	maxClockSkew   = 30 * time.Second // between servers, at iat

	rememberedTokens = 4096
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
// a token's header asks for. It remembers the tokens that it found good, because a
// client sends the same one for an hour, and checking it is half of a small query.
type Verifier struct {
	key    []byte
	issuer string
	good   *lru.Cache[string, verified]
}

// verified is what a good token says, and until when.
type verified struct {
	claims  Claims
	expires time.Time
}

// NewVerifier returns a Verifier of what an Issuer with the same secret and issuer makes.
func NewVerifier(secret []byte, issuer string) *Verifier {
	good, err := lru.New[string, verified](rememberedTokens)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &Verifier{secret, issuer, good}
}

// Verify returns what the token says. ErrInvalidToken, wrapped with the reason,
// which is for the log: it is not a token of ours, or no longer.
func (v *Verifier) Verify(token string) (Claims, error) {
	if known, ok := v.good.Get(token); ok && time.Now().Before(known.expires) {
		return known.claims, nil
	}
	found, err := v.verify(token)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrInvalidToken, err)
	}
	v.good.Add(token, found)
	return found.claims, nil
}

func (v *Verifier) verify(token string) (verified, error) {
	if len(token) > maxTokenLength {
		return verified{}, fmt.Errorf("a token of %d bytes is too long", len(token))
	}
	if err := checkHeader(token); err != nil {
		return verified{}, err
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
		return verified{}, err
	}
	sessionID, _ := parsed.PrivateClaims()["sid"].(string)
	if !isID(parsed.Subject()) || !isID(sessionID) {
		return verified{}, errors.New("sub or sid is no id")
	}
	return verified{Claims{UserID: parsed.Subject(), SessionID: sessionID}, parsed.Expiration()}, nil
}

// checkHeader refuses every header but the one that Issue writes: no other
// algorithm, and nothing that names or brings a key (jku, jwk, kid, x5u, x5c). A JWS
// in its JSON form and a JWE lack the three parts, and are refused too.
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

// isID tells whether text can be an id, and so a DynamoDB key.
func isID(text string) bool { return text != "" && len(text) <= 64 }

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

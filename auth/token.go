package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/lestrrat-go/jwx/v2/jws"
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

// An Issuer makes access tokens: JWTs (RFC 7519) that the first of its keys signs.
type Issuer struct {
	key    *key
	issuer string
	more   func(ctx context.Context, userID string) (map[string]any, error) // claims of a project's own; may be nil
}

// NewIssuer returns an Issuer that signs with the first of keys; issuer is the claim iss.
func NewIssuer(keys *Keys, issuer string) *Issuer {
	return &Issuer{key: keys.signing(), issuer: issuer}
}

// ownClaims are what a project's own claims cannot be: they say who is asking.
var ownClaims = []string{"iss", "aud", "sub", "sid", "iat", "exp", "nbf", "jti"}

// Issue returns a token of [TokenLife]. An error: the project's own claims are not to be had.
func (i *Issuer) Issue(ctx context.Context, claims Claims) (string, error) {
	now, builder := time.Now(), jwt.NewBuilder()
	if i.more != nil {
		more, err := i.more(ctx, claims.UserID)
		if err != nil {
			return "", fmt.Errorf("claims of the token: %w", err)
		}
		for name, value := range more {
			if slices.Contains(ownClaims, name) {
				return "", fmt.Errorf("claims of the token: %s is ownql's", name)
			}
			builder.Claim(name, value)
		}
	}
	token, err := builder.
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
	header := jws.NewHeaders()
	if i.key.id != "" {
		if err := header.Set(jws.KeyIDKey, i.key.id); err != nil {
			return "", fmt.Errorf("build token: %w", err)
		}
	}
	signed, err := jwt.Sign(token, jwt.WithKey(i.key.algorithm, i.key.private, jws.WithProtectedHeaders(header)))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	if len(signed) > maxTokenLength {
		return "", fmt.Errorf("claims of the token: it would have %d bytes, and at most %d are taken", len(signed), maxTokenLength)
	}
	return string(signed), nil
}

// A Verifier checks access tokens. It takes its own keys, each with its one algorithm,
// whatever else a token's header asks for. It remembers the tokens that it found good, because a
// client sends the same one for an hour, and checking it is half of a small query.
type Verifier struct {
	keys   *Keys
	issuer string
	good   *lru.Cache[string, verified]
}

// verified is what a good token says, and until when.
type verified struct {
	claims  Claims
	expires time.Time
}

// NewVerifier returns a Verifier of what an Issuer with one of keys and the same issuer makes.
func NewVerifier(keys *Keys, issuer string) *Verifier {
	good, err := lru.New[string, verified](rememberedTokens)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &Verifier{keys, issuer, good}
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
	header, err := parseHeader(token)
	if err != nil {
		return verified{}, err
	}
	key, err := v.keys.verifying(header.kid, header.alg)
	if err != nil {
		return verified{}, err
	}
	parsed, err := jwt.ParseString(token,
		jwt.WithKey(key.algorithm, key.public),
		jwt.WithResetValidators(true),
		jwt.WithValidator(jwt.ValidatorFunc(checkExpiration)),
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

// header is what a token's header says.
type header struct {
	alg string
	kid string // empty where it has none
}

// parseHeader reads a token's header. It refuses whatever Issue does not write: nothing
// else that names a key or brings one (jku, jwk, x5u, x5c). A JWS in its JSON form and a
// JWE lack the three parts, and are refused too.
func parseHeader(token string) (header, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return header{}, fmt.Errorf("a token has 3 parts, not %d", len(parts))
	}
	if strings.ContainsFunc(token, notInToken) {
		return header{}, errors.New("a token is base64url and dots")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return header{}, fmt.Errorf("header: %w", err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return header{}, fmt.Errorf("header: %w", err)
	}
	var found header
	for name, value := range members {
		text, _ := value.(string)
		switch {
		case name == "alg" && text != "":
			found.alg = text
		case name == "kid" && text != "":
			found.kid = text
		case name == "typ" && text == "JWT":
		default:
			return header{}, fmt.Errorf("header %q is refused", name)
		}
	}
	return found, nil
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

// checkExpiration refuses a token that has expired: that of package jwt lets one pass that did
// so in 1970, at the second 0.
func checkExpiration(_ context.Context, token jwt.Token) jwt.ValidationError {
	if !time.Now().Before(token.Expiration()) {
		return jwt.ErrTokenExpired()
	}
	return nil
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

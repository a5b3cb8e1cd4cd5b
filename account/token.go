package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// Token is an item of the tokens table, and the type Token of the schema: a service token, by which a
// program asks as its user, as far as its scopes go. Of its secret it holds the SHA-256 hash, and nothing
// else that the secret could be found by.
type Token struct {
	UserID     string          `dynamo:"userId,hash"`
	ID         string          `dynamo:"id,range"`
	Name       string          `dynamo:"name"`
	Scopes     []string        `dynamo:"scopes"` // such as `read:Issue`, see [model.Scopes]
	Secret     []byte          `dynamo:"secret"`
	Epoch      int             `dynamo:"epoch"` // the user's tokenEpoch when it was made
	CreatedAt  model.DateTime  `dynamo:"createdAt"`
	ExpiresAt  *model.DateTime `dynamo:"expiresAt,omitempty"`  // nil: never
	LastUsedAt *model.DateTime `dynamo:"lastUsedAt,omitempty"` // to [TokenUseEach]; nil: never
}

// TokenConnection and TokenEdge are the schema's types of those names.
type (
	TokenConnection = model.Connection[Token]
	TokenEdge       = model.Edge[Token]
)

const (
	// MaxTokens is how many live tokens a user may have. Several made at once may be a few more.
	MaxTokens = 100
	// TokenUseEach is how exactly it is known when a token was used last: that is written no more often.
	TokenUseEach = 5 * time.Minute
)

var (
	// ErrByToken is the ErrForbidden of what only who has signed in may do.
	ErrByToken = &model.Error{Code: model.CodeForbidden, Kind: model.ErrForbidden,
		Message: "a service token may not do this: sign in"}
	// ErrTooManyTokens: the user has MaxTokens.
	ErrTooManyTokens = &model.Error{Code: model.CodeConflict, Kind: model.ErrConflict,
		Message: fmt.Sprintf("there are %d tokens already: revoke one that is not used any more", MaxTokens)}
)

// copied returns a copy of the token, of which nothing is shared that anybody may change.
func (t *Token) copied() *Token {
	copied := *t
	copied.Scopes, copied.Secret = slices.Clone(t.Scopes), bytes.Clone(t.Secret)
	copied.ExpiresAt, copied.LastUsedAt = copiedTime(t.ExpiresAt), copiedTime(t.LastUsedAt)
	return &copied
}

func copiedTime(at *model.DateTime) *model.DateTime {
	if at == nil {
		return nil
	}
	copied := *at
	return &copied
}

// IsNode marks Token as a Node of the schema.
func (*Token) IsNode() {}

// GlobalID returns the token's id as the schema shows it.
func (t *Token) GlobalID() string { return model.GlobalID("Token", t.ID) }

// isTokenLive tells whether the token is good for its user.
func isTokenLive(token *Token, user *User) bool {
	isExpired := token.ExpiresAt != nil && !time.Now().Before(token.ExpiresAt.Time())
	return token.Epoch == user.tokenEpoch() && !isExpired
}

// tokenEpoch is what tokens have that are good for the user. It is another one whenever the user's
// sessions end, unless tokens were kept then: an older server, which knows of no tokens, ends them too.
func (u *User) tokenEpoch() int { return u.SessionEpoch - u.KeptEpochs }

// keepTokens has a new epoch of the user's end sessions alone.
func keepTokens(user *dynamo.Update) { user.Add("'"+keptEpochs+"'", 1) }

// tokensOf are the tokens, as what users have.
func (s *Store) tokensOf() ofUser[Token] {
	return ofUser[Token]{s.tokens, s.users, s.db, s.decodeToken, s.decodeUser, "tokens", func(token *Token) dynamo.Keys { return dynamo.Keys{token.UserID, token.ID} }, isTokenLive}
}

// Token returns a live token and its user, whose Caller has the token's scopes, in one strongly
// consistent BatchGetItem over both tables. ErrNotFound: it has expired or was revoked, or never was.
func (s *Store) Token(ctx context.Context, userID, id string) (*User, *Token, error) {
	user, token, err := s.tokensOf().of(ctx, userID, id)
	if err != nil {
		return nil, nil, err
	}
	user.scopes = model.ScopesOf(token.Scopes)
	return user, token, nil
}

// Tokens returns a page of the user's live tokens, the newest first. Errors: as of [Store.Sessions].
func (s *Store) Tokens(ctx context.Context, caller model.Caller, user *User, page model.Page) (*TokenConnection, error) {
	return s.tokensOf().page(ctx, caller, user, page)
}

// TokensByID returns the user's live tokens with these ids, by id, in one strongly consistent
// BatchGetItem. Others are absent.
func (s *Store) TokensByID(ctx context.Context, user *User, ids []string) (map[string]*Token, error) {
	return s.tokensOf().byID(ctx, user, ids)
}

// AllTokens returns all live tokens of the user, the newest first, for the operator.
func (s *Store) AllTokens(ctx context.Context, user *User) ([]*Token, error) {
	live, _, err := s.tokensOf().all(ctx, user)
	return live, err
}

// TokenEdge returns the user's token as it stands in the list of them.
func (s *Store) TokenEdge(user *User, token *Token) *TokenEdge { return s.tokensOf().edge(user, token) }

// CreateToken keeps a token of the user's, as the user was read, with a name, scopes, the hash of a
// secret and perhaps an end, and gives it the rest. Those that have ended it deletes. ErrTooManyTokens: the user has many. ErrConflict: the
// user's sessions were ended meanwhile, or the user is gone.
func (s *Store) CreateToken(ctx context.Context, user *User, token *Token) error {
	live, dead, err := s.tokensOf().all(ctx, user)
	if err != nil {
		return err
	}
	if len(live) >= MaxTokens {
		return ErrTooManyTokens
	}
	token.UserID, token.Epoch, token.CreatedAt = user.ID, user.tokenEpoch(), model.Now()
	err = s.db.WriteTx().
		Check(s.users.Check("id", user.ID).If("sessionEpoch = ?", user.SessionEpoch)).
		Put(s.tokens.Put(token).If("attribute_not_exists(id)")).
		Run(ctx)
	if err != nil {
		return accountError("make a token of", user, err)
	}
	if err := s.tokensOf().delete(ctx, dead); err != nil { // which are good for nothing, and in nobody's way
		slog.WarnContext(ctx, "tokens that have ended are left to `ownql sweep`", "user", user.ID, "error", err)
	}
	return nil
}

// RevokeToken deletes the user's token with this global id, in one transaction, so that a lost answer is
// not taken for its end before, and returns it. ErrNotFound: the user has no such token.
func (s *Store) RevokeToken(ctx context.Context, user *User, global string) (*Token, error) {
	typeName, id, ok := model.ParseGlobalID(global)
	if !ok || typeName != "Token" || id == "" {
		return nil, model.ErrNotFound
	}
	found, err := s.TokensByID(ctx, user, []string{id})
	if err != nil {
		return nil, err
	}
	token := found[id]
	if token == nil {
		return nil, model.ErrNotFound
	}
	err = s.db.WriteTx().Delete(s.tokens.Delete("userId", user.ID).Range("id", id).If("attribute_exists(id)")).Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return nil, model.ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("revoke a token of user %s: %w", user.ID, err)
	}
	return token, nil
}

// NoteTokenUse keeps that the token was used at a time, unless it is gone or another was faster.
func (s *Store) NoteTokenUse(ctx context.Context, token *Token, at model.DateTime) error {
	err := s.tokens.Update("userId", token.UserID).Range("id", token.ID).
		Set("lastUsedAt", at).
		If("attribute_exists(id) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < ?)", at).
		Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return fmt.Errorf("note the use of a token of user %s: %w", token.UserID, err)
	}
	return nil
}

// SweepTokens deletes the tokens that are good for nothing any more, because they have expired, or their user
// is gone or has had them ended, and returns how many there were. It reads the table whole.
func (s *Store) SweepTokens(ctx context.Context) (swept int, err error) {
	var page []*Token
	sweep := func() error {
		dead, err := s.deadTokens(ctx, page)
		if err != nil || len(dead) == 0 {
			return err
		}
		if err := s.tokensOf().delete(ctx, dead); err != nil {
			return err
		}
		swept += len(dead)
		return nil
	}
	tokens := s.tokens.Scan().Consistent(true).Iter()
	for {
		token := new(Token)
		if !tokens.Next(ctx, token) {
			break
		}
		if page = append(page, token); len(page) == ofUserAtOnce {
			if err := sweep(); err != nil {
				return swept, err
			}
			page = nil
		}
	}
	if err := tokens.Err(); err != nil {
		return swept, fmt.Errorf("sweep tokens: %w", err)
	}
	return swept, sweep()
}

// deadTokens returns those of some tokens that are not good any more.
func (s *Store) deadTokens(ctx context.Context, tokens []*Token) (dead []*Token, err error) {
	if len(tokens) == 0 {
		return nil, nil
	}
	ids := make([]string, len(tokens))
	for i, token := range tokens {
		ids[i] = token.UserID
	}
	slices.Sort(ids)
	keys := make([]dynamo.Keyed, 0, len(ids))
	for _, id := range slices.Compact(ids) {
		keys = append(keys, dynamo.Keys{id})
	}
	var users []*User
	err = s.users.Batch("id").Get(keys...).Consistent(true).All(ctx, &users)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("read %d users: %w", len(keys), err)
	}
	for _, token := range tokens {
		i := slices.IndexFunc(users, func(user *User) bool { return user.ID == token.UserID })
		if i < 0 || !isTokenLive(token, users[i]) {
			dead = append(dead, token)
		}
	}
	return dead, nil
}

package auth

import (
	"context"
	"strings"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
)

// TokenInput is what a service token is made of, as it was typed.
type TokenInput struct {
	Name      string
	Scopes    []string        // such as `read:Issue`
	ExpiresAt *model.DateTime // nil: it lasts until it is revoked
}

// CreateToken makes a service token of the signed-in user, and returns it with its text, which nobody can be
// told again: of its secret there is no more than a hash. Code BAD_USER_INPUT: there is no such scope, or the
// end has passed. Errors: ErrByToken, account.ErrTooManyTokens, model.ErrConflict.
func (a *Accounts) CreateToken(ctx context.Context, identity *Identity, input TokenInput) (token *account.Token, text string, err error) {
	if err := a.requireSession(ctx, identity, "createToken"); err != nil {
		return nil, "", err
	}
	return a.MakeToken(ctx, identity.User, input)
}

// MakeToken is CreateToken of any user, for the operator.
func (a *Accounts) MakeToken(ctx context.Context, user *account.User, input TokenInput) (token *account.Token, text string, err error) {
	name, err := CheckName("name", input.Name, 1)
	if err != nil {
		return nil, "", err
	}
	scopes, err := a.store.DB().ParseScopes(input.Scopes)
	if err != nil {
		return nil, "", err
	}
	if input.ExpiresAt != nil && !input.ExpiresAt.Time().After(time.Now()) {
		return nil, "", model.BadInput("expiresAt", "expiresAt has passed: give a time to come, or none")
	}
	token = &account.Token{ID: model.NewID(), Name: name, Scopes: scopes.Texts(), ExpiresAt: input.ExpiresAt}
	if text, err = newServiceToken(user.ID, token); err != nil {
		return nil, "", err
	}
	if err := a.store.CreateToken(ctx, user, token); err != nil {
		return nil, "", err
	}
	a.record.Write(ctx, audit.Event{
		Name: audit.TokenCreated, UserID: user.ID, Account: user.Email, TokenID: token.ID, To: strings.Join(token.Scopes, " "),
	})
	return token, text, nil
}

// RevokeToken deletes the service token of the signed-in user with this global id: its next request is
// refused. model.ErrNotFound: the user has no such token. ErrByToken.
func (a *Accounts) RevokeToken(ctx context.Context, identity *Identity, globalID string) error {
	if err := a.requireSession(ctx, identity, "revokeToken"); err != nil {
		return err
	}
	return a.EndToken(ctx, identity.User, globalID, "revoked by the user")
}

// EndToken is RevokeToken of any user's token, for a reason.
func (a *Accounts) EndToken(ctx context.Context, user *account.User, globalID, reason string) error {
	token, err := a.store.RevokeToken(ctx, user, globalID)
	if err != nil {
		return err
	}
	a.record.Write(ctx, audit.Event{Name: audit.TokenRevoked, UserID: user.ID, Account: user.Email, TokenID: token.ID, Reason: reason})
	return nil
}

// TokensByID returns the live service tokens of the signed-in user with these ids, by id; none to who comes
// by one.
func (a *Accounts) TokensByID(ctx context.Context, identity *Identity, ids []string) (map[string]*account.Token, error) {
	if identity.Token != nil {
		return nil, nil
	}
	return a.store.TokensByID(ctx, identity.User, ids)
}

// TokenEdge returns a service token of the signed-in user as it stands in the list of them.
func (a *Accounts) TokenEdge(identity *Identity, token *account.Token) *account.TokenEdge {
	return a.store.TokenEdge(identity.User, token)
}

// requireSession refuses who comes by a service token: ErrByToken. operation is the mutation.
func (a *Accounts) requireSession(ctx context.Context, identity *Identity, operation string) error {
	if identity.Token == nil {
		return nil
	}
	a.record.Write(ctx, identity.event(audit.Event{Name: audit.Refused, Operation: operation, Reason: "a service token may not do this"}))
	return ErrByToken
}

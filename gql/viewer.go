package gql

import (
	"context"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
)

// What follows answers the fields of accounts, which every project's public schema has.
// U is the project's own type User.

// Viewer answers `Query.viewer` with the user who asks; nil for an anonymous request. Of a service token that
// has not `read:User`, whoever asks sees the id and lists of objects alone, and is refused, before
// anything is answered, where the selection has more: ErrForbidden.
func Viewer[U any](ctx context.Context, users *account.Users[U]) (*U, error) {
	identity := auth.FromContext(ctx)
	if identity == nil {
		return nil, nil
	}
	if err := checkViewerFields(ctx, identity.User.Caller()); err != nil {
		return nil, err
	}
	return users.Of(identity.User)
}

// checkViewerFields returns an error where a field of the user is selected in the context's field that the
// caller may not read.
func checkViewerFields(ctx context.Context, caller model.Caller) error {
	if caller.HasScope(model.OnRead, "User") {
		return nil
	}
	for _, field := range graphql.CollectFields(graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field.Selections, nil) { // of whatever type the fragments are
		isList := field.Definition != nil && strings.HasSuffix(field.Definition.Type.Name(), "Connection")
		if field.Name != "__typename" && field.Name != "id" && !isList {
			return &model.Error{Code: model.CodeForbidden, Kind: model.ErrForbidden, Message: fmt.Sprintf(
				"the token may not read User.%s: its scopes do not have read:User, so of the viewer it reads id and lists of objects", field.Name)}
		}
	}
	return nil
}

// UpdateViewer changes the signed-in user: what the input says and, where it is not nil, what
// set does to the project's own fields.
func UpdateViewer[U any](ctx context.Context, users *account.Users[U], input account.UpdateViewerInput, set func(*U)) (*account.ViewerPayload[U], error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	change := account.UserUpdate{ExpectedVersion: input.ExpectedVersion}
	if change.FirstName, err = checkName("firstName", input.FirstName, 1); err != nil {
		return nil, err
	}
	if change.LastName, err = checkName("lastName", input.LastName, 0); err != nil {
		return nil, err
	}
	user, err := users.Update(ctx, identity.User.Caller(), identity.User, change, set)
	if err != nil {
		return nil, err
	}
	return &account.ViewerPayload[U]{User: user, ClientMutationID: input.ClientMutationID}, nil
}

// checkName is auth.CheckName of a name that may be absent.
func checkName(field string, name *string, least int) (*string, error) {
	if name == nil {
		return nil, nil
	}
	checked, err := auth.CheckName(field, *name, least)
	return &checked, err
}

// viewerPayload returns the payload of what a mutation of the signed-in user has made of it.
func viewerPayload[U any](users *account.Users[U], user *account.User, err error, clientMutationID *string) (*account.ViewerPayload[U], error) {
	if err != nil {
		return nil, err
	}
	own, err := users.Of(user)
	if err != nil {
		return nil, err
	}
	return &account.ViewerPayload[U]{User: own, ClientMutationID: clientMutationID}, nil
}

// ChangePassword changes the password of the signed-in user.
func ChangePassword[U any](ctx context.Context, accounts *auth.Accounts, users *account.Users[U], input account.ChangePasswordInput) (*account.ViewerPayload[U], error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	user, err := accounts.ChangePassword(ctx, identity, input.CurrentPassword, input.NewPassword)
	return viewerPayload(users, user, err, input.ClientMutationID)
}

// ChangeEmail changes the address of the signed-in user.
func ChangeEmail[U any](ctx context.Context, accounts *auth.Accounts, users *account.Users[U], input account.ChangeEmailInput) (*account.ViewerPayload[U], error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	user, err := accounts.ChangeEmail(ctx, identity, input.Password, input.Email)
	return viewerPayload(users, user, err, input.ClientMutationID)
}

// DeleteViewer deletes the signed-in user.
func DeleteViewer(ctx context.Context, accounts *auth.Accounts, input account.DeleteViewerInput) (*account.DeleteViewerPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	isComplete, err := accounts.Delete(ctx, identity, input.Password)
	if err != nil {
		return nil, err
	}
	return &account.DeleteViewerPayload{DeletedUserID: identity.User.GlobalID(), IsComplete: isComplete, ClientMutationID: input.ClientMutationID}, nil
}

// SendVerificationEmail mails the signed-in user a link that verifies the email.
func SendVerificationEmail[U any](ctx context.Context, accounts *auth.Accounts, users *account.Users[U], input account.SendVerificationEmailInput) (*account.ViewerPayload[U], error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	err = accounts.SendVerificationEmail(ctx, identity)
	return viewerPayload(users, identity.User, err, input.ClientMutationID)
}

// Sessions answers `User.sessions` with where the user is signed in: null to others who see the user.
func Sessions[U any](ctx context.Context, users *account.Users[U], user *U, page model.Page) (*account.SessionConnection, error) {
	return users.Sessions(ctx, Caller(ctx), user, page)
}

// IsCurrent answers `Session.current`: whether the request comes by the session.
func IsCurrent(ctx context.Context, session *account.Session) bool {
	identity := auth.FromContext(ctx)
	return identity != nil && identity.Session != nil && identity.Session.ID == session.ID
}

// RevokeSession ends a session of the signed-in user.
func RevokeSession(ctx context.Context, accounts *auth.Accounts, input account.RevokeSessionInput) (*account.RevokeSessionPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if err := accounts.RevokeSession(ctx, identity, input.SessionID); err != nil {
		return nil, err
	}
	return &account.RevokeSessionPayload{RevokedSessionID: input.SessionID, ClientMutationID: input.ClientMutationID}, nil
}

// RevokeOtherSessions ends every session of the signed-in user but this one.
func RevokeOtherSessions[U any](ctx context.Context, accounts *auth.Accounts, users *account.Users[U], input account.RevokeOtherSessionsInput) (*account.ViewerPayload[U], error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	user, err := accounts.RevokeOtherSessions(ctx, identity)
	return viewerPayload(users, user, err, input.ClientMutationID)
}

// Tokens answers `User.tokens` with the user's service tokens: null to others who see the user.
func Tokens[U any](ctx context.Context, users *account.Users[U], user *U, page model.Page) (*account.TokenConnection, error) {
	return users.Tokens(ctx, Caller(ctx), user, page)
}

// CreateToken makes a service token of the signed-in user.
func CreateToken(ctx context.Context, accounts *auth.Accounts, input account.CreateTokenInput) (*account.CreateTokenPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	token, secret, err := accounts.CreateToken(ctx, identity, auth.TokenInput{Name: input.Name, Scopes: input.Scopes, ExpiresAt: input.ExpiresAt})
	if err != nil {
		return nil, err
	}
	return &account.CreateTokenPayload{
		Token: token, TokenEdge: accounts.TokenEdge(identity, token), Secret: secret, ClientMutationID: input.ClientMutationID,
	}, nil
}

// RevokeToken ends a service token of the signed-in user.
func RevokeToken(ctx context.Context, accounts *auth.Accounts, input account.RevokeTokenInput) (*account.RevokeTokenPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if err := accounts.RevokeToken(ctx, identity, input.TokenID); err != nil {
		return nil, err
	}
	return &account.RevokeTokenPayload{RevokedTokenID: input.TokenID, ClientMutationID: input.ClientMutationID}, nil
}

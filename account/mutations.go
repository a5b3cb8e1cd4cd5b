package account

import "github.com/ownql/ownql/model"

// The inputs and payloads of the mutations that every project has, as its public schema shows
// them. U is the project's own type User, see [Users].

// A ViewerPayload answers a mutation of the signed-in user with the user as it is then.
type ViewerPayload[U any] struct {
	User             *U
	ClientMutationID *string
}

// UpdateViewerInput is the schema's input of that name; nil stays as it is.
type UpdateViewerInput struct {
	FirstName        *string
	LastName         *string
	ExpectedVersion  *int
	ClientMutationID *string
}

// ChangePasswordInput is the schema's input of that name.
type ChangePasswordInput struct {
	CurrentPassword  string
	NewPassword      string
	ClientMutationID *string
}

// ChangeEmailInput is the schema's input of that name.
type ChangeEmailInput struct {
	Password         string
	Email            string
	ClientMutationID *string
}

// DeleteViewerInput is the schema's input of that name.
type DeleteViewerInput struct {
	Password         string
	ClientMutationID *string
}

// DeleteViewerPayload is the schema's type of that name.
type DeleteViewerPayload struct {
	DeletedUserID    string // global
	IsComplete       bool   // whether all that the user owned is gone, too
	ClientMutationID *string
}

// RevokeSessionInput is the schema's input of that name.
type RevokeSessionInput struct {
	SessionID        string // global
	ClientMutationID *string
}

// RevokeSessionPayload is the schema's type of that name.
type RevokeSessionPayload struct {
	RevokedSessionID string // global
	ClientMutationID *string
}

// RevokeOtherSessionsInput is the schema's input of that name.
type RevokeOtherSessionsInput struct {
	ClientMutationID *string
}

// SendVerificationEmailInput is the schema's input of that name.
type SendVerificationEmailInput struct {
	ClientMutationID *string
}

// CreateTokenInput is the schema's input of that name.
type CreateTokenInput struct {
	Name             string
	Scopes           []string
	ExpiresAt        *model.DateTime // nil: never
	ClientMutationID *string
}

// CreateTokenPayload is the schema's type of that name.
type CreateTokenPayload struct {
	Token            *Token
	TokenEdge        *TokenEdge
	Secret           string // which nobody can be told again
	ClientMutationID *string
}

// RevokeTokenInput is the schema's input of that name.
type RevokeTokenInput struct {
	TokenID          string // global
	ClientMutationID *string
}

// RevokeTokenPayload is the schema's type of that name.
type RevokeTokenPayload struct {
	RevokedTokenID   string // global
	ClientMutationID *string
}

package auth

import (
	"context"

	"github.com/ownql/ownql/account"
)

// CreateVerified is Create for the operator's own, such as those of seed data: the email counts as verified,
// and nothing is mailed to it.
func (a *Accounts) CreateVerified(ctx context.Context, input SignupInput) (*account.User, error) {
	input.isVerified = true
	return a.Create(ctx, input, nil)
}

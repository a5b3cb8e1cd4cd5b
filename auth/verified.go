package auth

import (
	"context"
	"net/netip"

	"github.com/ownql/ownql/account"
)

// CreateVerified is Create for the operator's own, such as those of seed data: the email counts as verified,
// and nothing is mailed to it.
func (a *Accounts) CreateVerified(ctx context.Context, input SignupInput) (*account.User, error) {
	input.isVerified = true
	return a.Create(ctx, input, nil)
}

// CheckPassword refuses a password that nobody should have, whoever they are. Code BAD_USER_INPUT.
func CheckPassword(password string) error { return checkNewPassword("password", password, owner{}) }

// HasPassword tells the operator whether a password is an account's.
func (a *Accounts) HasPassword(ctx context.Context, login *account.Login, password string) (bool, error) {
	match, err := a.passwords.Match(ctx, asker{login.Email, netip.Addr{}}, login.PasswordHash, password)
	return match != matchesNot, err
}

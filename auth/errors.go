package auth

import "errors"

var (
	// ErrUnauthenticated: no token, where one is needed.
	ErrUnauthenticated = errors.New("sign in first: send `Authorization: Bearer` and the token")
	// ErrInvalidToken: a token that is not valid, or that is of a session that has ended.
	ErrInvalidToken = errors.New("the token is not valid, or its session has ended: sign in again")
	// ErrCredentials: no such email, or not its password.
	ErrCredentials = errors.New("email or password is wrong")
	// ErrSignupClosed: the operator makes the accounts.
	ErrSignupClosed = errors.New("sign-up is closed, ask the operator for an account")
	// ErrUnverified: the password is right, but the email has to be verified first.
	ErrUnverified = errors.New("this email is not verified yet: follow the link in the mail that was sent to it, then sign in")
	// ErrEmailTaken: the email has an account.
	ErrEmailTaken = errors.New("this email has an account already, sign in with it")
)

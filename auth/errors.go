package auth

import (
	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

var (
	// ErrUnauthenticated: no token, where one is needed.
	ErrUnauthenticated = &model.Error{Code: model.CodeUnauthenticated, Message: "sign in first: send `Authorization: Bearer` and the token"}
	// ErrInvalidToken: a token that is not valid, or that is of a session that has ended.
	ErrInvalidToken = &model.Error{Code: model.CodeUnauthenticated, Message: "the token is not valid, or its session has ended: sign in again"}
	// ErrByToken: who comes by a service token does what only who has signed in may do.
	ErrByToken = account.ErrByToken
	// ErrCredentials: no such email, or not its password.
	ErrCredentials = &model.Error{Code: model.CodeUnauthenticated, Message: "email or password is wrong"}
	// ErrCrossOrigin: a browser sends the session cookie from a page of another origin.
	ErrCrossOrigin = &model.Error{Code: model.CodeForbidden, Message: "a page of another origin cannot use the session cookie: send a token by `Authorization: Bearer`"}
	// ErrSignupClosed: the operator makes the accounts.
	ErrSignupClosed = &model.Error{Code: model.CodeForbidden, Message: "sign-up is closed, ask the operator for an account"}
	// ErrUnverified: the password is right, but the email has to be verified first.
	ErrUnverified = &model.Error{
		Code: model.CodeForbidden, Field: "email",
		Message: "this email is not verified yet: follow the link in the mail that was sent to it, then sign in",
	}
	// ErrProofNeeded: a link in a mail verifies an email only for who knows the account, too.
	ErrProofNeeded = &model.Error{
		Code: model.CodeUnauthenticated, Field: "password",
		Message: "sign in, or give the password of the account: the mail alone does not say whose it is",
	}
	// ErrNoMail: the operator has not said how to send mail.
	ErrNoMail = &model.Error{Code: model.CodeUnavailable, Message: "this server cannot send mail"}
	// ErrTooManyMails refuses to send one more mail to an address.
	ErrTooManyMails = &model.Error{Code: model.CodeRateLimited, Message: "too many mails to this address, try again later"}
)

// Package audit is the record: a line about each thing that whoever looks back wants to find,
// such as a sign-in, a refusal, or a change of roles. A line has fixed fields, and holds no
// password, token or other secret. It goes into a stream of its own, and into a table where
// it can be looked up: see [New] and [Table].
package audit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Name says what an event is. Those of OWASP's Logging Vocabulary are used where it has one.
// https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html
type Name string

// The names. docs/audit.md says which fields each has.
const (
	UserCreated Name = "user_created"
	UserDeleted Name = "user_deleted"

	SignIn       Name = "authn_login_success"
	SignInFailed Name = "authn_login_fail"
	SignInLocked Name = "authn_login_lock" // refused before the password was looked at, for the guesses before

	TokenReuse    Name = "authn_token_reuse" // of a refresh token: its session has ended
	SessionEnded  Name = "authn_token_revoked"
	SessionsEnded Name = "authn_sessions_revoked" // several, or all, of a user

	TokenCreated Name = "authn_token_created" // a service token
	TokenRevoked Name = "authn_token_delete"
	TokenRefused Name = "authn_token_fail" // it is unknown, has expired, or was revoked

	PasswordChanged Name = "authn_password_change"
	EmailChanged    Name = "authn_email_change"
	EmailVerified   Name = "authn_email_verified"
	FactorChanged   Name = "authn_factor_change" // a second factor was added or taken away

	RolesChanged Name = "authz_change"
	Refused      Name = "authz_fail"  // an object, for the rules of its type
	Administered Name = "authz_admin" // a command of the operator's that has no name of its own here
	Exported     Name = "data_export"
	Imported     Name = "data_import"
)

// Names are all of them.
var Names = []Name{
	UserCreated, UserDeleted, SignIn, SignInFailed, SignInLocked, TokenReuse, SessionEnded, SessionsEnded,
	TokenCreated, TokenRevoked, TokenRefused,
	PasswordChanged, EmailChanged, EmailVerified, FactorChanged, RolesChanged, Refused, Administered, Exported, Imported,
}

// isProvoked tells whether anybody can cause such events without limit, and without having
// done anything. Of these only so many have a line of their own: see tally.
func (n Name) isProvoked() bool {
	switch n {
	case SignInFailed, SignInLocked, TokenReuse, TokenRefused, Refused:
		return true
	}
	return false
}

// An Event is what is recorded; what does not apply stays empty. What was sent by a client and
// might be a secret, such as what was typed as an address and is none, is not for it.
type Event struct {
	Name Name `json:"event" dynamo:"event"`

	UserID    string `json:"user,omitempty" dynamo:"user,omitempty"`           // whose account it is, or who was refused; not global
	Account   string `json:"account,omitempty" dynamo:"account,omitempty"`     // the canonical email, whether it has an account or not
	SessionID string `json:"session,omitempty" dynamo:"session,omitempty"`     // not global
	TokenID   string `json:"token,omitempty" dynamo:"token,omitempty"`         // of the service token that was made, ended, or used; not global
	Method    string `json:"method,omitempty" dynamo:"method,omitempty"`       // such as password, cookie, mail
	Reason    string `json:"reason,omitempty" dynamo:"reason,omitempty"`       // of a failure or an end
	From      string `json:"from,omitempty" dynamo:"from,omitempty"`           // what it was before: an email, roles
	To        string `json:"to,omitempty" dynamo:"to,omitempty"`               // what it is now
	Operation string `json:"operation,omitempty" dynamo:"operation,omitempty"` // what was refused: read, create, update, delete, transfer; or a command
	Type      string `json:"type,omitempty" dynamo:"type,omitempty"`           // of the object that was refused
	Object    string `json:"object,omitempty" dynamo:"object,omitempty"`       // its global id; empty: there was none yet
	Count     int    `json:"count,omitempty" dynamo:"count,omitempty"`         // the line stands for that many events, see tally
}

// maxField bounds a field, in bytes; an email has at most 254 characters.
const maxField = 1024

// cleaned returns the event with fields that no one can mistake for another line, or for what
// a terminal obeys.
func (e Event) cleaned() Event {
	for _, field := range []*string{
		&e.UserID, &e.Account, &e.SessionID, &e.TokenID, &e.Method, &e.Reason, &e.From, &e.To, &e.Operation, &e.Type, &e.Object,
	} {
		*field = cleaned(*field)
	}
	return e
}

// cleaned returns text without what is not to be seen, and not longer than maxField.
func cleaned(text string) string {
	if len(text) > maxField {
		text = text[:maxField] + "…"
	}
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	if strings.IndexFunc(text, isUnseen) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if isUnseen(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}

func isUnseen(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
}

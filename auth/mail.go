package auth

import "context"

// A MailKind says what a mail is about.
type MailKind string

// The kinds. Of the first two and the last a link is what the mail is for; the others are notices, for
// the owner of an account in which somebody else has done something: their link undoes it.
const (
	MailVerifyEmail     MailKind = "verify-email"
	MailResetPassword   MailKind = "reset-password"
	MailPasswordChanged MailKind = "password-changed"
	MailEmailChanged    MailKind = "email-changed"
	MailSignInAdded     MailKind = "sign-in-added"
	MailInvitation      MailKind = "invitation"
)

// IsNotice tells whether mails of the kind tell of what has been done.
func (kind MailKind) IsNotice() bool {
	return kind != MailVerifyEmail && kind != MailResetPassword && kind != MailInvitation
}

// Mail is what is written to a user. Nothing in it is anyone's to choose: names and other
// text that users type would make of it a way to send mail to strangers.
type Mail struct {
	Kind  MailKind
	To    string // the canonical email that the account has, or is to have; a notice's, that it had
	Site  string // the host of the server's public address
	Link  string // to the page that takes the token
	Token string // what the link ends in
	From  string // of an invitation: the verified email of who sends it; empty: none is known
}

// A Mailer sends a mail, or says why it did not go. It is called from several goroutines
// at once, and gives up when ctx is done.
type Mailer interface {
	Send(ctx context.Context, mail Mail) error
}

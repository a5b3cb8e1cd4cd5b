package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

const (
	resetLife  = 15 * time.Minute // of a token to set another password
	verifyLife = 24 * time.Hour   // of a token to verify an email

	// verifyAgain is how long a sign-in that is refused for want of a verified email leaves
	// the mail before to arrive: another one would make its link useless.
	verifyAgain = 10 * time.Minute

	maxPosting  = 64               // at once
	postTimeout = 10 * time.Second // for one
	postRetry   = 5 * time.Second  // after being turned away
)

// Post writes to users. It works behind the answers, so that no answer waits for a mail
// server, or tells by its time whether an email has an account: see [Post.Wait].
type Post struct {
	store  *account.Store
	mailer Mailer
	url    string
	mails  mailsUnderWay
}

// NewPost returns a Post that sends by mailer, which may be nil: then no mail is sent. url
// is the server's public address, which the links lead to.
func NewPost(s *account.Store, mailer Mailer, url string) *Post {
	return &Post{store: s, mailer: mailer, url: strings.TrimSuffix(url, "/")}
}

// Wait returns when nothing is under way, or ctx is done: then it returns its error. Where
// a process may stop once it has answered, as on AWS Lambda, call it before.
func (p *Post) Wait(ctx context.Context) error {
	if err := p.mails.wait(ctx); err != nil {
		return fmt.Errorf("mail is still under way: %w", err)
	}
	return nil
}

// SendReset mails to email, where that has an account, a link to set another password.
// Whether it has one does not show. Errors: ErrNoMail; web.Busy: too much is under way.
func (p *Post) SendReset(ctx context.Context, email string) error {
	if p.mailer == nil {
		return ErrNoMail
	}
	return p.behind(ctx, MailResetPassword, func(ctx context.Context) error {
		if err := p.reserve(ctx, MailResetPassword, email); err != nil {
			return err
		}
		login, err := p.store.Login(ctx, email)
		if errors.Is(err, model.ErrNotFound) {
			return nil
		}
		if err == nil {
			err = p.sendLink(ctx, MailResetPassword, login.UserID, login.Email)
		}
		return p.uncounted(ctx, MailResetPassword, email, err)
	})
}

// SendVerification mails a link that verifies the user's email, unless that is done.
// Errors: ErrNoMail, ErrTooManyMails, web.Busy.
func (p *Post) SendVerification(ctx context.Context, user *account.User) error {
	if user.EmailVerified {
		return nil
	}
	if p.mailer == nil {
		return ErrNoMail
	}
	if err := p.reserve(ctx, MailVerifyEmail, user.Email); err != nil {
		return err
	}
	return p.behind(ctx, MailVerifyEmail, func(ctx context.Context) error {
		return p.uncounted(ctx, MailVerifyEmail, user.Email, p.sendLink(ctx, MailVerifyEmail, user.ID, user.Email))
	})
}

// Welcome mails a new address of a user the link that verifies it. What keeps the mail
// back is for the log: the user can ask for another.
func (p *Post) Welcome(ctx context.Context, user *account.User) {
	p.inform(ctx, MailVerifyEmail, user.Email, func(ctx context.Context) error {
		return p.sendLink(ctx, MailVerifyEmail, user.ID, user.Email)
	})
}

// PasswordChanged tells the owner of an account that it has another password. What keeps
// the mail back is for the log.
func (p *Post) PasswordChanged(ctx context.Context, email string) {
	p.notify(ctx, MailPasswordChanged, email)
}

// EmailChanged tells the owner of an account, at the email that it had, that it has
// another one, and mails that one the link that verifies it. What keeps the mails back is
// for the log.
func (p *Post) EmailChanged(ctx context.Context, formerEmail string, user *account.User) {
	p.notify(ctx, MailEmailChanged, formerEmail)
	p.Welcome(ctx, user)
}

func (p *Post) notify(ctx context.Context, kind MailKind, email string) {
	p.inform(ctx, kind, email, func(ctx context.Context) error {
		return p.mailer.Send(ctx, Mail{Kind: kind, To: email, Site: p.site()})
	})
}

// inform sends a mail of which the request does not depend.
func (p *Post) inform(ctx context.Context, kind MailKind, email string, send func(context.Context) error) {
	err := p.behind(ctx, kind, func(ctx context.Context) error {
		if err := p.reserve(ctx, kind, email); err != nil {
			return err
		}
		return p.uncounted(ctx, kind, email, send(ctx))
	})
	if err != nil {
		logUnsent(ctx, kind, err)
	}
}

// sendLink mails a new token, which takes the place of the one before.
func (p *Post) sendLink(ctx context.Context, kind MailKind, userID, email string) error {
	token, hash, err := newMailToken(userID)
	if err != nil {
		return err
	}
	var path string
	switch kind {
	case MailVerifyEmail:
		path = verifyPath
		err = p.store.AwaitVerification(ctx, userID, email, account.MailedToken{Hash: hash, Until: time.Now().Add(verifyLife)})
	case MailResetPassword:
		path = resetPath
		err = p.store.AwaitReset(ctx, userID, email, account.MailedToken{Hash: hash, Until: time.Now().Add(resetLife)})
	}
	if errors.Is(err, model.ErrNotFound) {
		return nil // nothing to mail any more
	}
	if err != nil {
		return err
	}
	// After a # the token is in nobody's log: browsers keep it to themselves.
	return p.mailer.Send(ctx, Mail{Kind: kind, To: email, Site: p.site(), Link: p.url + path + "#token=" + token, Token: token})
}

// site names the server in mails.
func (p *Post) site() string {
	u, err := url.Parse(p.url)
	if err != nil {
		return p.url
	}
	return u.Host
}

// reserve counts a mail to the email, whether that has an account or not. ErrTooManyMails: it has had so many.
func (p *Post) reserve(ctx context.Context, kind MailKind, email string) error {
	err := p.store.ReserveMail(ctx, account.NewAttemptKey(email, string(kind)))
	if tooMany := new(model.Error); errors.Is(err, account.ErrTooManyAttempts) && errors.As(err, &tooMany) {
		return &model.Error{Code: ErrTooManyMails.Code, Message: ErrTooManyMails.Message, RetryAfter: tooMany.RetryAfter, Kind: ErrTooManyMails}
	}
	return err
}

// uncounted returns err, and where that is why a mail did not go, takes the mail from the
// count.
func (p *Post) uncounted(ctx context.Context, kind MailKind, email string, err error) error {
	if err == nil {
		return nil
	}
	key := account.NewAttemptKey(email, string(kind))
	return errors.Join(err, returnAttempt(ctx, p.store, key))
}

// behind does work while the request goes on to its answer, and after that. web.Busy:
// too much is under way.
func (p *Post) behind(ctx context.Context, kind MailKind, work func(context.Context) error) error {
	if p.mailer == nil {
		return nil
	}
	if !p.mails.begin() {
		return web.Busy(postRetry)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), postTimeout)
	go func() {
		defer p.mails.end()
		defer cancel()
		defer func() {
			if value := recover(); value != nil { // it must not end the process
				logUnsent(ctx, kind, fmt.Errorf("panic: %v\n%s", value, debug.Stack()))
			}
		}()
		if err := work(ctx); err != nil {
			logUnsent(ctx, kind, err)
		}
	}()
	return nil
}

func logUnsent(ctx context.Context, kind MailKind, err error) {
	slog.ErrorContext(ctx, "mail not sent", "kind", string(kind), "error", err)
}

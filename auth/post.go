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

	// resetAgain is how long a mail that sets another password is the answer to all who ask for one,
	// and resetAgainOften, where they ask often.
	resetAgain      = time.Minute
	resetAgainOften = 10 * time.Minute

	maxPosting  = 64               // at once, of those that strangers ask for, and of the others
	postTimeout = 10 * time.Second // for one
	postRetry   = 5 * time.Second  // after being turned away
)

// Post writes to users. It works behind the answers, so that no answer waits for a mail
// server, or tells by its time whether an email has an account: see [Post.Wait].
type Post struct {
	store  *account.Store
	mailer Mailer
	url    string
	asked  underWay // what anyone can ask for, whoever they are
	mails  underWay // the others
}

// NewPost returns a Post that sends by mailer, which may be nil: then no mail is sent. url
// is the server's public address, which the links lead to.
func NewPost(s *account.Store, mailer Mailer, url string) *Post {
	return &Post{store: s, mailer: mailer, url: strings.TrimSuffix(url, "/")}
}

// Wait returns when nothing is under way, or ctx is done: then it returns its error. Where
// a process may stop once it has answered, as on AWS Lambda, call it before.
func (p *Post) Wait(ctx context.Context) error {
	for _, mails := range []*underWay{&p.asked, &p.mails} {
		if err := mails.wait(ctx); err != nil {
			return fmt.Errorf("mail is still under way: %w", err)
		}
	}
	return nil
}

// sends tells whether mails are sent at all.
func (p *Post) sends() bool { return p.mailer != nil }

// SendReset mails to email, where that has an account, a link to set another password.
// Whether it has one does not show. Errors: ErrNoMail; web.Busy: too much is under way.
func (p *Post) SendReset(ctx context.Context, email string) error {
	if p.mailer == nil {
		return ErrNoMail
	}
	return p.behind(ctx, &p.asked, MailResetPassword, func(ctx context.Context) error {
		login, err := p.store.Login(ctx, email)
		if errors.Is(err, model.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		// Anyone may ask, and only the newest link works: those who ask again and again must neither
		// use up the owner's mails, nor take the link from the one that is there. So there is always one
		// that is good for some minutes.
		until, err := p.store.ResetUntil(ctx, login.UserID)
		if err != nil {
			return err
		}
		age := time.Since(until.Add(-resetLife))
		if age < resetAgain {
			return nil
		}
		reserved := p.reserve(ctx, MailResetPassword, email, "")
		switch {
		case errors.Is(reserved, ErrTooManyMails) && age < resetAgainOften:
			return nil
		case reserved != nil && !errors.Is(reserved, ErrTooManyMails):
			return reserved
		}
		err = p.sendReset(ctx, login, until)
		if reserved != nil { // it was not counted
			return err
		}
		return p.uncounted(ctx, MailResetPassword, email, "", err)
	})
}

// sendReset mails a new token in the place of the one that was good until then. Of several at once one
// is mailed.
func (p *Post) sendReset(ctx context.Context, login *account.Login, until time.Time) error {
	token, hash, err := newMailToken(login.UserID)
	if err != nil {
		return err
	}
	err = p.store.AwaitReset(ctx, login.UserID, login.Email, until, account.MailedToken{Hash: hash, Until: time.Now().Add(resetLife)})
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := p.send(ctx, MailResetPassword, login.Email, resetPath, token); err != nil { // the next who asks gets one
		return errors.Join(err, p.store.ForgetReset(context.WithoutCancel(ctx), login.UserID, hash))
	}
	return nil
}

// SendVerification mails a link that verifies the user's pending email or, where there is none, the
// user's own, unless that is done. Errors: ErrNoMail, ErrTooManyMails, web.Busy.
func (p *Post) SendVerification(ctx context.Context, user *account.User) error {
	email := user.Email
	if next := user.PendingEmail(); next != nil {
		email = *next
	} else if user.EmailVerified {
		return nil
	}
	if p.mailer == nil {
		return ErrNoMail
	}
	if err := p.reserve(ctx, MailVerifyEmail, email, user.ID); err != nil {
		return err
	}
	return p.behind(ctx, &p.mails, MailVerifyEmail, func(ctx context.Context) error {
		return p.uncounted(ctx, MailVerifyEmail, email, user.ID, p.sendVerification(ctx, user.ID, email))
	})
}

// Welcome mails the address of a user the link that verifies it. What keeps the mail back is for the
// log: the user can ask for another.
func (p *Post) Welcome(ctx context.Context, user *account.User) { p.verify(ctx, user, user.Email) }

// VerifyNext is Welcome for the pending email of the user.
func (p *Post) VerifyNext(ctx context.Context, user *account.User) {
	p.verify(ctx, user, user.NextEmail)
}

func (p *Post) verify(ctx context.Context, user *account.User, email string) {
	err := p.behind(ctx, &p.mails, MailVerifyEmail, func(ctx context.Context) error {
		if err := p.reserve(ctx, MailVerifyEmail, email, user.ID); err != nil {
			return err
		}
		return p.uncounted(ctx, MailVerifyEmail, email, user.ID, p.sendVerification(ctx, user.ID, email))
	})
	if err != nil {
		logUnsent(ctx, MailVerifyEmail, err)
	}
}

// sendVerification mails a new token, which takes the place of the one before.
func (p *Post) sendVerification(ctx context.Context, userID, email string) error {
	token, hash, err := newMailToken(userID)
	if err != nil {
		return err
	}
	err = p.awaitVerification(ctx, userID, email, account.MailedToken{Hash: hash, Until: time.Now().Add(verifyLife)})
	if errors.Is(err, model.ErrNotFound) {
		return nil // nothing to mail any more
	}
	if err != nil {
		return err
	}
	return p.send(ctx, MailVerifyEmail, email, verifyPath, token)
}

// awaitVerification keeps the token of a mail to a user's own email, or to the pending one.
func (p *Post) awaitVerification(ctx context.Context, userID, email string, token account.MailedToken) error {
	err := p.store.AwaitVerification(ctx, userID, email, token)
	if errors.Is(err, model.ErrNotFound) {
		err = p.store.AwaitNextEmail(ctx, userID, email, token)
	}
	return err
}

// send mails a link to the page of that path, with the token.
func (p *Post) send(ctx context.Context, kind MailKind, to, path, token string) error {
	return p.sendFrom(ctx, kind, to, "", path, token)
}

// sendFrom is send of a mail that names another user's verified email; empty: it names nobody.
func (p *Post) sendFrom(ctx context.Context, kind MailKind, to, from, path, token string) error {
	// After a # the token is in nobody's log: browsers keep it to themselves.
	err := p.mailer.Send(ctx, Mail{Kind: kind, To: to, Site: p.site(), Link: p.url + path + "#token=" + token, Token: token, From: from})
	return discreet(err, to)
}

// site names the server in mails.
func (p *Post) site() string {
	u, err := url.Parse(p.url)
	if err != nil {
		return p.url
	}
	return u.Host
}

// reserve counts a mail to the email for an account, by its user's id, or for anyone who asks.
// ErrTooManyMails: it has had so many.
func (p *Post) reserve(ctx context.Context, kind MailKind, email, userID string) error {
	err := p.store.ReserveMail(ctx, mailKey(kind, email, userID))
	if tooMany := new(model.Error); errors.Is(err, account.ErrTooManyAttempts) && errors.As(err, &tooMany) {
		return &model.Error{Code: ErrTooManyMails.Code, Message: ErrTooManyMails.Message, RetryAfter: tooMany.RetryAfter, Kind: ErrTooManyMails}
	}
	return err
}

func mailKey(kind MailKind, email, userID string) account.AttemptKey {
	return account.NewAttemptKey(email, string(kind)+userID)
}

// uncounted returns err, and where that is why a mail did not go, takes the mail from the
// count.
func (p *Post) uncounted(ctx context.Context, kind MailKind, email, userID string, err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, returnAttempt(ctx, p.store, mailKey(kind, email, userID)))
}

// behind does work while the request goes on to its answer, and after that, as one of mails. web.Busy:
// too much is under way.
func (p *Post) behind(ctx context.Context, mails *underWay, kind MailKind, work func(context.Context) error) error {
	if p.mailer == nil {
		return nil
	}
	if !mails.begin() {
		return web.Busy(postRetry)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), postTimeout)
	go func() {
		defer mails.end()
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

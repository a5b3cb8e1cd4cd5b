package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// invitationPath is where the links of invitations lead.
const invitationPath = "/invitation"

// deliverInvitations has the mails sent that new invitations promise. What has gone to an address, or from a
// sender, too often waits, as long as the invitation is open.
func (p *Post) deliverInvitations(tokens invitationTokens) {
	if !p.sends() {
		return
	}
	p.store.DB().OnOutbox(model.OutboxInvitation, func(ctx context.Context, promise *model.Promise) error {
		var id string
		if err := promise.Read(&id); err != nil {
			return err
		}
		if time.Since(promise.MadeAt) > model.InvitationLife {
			slog.ErrorContext(ctx, "mail given up", "kind", string(MailInvitation), "invitation", id)
			return nil
		}
		sent, err := p.store.DB().Invitation(ctx, id)
		if errors.Is(err, model.ErrNotFound) || errors.Is(err, model.ErrForbidden) {
			return nil // it was taken back, or accepted already
		}
		if err != nil {
			return err
		}
		token, err := tokens.of(sent)
		if err != nil {
			return err
		}
		from, err := p.verifiedEmail(ctx, sent.SenderID)
		if err != nil {
			return err
		}
		giveBack, err := p.store.ReserveInvitation(ctx, sent.Email, sent.SenderID)
		if err != nil {
			return err
		}
		sending, cancel := context.WithTimeout(ctx, postTimeout)
		defer cancel()
		if err := p.sendFrom(sending, MailInvitation, sent.Email, from, invitationPath, token); err != nil {
			return errors.Join(err, giveBack(context.WithoutCancel(ctx)))
		}
		return nil
	})
}

// limitInvitations is called before somebody makes an invitation. Code RATE_LIMITED: they have made too many.
func (a *Accounts) limitInvitations(ctx context.Context, caller model.Caller) error {
	err := a.store.CountInvitation(ctx, caller.ID)
	if tooMany := new(model.Error); errors.Is(err, account.ErrTooManyAttempts) && errors.As(err, &tooMany) {
		return &model.Error{Code: model.CodeRateLimited, Message: "you have sent too many invitations, try again later", RetryAfter: tooMany.RetryAfter}
	}
	return err
}

// verifiedEmail returns the address of a user, which the mail of an invitation names; empty: it is not
// verified, or there is none.
func (p *Post) verifiedEmail(ctx context.Context, userID string) (string, error) {
	if userID == "" {
		return "", nil
	}
	user, err := p.store.User(ctx, userID)
	if errors.Is(err, model.ErrNotFound) || err == nil && !user.EmailVerified {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return user.Email, nil
}

// InvitationPage answers GET /invitation: a page whose button accepts the invitation whose token is in its
// address. It asks for the account's password, or has one made, as the server wants.
func (recovery *Recovery) InvitationPage(w http.ResponseWriter, r *http.Request) error {
	recovery.servePage(w, linkPageText{
		Title:  "You are invited",
		Intro:  "Accept the invitation that was mailed to you.",
		Signup: true,
		Proof:  "password",
		Button: "Accept",
		Done:   "You have accepted the invitation. You can close this page, and sign in with the address that the mail came to.",
	})
	return nil
}

// AcceptInvitation answers POST /invitation {token, password, firstName, lastName}: 204. Of an account it takes
// a session or the password; where the address has none yet, it makes one.
func (recovery *Recovery) AcceptInvitation(w http.ResponseWriter, r *http.Request) error {
	var input invitationInput
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	identity, err := recovery.authenticator.Authenticate(r)
	if err != nil {
		return err
	}
	input.client, input.isSignupClosed = recovery.client(r), recovery.signupClosed
	if err := recovery.accounts.acceptInvitation(r.Context(), identity, input); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// invitationInput is what an invitation is accepted by.
type invitationInput struct {
	Token     string  `json:"token"`
	Password  *string `json:"password"`
	FirstName *string `json:"firstName"` // of who has no account
	LastName  string  `json:"lastName"`

	client         netip.Addr
	isSignupClosed bool
}

// acceptInvitation makes the account of the address that the token was mailed to a member, as the invitation
// says, and verifies that address: by a session of that account or its password, or by making it.
//
// Code BAD_USER_INPUT: see badMailToken, or with the field firstName, nobody has an account with that address
// yet, and a name and a password make one. ErrProofNeeded, ErrSignupClosed. model.ErrForbidden: whoever sent the
// invitation could not do so now. Else as of withPassword and Create.
func (a *Accounts) acceptInvitation(ctx context.Context, identity *Identity, input invitationInput) error {
	id, err := a.invitations.idOf(input.Token)
	if err != nil {
		return badMailToken()
	}
	sent, err := a.store.DB().Invitation(ctx, id)
	if errors.Is(err, model.ErrNotFound) || sent != nil && !a.invitations.isOf(input.Token, sent) {
		return badMailToken() // which tells nothing of an invitation that was mailed to somebody else
	}
	if err != nil {
		return err
	}
	login, err := a.store.Login(ctx, sent.Email)
	var user *account.User
	switch {
	case errors.Is(err, model.ErrNotFound):
		user, err = a.signUpInvited(ctx, sent.Email, input)
	case err == nil:
		user, err = a.invitedUser(ctx, login, identity, input)
	}
	if err != nil {
		return err
	}
	err = a.store.DB().AcceptInvitation(ctx, user.Caller(), sent.ID)
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	return err
}

// signUpInvited makes the account of whoever was mailed an invitation, with that address as a verified one.
func (a *Accounts) signUpInvited(ctx context.Context, email string, input invitationInput) (*account.User, error) {
	switch {
	case input.isSignupClosed:
		return nil, ErrSignupClosed
	case input.FirstName == nil || input.Password == nil:
		return nil, model.BadInput("firstName", "nobody has an account with your address yet: choose a name and a password")
	}
	user, err := a.Create(ctx, SignupInput{
		Email: email, Password: *input.Password, FirstName: *input.FirstName, LastName: input.LastName,
		Client: input.client, isVerified: true,
	}, nil)
	if err != nil {
		return nil, err
	}
	a.forgetAttempts(ctx, email) // whoever guessed before there was an account has not guessed at this one
	return user, nil
}

// invitedUser returns the user of a login, by a session of theirs or the password, whose address the token of
// the mail verifies.
func (a *Accounts) invitedUser(ctx context.Context, login *account.Login, identity *Identity, input invitationInput) (*account.User, error) {
	if identity == nil || identity.Token != nil || identity.User.ID != login.UserID {
		if input.Password == nil {
			return nil, ErrProofNeeded
		}
		if err := a.checkMailedPassword(ctx, "password", login.UserID, login.Email, "invitation", "", *input.Password, input.client); err != nil {
			return nil, err
		}
	}
	user, err := a.store.User(ctx, login.UserID)
	if errors.Is(err, model.ErrNotFound) {
		return nil, badMailToken() // the account was deleted at this moment
	}
	if err != nil || user.EmailVerified {
		return user, err
	}
	if err := a.store.ProveEmail(ctx, user.ID, login.Email); err != nil {
		return nil, err
	}
	user.EmailVerified = true
	a.record.Write(ctx, audit.Event{Name: audit.EmailVerified, UserID: user.ID, Account: login.Email, Method: "mail"})
	return user, nil
}

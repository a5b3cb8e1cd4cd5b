package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

const (
	// SessionLife is how long a session lasts from its last use.
	SessionLife = 30 * 24 * time.Hour

	// refreshRetry is how long a refresh token that was just used gives the same next one
	// again, for the client that lost the answer.
	refreshRetry = 10 * time.Second
)

// Refresh answers POST /refresh {refresh_token}: 200, with another access token, and
// another refresh token in the place of the one that was sent. A refresh token that was
// used before ends its session: either the client or a thief has kept a copy.
// https://www.rfc-editor.org/rfc/rfc9700#section-4.14
func (routes *Routes) Refresh(w http.ResponseWriter, r *http.Request) error {
	var input struct {
		RefreshToken *string `json:"refresh_token"`
	}
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	if input.RefreshToken == nil {
		return model.BadInput("refresh_token", "a refresh_token is required")
	}
	session, next, access, err := routes.refresh(r.Context(), *input.RefreshToken)
	if err != nil {
		return err
	}
	web.NoteUser(w, session.UserID)
	return routes.answerTokens(w, http.StatusOK, session, next, access)
}

// refresh renews the session of a refresh token, and returns it with its next secret and an access
// token. That is made first: where a project's own claims are not to be had, the refresh token
// stays good.
// ErrInvalidToken, wrapped with the reason: the token is none, or not any more. ErrUnverified. web.Busy:
// others changed the session at the same time.
func (routes *Routes) refresh(ctx context.Context, token string) (session *account.Session, next secret, access string, err error) {
	presented, key, err := routes.refreshTokens.parse(token)
	if err != nil {
		return nil, next, "", fmt.Errorf("%w: %w", ErrInvalidToken, err)
	}
	next = presented.next(key)
	const maxTries = 3 // the second finds what another refresh has made of the session
	for range maxTries {
		user, session, err := routes.store.Session(ctx, presented.userID.String(), presented.sessionID.String())
		switch {
		case errors.Is(err, model.ErrNotFound):
			return nil, next, "", fmt.Errorf("%w: the session has ended", ErrInvalidToken)
		case err != nil:
			return nil, next, "", err
		case isLostAnswer(session, presented.secret, next):
			access, err = routes.issue(ctx, session)
			return session, next, access, err
		case !bytes.Equal(session.Secret, presented.secret.hash()):
			if err := routes.store.DeleteSession(ctx, session.UserID, session.ID); err != nil {
				return nil, next, "", err // and not that the token is invalid: the session goes on
			}
			routes.accounts.record.Write(ctx, audit.Event{Name: audit.TokenReuse, UserID: session.UserID, SessionID: session.ID, Method: "refresh token"})
			return nil, next, "", fmt.Errorf("%w: the refresh token was used before", ErrInvalidToken)
		}
		if err := routes.accounts.Admit(ctx, user); err != nil {
			return nil, next, "", err
		}
		if access, err = routes.issue(ctx, session); err != nil {
			return nil, next, "", err
		}
		err = routes.store.RenewSession(ctx, session, next.hash(), SessionLife)
		if !errors.Is(err, model.ErrConflict) {
			return session, next, access, err
		}
	}
	return nil, next, "", web.Busy(time.Second)
}

// isLostAnswer tells whether the session was renewed by the presented secret just now.
func isLostAnswer(session *account.Session, presented, next secret) bool {
	return bytes.Equal(session.FormerSecret, presented.hash()) &&
		bytes.Equal(session.Secret, next.hash()) &&
		time.Since(session.LastUsedAt.Time()) <= refreshRetry
}

package account

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// Session is an item of the sessions table, and the type Session of the schema: one
// signed-in device of a user. Of the secret that renews it, it holds SHA-256 hashes.
type Session struct {
	UserID       string         `dynamo:"userId,hash"`
	ID           string         `dynamo:"id,range"`
	Epoch        int            `dynamo:"epoch"` // the user's SessionEpoch when it was opened
	Secret       []byte         `dynamo:"secret,omitempty"`
	FormerSecret []byte         `dynamo:"formerSecret,omitempty"` // until LastUsedAt
	CreatedAt    model.DateTime `dynamo:"createdAt"`
	LastUsedAt   model.DateTime `dynamo:"lastUsedAt"` // when it was last renewed
	UserAgent    string         `dynamo:"userAgent"`
	TTL          int64          `dynamo:"ttl"` // Unix seconds; ended from then on, swept some time later
}

// NewSession returns a session of that life, not yet kept, of no user, and without a
// secret to renew it by.
func NewSession(life time.Duration, userAgent string) *Session {
	now := model.Now()
	return &Session{
		ID:         model.NewID(),
		CreatedAt:  now,
		LastUsedAt: now,
		UserAgent:  userAgent,
		TTL:        now.Time().Add(life).Unix(),
	}
}

// copied returns a copy of the session, of which nothing is shared that anybody may change.
func (s *Session) copied() *Session {
	copied := *s
	copied.Secret, copied.FormerSecret = bytes.Clone(s.Secret), bytes.Clone(s.FormerSecret)
	return &copied
}

// IsNode marks Session as a Node of the schema.
func (*Session) IsNode() {}

// GlobalID returns the session's id as the schema shows it.
func (s *Session) GlobalID() string { return model.GlobalID("Session", s.ID) }

// MaxSession is how long a session may last, however much it is used, unless
// [Store.LimitSessions] says otherwise.
const MaxSession = 90 * 24 * time.Hour

// LimitSessions has sessions end so long after they were opened. Call it before the store is used.
func (s *Store) LimitSessions(max time.Duration) { s.maxSession = max }

// isLive tells whether the session is good for its user. One of before there was a limit, or of a
// wider one, ends as of now.
func (s *Store) isLive(session *Session, user *User) bool {
	now := time.Now()
	return session.Epoch == user.SessionEpoch && session.TTL > now.Unix() && now.Sub(session.CreatedAt.Time()) < s.maxSession
}

// endOf returns when a session ends that is used at that time, in Unix seconds.
func (s *Store) endOf(session *Session, used model.DateTime, life time.Duration) int64 {
	return min(used.Time().Add(life).Unix(), session.CreatedAt.Time().Add(s.maxSession).Unix())
}

// OpenSession keeps session for the user who signs in by login, and forgets the
// failed attempts on the account, in one BatchWriteItem.
func (s *Store) OpenSession(ctx context.Context, login *Login, session *Session, key AttemptKey) error {
	session.UserID = login.UserID
	session.Epoch = login.SessionEpoch
	session.TTL = min(session.TTL, s.endOf(session, session.CreatedAt, s.maxSession))
	_, err := s.sessions.Batch("userId", "id").Write().
		Put(session).
		DeleteIn(s.attempts, "id", dynamo.Keys{key}).
		Run(ctx)
	if err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	return nil
}

// DeleteSession ends a session. One that is not there has ended already.
func (s *Store) DeleteSession(ctx context.Context, userID, id string) error {
	if err := s.sessions.Delete("userId", userID).Range("id", id).Run(ctx); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// RenewSession replaces the session's secret by the one with this hash, and lets the
// session live on for life from now, within the limit. ErrConflict: it has another secret by now, or has
// ended.
func (s *Store) RenewSession(ctx context.Context, session *Session, secret []byte, life time.Duration) error {
	now := model.Now()
	err := s.sessions.Update("userId", session.UserID).Range("id", session.ID).
		Set("secret", secret).
		Set("formerSecret", session.Secret).
		Set("lastUsedAt", now).
		Set("ttl", s.endOf(session, now, life)).
		If("secret = ?", session.Secret).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrConflict
	case err != nil:
		return fmt.Errorf("renew session: %w", err)
	}
	return nil
}

// ProlongSession lets the session live on for life from now, within the limit. One that has ended stays so.
func (s *Store) ProlongSession(ctx context.Context, session *Session, life time.Duration) error {
	now := model.Now()
	err := s.sessions.Update("userId", session.UserID).Range("id", session.ID).
		Set("lastUsedAt", now).
		Set("ttl", s.endOf(session, now, life)).
		If("attribute_exists(id)").
		Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return fmt.Errorf("prolong session: %w", err)
	}
	return nil
}

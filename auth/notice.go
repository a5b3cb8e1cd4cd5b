package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// noticeLife is how long a notice is tried to be sent. Its link is good no longer.
const noticeLife = account.UndoLife

// notice returns what a change is to be told of as: nothing, where no mail is sent.
func (p *Post) notice(kind MailKind) account.NoticeKind {
	if !p.sends() {
		return ""
	}
	return account.NoticeKind(kind)
}

// deliverNotices has the notices sent that changes of accounts promise. They wait in the outbox, apart
// from all other mails, until the mail server has taken them.
func (p *Post) deliverNotices(undos undoTokens) {
	if !p.sends() {
		return
	}
	p.store.DB().OnOutbox(account.OutboxNotice, func(ctx context.Context, promise *model.Promise) error {
		var notice account.Notice
		if err := promise.Read(&notice); err != nil {
			return err
		}
		if time.Since(promise.MadeAt) > noticeLife {
			slog.ErrorContext(ctx, "mail given up", "kind", string(notice.Kind), "user", notice.UserID)
			return nil
		}
		if _, err := p.store.Undo(ctx, notice.UserID, notice.UndoID); errors.Is(err, model.ErrNotFound) {
			return nil // it was undone already, or the user is gone
		} else if err != nil {
			return err
		}
		token, err := undos.of(notice.UserID, notice.UndoID)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, postTimeout)
		defer cancel()
		if err := p.send(ctx, MailKind(notice.Kind), notice.To, undoPath, token); err != nil {
			return fmt.Errorf("mail not sent: %s to user %s: %w", notice.Kind, notice.UserID, err)
		}
		return nil
	})
}

// Settle returns when all mails that were asked for so far have been tried to be sent, those of the outbox
// too, or ctx is done: then it returns its error. It is for those who look into the mailbox of dev.
func (p *Post) Settle(ctx context.Context) error {
	const lookAgain = 5 * time.Millisecond
	for {
		isUntried, err := p.store.DB().IsUntried(ctx, account.OutboxNotice, model.OutboxInvitation)
		if err != nil {
			return err
		}
		if !isUntried {
			return p.Wait(ctx)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookAgain):
		}
	}
}

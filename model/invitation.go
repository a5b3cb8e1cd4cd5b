package model

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"
)

// An Invitation is what items of T say: that whoever has an address, and has proved to read its mail, may
// become a member of an object. Such an item is open for [InvitationLife], and then as if it were not there,
// until a sweep takes it out. Whoever is invited reads it, and accepts or declines it.
//
// Nobody invites to a role that is higher than their own. What whoever has sent an invitation may not do any
// more, it does not do either.
type Invitation[T any] = InvitationOf[*T]

// InvitationOf is [Invitation] by the pointer to its type.
type InvitationOf[P any] struct {
	To    Target // a *Model with a Membership: the memberships that come of it
	Field string // the Parent's Field that has the id of what users are invited to
	Email func(P) *string
	Role  func(P) string // nil: there are no roles
}

// InvitationLife is how long an invitation is open.
const InvitationLife = 7 * 24 * time.Hour

// OutboxInvitation is the kind under which the mail of an invitation is promised, to whoever sends mail: its
// id as JSON.
const OutboxInvitation = "invitation"

// errVoidInvitation refuses what comes of an invitation whose sender could not send it any more.
var errVoidInvitation = &Error{Code: CodeForbidden, Kind: ErrForbidden, Message: "whoever has sent the invitation may not do so any more: ask for another"}

// Invited holds for whoever has the address of an [Invitation], verified.
var Invited = Term{admits: func(caller Caller) bool { return caller.isSignedIn() && caller.VerifiedEmail != "" }, isInvited: true}

// receivedIndex lists what was sent to one address.
var receivedIndex = Index{"email", "id"}

// Received is [ModelOf.Received].
func (m *core) Received(ctx context.Context, caller Caller, userID string, page Page) (*ConnectionOf[anyItem], error) {
	email := ""
	if caller.ID == userID {
		email = caller.VerifiedEmail
	}
	return m.List(ctx, caller, receivedIndex, email, page)
}

// isInvited tells whether the item was sent to the caller.
func (m *core) isInvited(caller Caller, item anyItem) bool {
	by := m.definition.Invitation
	return by != nil && caller.VerifiedEmail != "" && *by.Email(item) == caller.VerifiedEmail
}

// isExpired tells whether the item is an invitation that is open no longer.
func (m *core) isExpired(item anyItem) bool {
	return m.definition.Invitation != nil && time.Since(item.base().CreatedAt.Time()) > InvitationLife
}

// setEmail gives an invitation the one spelling of its address. Code BAD_USER_INPUT: it is none.
func (m *core) setEmail(item anyItem) (err error) {
	by := m.definition.Invitation
	if by == nil || m.db.users.Canonical == nil {
		return nil
	}
	*by.Email(item), err = m.db.users.Canonical(*by.Email(item))
	return err
}

// LimitInvitations has limit be asked before somebody makes an invitation, who may. It is called before the DB
// is used.
func (db *DB) LimitInvitations(limit func(ctx context.Context, caller Caller) error) {
	db.invitationLimit = limit
}

// countInvitation counts a new item, if it is an invitation.
func (m *core) countInvitation(ctx context.Context, caller Caller) error {
	if m.definition.Invitation == nil || m.db.invitationLimit == nil || caller.isSystem {
		return nil
	}
	return m.db.invitationLimit(ctx, caller)
}

// staysInvitation refuses to make an invitation one of somebody else, to something else, which code of a project
// may try.
func (m *core) staysInvitation(before, after anyItem) error {
	by := m.definition.Invitation
	if by == nil {
		return nil
	}
	object := m.parent(by.Field).ID
	if *by.Email(before) == *by.Email(after) && object(before) == object(after) && m.roleOf(before) == m.roleOf(after) {
		return nil
	}
	return fmt.Errorf("change what an item of %s invites to, or whom: an invitation stays what was mailed: delete it, and make another", m.table.Name())
}

// mayInvite tells whether the caller may give the role that an item invites to: nil, or ErrForbidden.
func (m *core) mayInvite(ctx context.Context, caller Caller, item anyItem) error {
	by := m.definition.Invitation
	if by == nil || caller.isSystem {
		return nil
	}
	return by.To.target().(anyMembership).mayGiveRole(ctx, caller, m.parent(by.Field).ID(item), m.roleOf(item))
}

// roleOf returns the role that an item invites to.
func (m *core) roleOf(item anyItem) string {
	if by := m.definition.Invitation; by.Role != nil {
		return by.Role(item)
	}
	return ""
}

// promiseMail adds to a transaction that the mail of a new invitation is sent, where this process sends mail.
func (m *core) promiseMail(item anyItem, plan *txPlan) error {
	if m.definition.Invitation == nil || m.db.outbox.handlers[OutboxInvitation] == nil {
		return nil
	}
	promise := m.db.Promise(OutboxInvitation, item.base().ID)
	return plan.add(nil, func(write *dynamo.WriteTx) { write.Put(promise) })
}

// Accept is [ModelOf.Accept].
func (m *core) Accept(ctx context.Context, caller Caller, global string) (membershipID string, err error) {
	return m.accept(ctx, caller, m.localID(global))
}

func (m *core) accept(ctx context.Context, caller Caller, id string) (membershipID string, err error) {
	if m.definition.Invitation == nil {
		return "", ErrNotFound
	}
	ctx, forget := withoutReads(ctx)
	defer forget()
	err = m.db.Transact(ctx, func(tx *Tx) error {
		within := tx.within(ctx)
		found, err := m.permittedByID(within, caller, OnRead, []string{id})
		if err != nil {
			return err
		}
		item := found[id]
		if item == nil || !m.isInvited(caller, item) {
			return ErrNotFound
		}
		by := m.definition.Invitation
		object, role := m.parent(by.Field).ID(item), m.roleOf(item)
		if err := m.isStillSent(within, item); err != nil {
			return m.refused(ctx, caller, OnCreate, item, err)
		}
		if membershipID, err = by.To.target().(anyMembership).admit(within, tx, caller, object, role); err != nil {
			return err
		}
		m.In(tx).removeAhead(ctx, item)
		return nil
	})
	return membershipID, err
}

// isStillSent tells whether whoever has sent an invitation could do so now: nil, or errVoidInvitation.
func (m *core) isStillSent(ctx context.Context, item anyItem) error {
	senderID := item.base().OwnerID
	if senderID == "" {
		return nil // code of the project has
	}
	sender, err := m.db.users.callerOf(ctx, senderID)
	if errors.Is(err, ErrNotFound) {
		return errVoidInvitation
	}
	if err != nil {
		return err
	}
	isPermitted, err := m.isPermitted(ctx, sender, OnCreate, item)
	if err != nil {
		return err
	}
	if !isPermitted {
		return errVoidInvitation
	}
	err = m.mayInvite(ctx, sender, item)
	if errors.Is(err, ErrForbidden) {
		return errVoidInvitation
	}
	return err
}

// A SentInvitation is what the mail of an invitation, and the page that its link leads to, have to know.
type SentInvitation struct {
	ID       string
	Email    string // canonical
	SenderID string // empty: code of the project has sent it
	MadeAt   time.Time
}

// Invitation returns the open invitation with this id, of whatever type. ErrNotFound: there is none.
// [ErrForbidden], with the invitation: whoever has sent it may not do so any more.
func (db *DB) Invitation(ctx context.Context, id string) (*SentInvitation, error) {
	for _, model := range db.models {
		if sent, err := model.sentInvitation(ctx, id); !errors.Is(err, ErrNotFound) {
			return sent, err
		}
	}
	return nil, ErrNotFound
}

// AcceptInvitation is [Model.Accept] of the invitation with this id, of whatever type.
func (db *DB) AcceptInvitation(ctx context.Context, caller Caller, id string) error {
	for _, model := range db.models {
		if _, err := model.accept(ctx, caller, id); !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return ErrNotFound
}

// sentInvitation is [DB.Invitation] of the model.
func (m *core) sentInvitation(ctx context.Context, id string) (*SentInvitation, error) {
	if m.definition.Invitation == nil {
		return nil, ErrNotFound
	}
	found, err := m.read(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	item := found[id]
	if item == nil || item.base().deleting != "" || m.isExpired(item) {
		return nil, ErrNotFound
	}
	base := item.base()
	return &SentInvitation{id, *m.definition.Invitation.Email(item), base.OwnerID, base.CreatedAt.Time()}, m.isStillSent(ctx, item)
}

package model

import (
	"context"
	"iter"
)

// A Model is one of the schema's types T: its table, and all that the schema says of it.
type Model[T any] = ModelOf[*T]

// ModelOf is [Model] by the pointer to its type. Generic types are so, here: Go compiles them once for all pointers, but
// anew for each struct. It has no more methods than a project calls, since Go compiles all of them for each type, in each
// package that has a Store in sight.
type ModelOf[P any] struct{ core *core }

// New returns the model of a type, whose objects are in a table: of that name, after the
// prefix. It is of use once it is defined.
func New[T any, P objectOf[T]](db *DB, typeName, table string) *Model[T] {
	m := &core{
		db:       db,
		typeName: typeName,
		table:    db.dynamo.Table(db.prefix + table),
		zero:     func() anyItem { return P(new(T)) },
		assign:   func(to, from anyItem) { *to.(P) = *from.(P) },
		item:     *new(T),
	}
	db.models = append(db.models, m)
	return &Model[T]{m}
}

// Define says what the model is. What it belongs to must have been made, by New, and need not
// be defined.
func Define[P any](m *ModelOf[P], definition DefinitionOf[P]) {
	m.core.define(untypedDefinition(definition))
}

// A Target is what items belong to: a [Model], or [DB.Users].
type Target interface{ target() anyParent }

func (m *ModelOf[P]) target() anyParent { return m.core }

// Create keeps a new item, which set fills in, and whose owner is the caller: in one PutItem,
// or one transaction with its unique values and a check that its parents are still there.
//
// Code BAD_USER_INPUT: a value is not one. [ErrNoParent]: a parent is none that the caller
// may read. [ErrForbidden]: the rules do not allow it. [ErrTaken]: another has a unique value.
//
// The SDK tries again what was not answered, and makes no second item. A client that
// does so makes one, unless the item has a unique value: then it gets ErrTaken. See
// [Model.CreateOnce].
func (m *ModelOf[P]) Create(ctx context.Context, caller Caller, set func(P)) (P, error) {
	return typedItem[P](m.core.Create(ctx, caller, untypedSet(set)))
}

// CreateOnce is [Model.Create] that can be sent again, where key is a UUIDv7 (RFC 9562) that was made
// within the last 10 minutes, and the caller is signed in: the same caller, key and set get the item
// that was made at first, as it is by now. With any other key, such as nil, it is Create.
//
// The item's id is made of the key's time and a MAC over caller, type and key, so that DynamoDB
// itself refuses a second one; which input it was made of, a tag in the item tells. That costs no
// write more, and a read only where BeforeCreate is not to run twice, where something has failed,
// and while keys are rotated. AfterCreate runs for the try that has made the item. One that is
// deleted meanwhile is made anew. Where set gives the item an id, see [GiveID], that is the key instead, for
// as long as it is one that a client may give. set may be called several times.
//
// Code CONFLICT: the key was given with another input before. Others: see Create.
func (m *ModelOf[P]) CreateOnce(ctx context.Context, caller Caller, key *string, set func(P)) (P, error) {
	return typedItem[P](m.core.CreateOnce(ctx, caller, key, untypedSet(set)))
}

// CreateOnceOf is CreateOnce by the creation's ClientMutationID. [ErrForbidden] with the Field: the rules of
// a field that it gives do not allow that.
func (m *ModelOf[P]) CreateOnceOf(ctx context.Context, caller Caller, c CreationOf[P]) (P, error) {
	return typedItem[P](m.core.CreateOnceOf(ctx, caller, untypedCreation(c)))
}

// CreateAll is [Model.CreateOnce] of several items in one transaction: all are made, or none. By the same
// key they are made once, together; of those that were made then, what is deleted meanwhile is made anew.
//
// Errors are those of Create and of [DB.Transact], and their Field names the element: `posts[3].title`.
// Code BAD_USER_INPUT: there are more than [Bulk] says.
func (m *ModelOf[P]) CreateAll(ctx context.Context, caller Caller, key *string, creations []CreationOf[P]) (items []P, err error) {
	return typedItems[P](m.core.CreateAll(ctx, caller, key, mapped(creations, untypedCreation[P])))
}

// Update applies change to the item with this global id, writes the attributes that
// differ then, and returns the item as it is after it. Attributes that T does not have
// stay. A change of nothing writes nothing.
//
// [ErrNotFound]: there is none that the caller may read. [ErrForbidden]: the rules do not
// allow it. Code BAD_USER_INPUT: a value is not one. [ErrConflict]: its version is not the
// expected one, or others keep changing it. [ErrTaken]: another has a unique value.
//
// The SDK, or a client, may try again what was done and not answered. With an expected
// version that gets ErrConflict; without, the change is applied to what it has made of
// the item, which mostly is no change any more.
func (m *ModelOf[P]) Update(ctx context.Context, caller Caller, global string, expectedVersion *int, change func(P)) (P, error) {
	return typedItem[P](m.core.Update(ctx, caller, global, expectedVersion, untypedSet(change)))
}

// Apply is [Model.Update] by a change that may increment numbers. However many do so at once, none is
// lost, and none is counted twice, though the SDK may try again what was not answered: it is written
// in a transaction, which DynamoDB knows again. A client that sends it again increments again, unless it
// gives the expected version.
func (m *ModelOf[P]) Apply(ctx context.Context, caller Caller, change ChangeOf[P]) (P, error) {
	return typedItem[P](m.core.Apply(ctx, caller, untypedChange(change)))
}

// ApplyAll is [Model.Apply] of several changes, each of another item, in one transaction: all are made, or
// none. Errors: see CreateAll.
func (m *ModelOf[P]) ApplyAll(ctx context.Context, caller Caller, changes []ChangeOf[P]) (items []P, err error) {
	return typedItems[P](m.core.ApplyAll(ctx, caller, mapped(changes, untypedChange[P])))
}

// Delete deletes the item with this global id, and returns it as it was.
//
// What belongs to it by CASCADE goes after it, however much that is and however deep: the same
// transaction promises it. As much of it as there is time for is gone when Delete returns, and the
// rest soon, by the outbox; see removal.
//
// An item that RESTRICT may hold is marked first, as "deleting": from then on it is not there for
// anybody, nor can anything be made that belongs to it. Then it is seen whether something holds it,
// near or far. If so, the item is as it was; else it goes. Where that takes longer than there is
// time for, the outbox goes on with it, and Delete returns as if the item was deleted: should
// something far below hold it, it comes back. Whether something belongs to an item is a matter of an
// index: on AWS, what was written the moment before may be overlooked, until Sweep finds it.
//
// [ErrNotFound], [ErrForbidden], [ErrConflict]: see Update. [ErrHeld]: something belongs to it
// with RESTRICT. The SDK, or a client, may try again what was done and not answered:
// that gets ErrNotFound.
func (m *ModelOf[P]) Delete(ctx context.Context, caller Caller, global string, expectedVersion *int) (P, error) {
	return typedItem[P](m.core.Delete(ctx, caller, global, expectedVersion))
}

// DeleteAll is [Model.Delete] of several items in one transaction: all go, or none. It returns them as they
// were. What belongs to them by CASCADE goes after them, as after one. Where something may hold them, all
// are marked first, and it is seen whether one is held: see Delete. Errors: see CreateAll; the list is `ids`.
func (m *ModelOf[P]) DeleteAll(ctx context.Context, caller Caller, globals []string) (items []P, err error) {
	return typedItems[P](m.core.DeleteAll(ctx, caller, globals))
}

// Transfer gives the item with this global id to a user, who owns it from then on, and returns it as it is
// after that. It is a write of its own: no rule allows it beside what it says of OnTransfer. The user is one
// whom the caller may name, as for what belongs to a user: the caller, or somebody whom the caller may see.
// The new owner has the highest role of the members that the item has, by the same transaction, as who makes
// one has. The hooks are those of an update.
//
// What the caller may do to the item from then on, the rules say again: the caller may have lost it.
//
// [ErrNotFound], [ErrForbidden], [ErrConflict]: see Update. [ErrNoParent], of the field to: there is no such
// user, or the caller may not know of them. [ErrTaken]: the user has one already that has the same values
// of what is unique for each owner.
func (m *ModelOf[P]) Transfer(ctx context.Context, caller Caller, input TransferInput) (P, error) {
	return typedItem[P](m.core.Transfer(ctx, caller, input))
}

// ByID returns the items with these ids that the caller may read, by id, in one
// strongly consistent BatchGetItem for each 100, and what the rules need beside.
func (m *ModelOf[P]) ByID(ctx context.Context, caller Caller, ids []string) (map[string]P, error) {
	found, err := m.core.ByID(ctx, caller, ids)
	if found == nil {
		return nil, err
	}
	byID := make(map[string]P, len(found))
	for id, item := range found {
		byID[id] = typed[P](item)
	}
	return byID, err
}

// Get returns the item with this id, which is not the global one. ErrNotFound: there is none
// that the caller may read.
func (m *ModelOf[P]) Get(ctx context.Context, caller Caller, id string) (P, error) {
	return typedItem[P](m.core.Get(ctx, caller, id))
}

// Load returns the item with this id, which is not the global one: nil where there is none
// that the caller may read. In an operation it is read together with others, see [WithReads].
func (m *ModelOf[P]) Load(ctx context.Context, caller Caller, id string) (P, error) {
	return typedItem[P](m.core.Load(ctx, caller, id))
}

// ByUnique returns the item that has the value in a @unique field, in two strongly
// consistent reads. ErrNotFound: there is none that the caller may read.
func (m *ModelOf[P]) ByUnique(ctx context.Context, caller Caller, field, value string) (P, error) {
	return typedItem[P](m.core.ByUnique(ctx, caller, field, value))
}

// List returns a page of the items whose attribute index.Hash is hash and that the
// caller may read, in the order of index.Sort; for the index of OfAll hash is nil, see All. Others are
// passed over: see PageInfo. A page without them costs one Query, one more where it is to end before
// a cursor, and what the rules need beside. On AWS it may lag behind a write for a moment.
//
// So are those passed over that the page's filter does not match. What DynamoDB can tell of it, it is
// told: bounds of index.Sort are of what it reads, all else of what it gives of that.
//
// Code BAD_USER_INPUT: the page asks for too much, or a cursor is of another order or filter.
func (m *ModelOf[P]) List(ctx context.Context, caller Caller, index Index, hash any, page Page) (*ConnectionOf[P], error) {
	return typedConnection[P](m.core.List(ctx, caller, index, hash, page))
}

// All is List of all that the caller may read, by id, which is by age. Whom the rules let read nothing
// but their own, see OwnerBy, gets what ByOwner or ByParent gives, and passes over nobody else's. So does whom
// they let read what is their own, or of what they are a member of: a page is merged of those lists, for a Query
// of each, of the first MaxTogether that the caller has become a member of. A page of all others costs a
// Query for each of 8 parts of the index, at the same time.
//
// An error: the type's Definition has no OfAll, and the caller, such as System, may read more than that.
func (m *ModelOf[P]) All(ctx context.Context, caller Caller, page Page) (*ConnectionOf[P], error) {
	return typedConnection[P](m.core.All(ctx, caller, page))
}

// ByOwner is List of what a user owns, by id, which is by age.
func (m *ModelOf[P]) ByOwner(ctx context.Context, caller Caller, ownerID string, page Page) (*ConnectionOf[P], error) {
	return typedConnection[P](m.core.ByOwner(ctx, caller, ownerID, page))
}

// ByParent is List of what belongs to a parent, by id, which is by age. field is the [Parent]'s.
func (m *ModelOf[P]) ByParent(ctx context.Context, caller Caller, field, id string, page Page) (*ConnectionOf[P], error) {
	return typedConnection[P](m.core.ByParent(ctx, caller, field, id, page))
}

// ParentIndex is the index of what belongs to a parent. field is the [Parent]'s.
func (m *ModelOf[P]) ParentIndex(field string) Index { return m.core.ParentIndex(field) }

// Each goes through all items whose attribute index.Hash is hash and that the caller may read,
// as they are in the table, not in the index, which on AWS may lag behind for a moment.
func (m *ModelOf[P]) Each(ctx context.Context, caller Caller, index Index, hash string) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		for item, err := range m.core.Each(ctx, caller, index, hash) {
			if !yield(typed[P](item), err) {
				return
			}
		}
	}
}

// Edge returns an item as it stands, for the caller, in each of the lists by id that have it: its
// owner's, those of its parents, and those by an index.
func (m *ModelOf[P]) Edge(caller Caller, item P) *EdgeOf[P] {
	return typedEdge[P](m.core.Edge(caller, untyped(item)))
}

// Received is List of the invitations to a user's address, which the user alone is given, once that is
// verified.
func (m *ModelOf[P]) Received(ctx context.Context, caller Caller, userID string, page Page) (*ConnectionOf[P], error) {
	return typedConnection[P](m.core.Received(ctx, caller, userID, page))
}

// ReceivedIndex is the index of what was sent to one address.
func (m *ModelOf[P]) ReceivedIndex() Index { return receivedIndex }

// Accept makes the caller a member, as the invitation with this global id says, which is used up, in one
// transaction. It returns the id of the membership, which may have been there before.
//
// [ErrNotFound]: there is no such invitation to the caller's verified address. [ErrForbidden]: whoever has sent
// it may not invite to that any more, or the caller comes by a service token that may not.
func (m *ModelOf[P]) Accept(ctx context.Context, caller Caller, global string) (membershipID string, err error) {
	return m.core.Accept(ctx, caller, global)
}

// MayReadField tells whether the caller may read a field of an item that it may read, by the rules of the
// field, whose name is that in the schema. One that has no rules may be read.
//
// What the rules read by id is read together for all fields of an operation that are asked for at once.
func (m *ModelOf[P]) MayReadField(ctx context.Context, caller Caller, item P, field string) (bool, error) {
	return m.core.MayReadField(ctx, caller, untyped(item), field)
}

// PlanOf is of [Explained].
func (m *ModelOf[P]) PlanOf(caller Caller, list Index, page Page) (ListPlan, error) {
	return m.core.PlanOf(caller, list, page)
}

// PlanOfCount is of [Explained].
func (m *ModelOf[P]) PlanOfCount(caller Caller, list Index, page Page) (ListPlan, error) {
	return m.core.PlanOfCount(caller, list, page)
}

// RuleReads is of [Explained].
func (m *ModelOf[P]) RuleReads(caller Caller, op Operation) []RuleRead {
	return m.core.RuleReads(caller, op)
}

// FieldReads is of [Explained].
func (m *ModelOf[P]) FieldReads(caller Caller, field string) []RuleRead {
	return m.core.FieldReads(caller, field)
}

// TypeName is of [Explained].
func (m *ModelOf[P]) TypeName() string { return m.core.typeName }

// WriteOf is of [Explained].
func (m *ModelOf[P]) WriteOf(op Operation) WritePlan { return m.core.WriteOf(op) }

// A Writer collects the writes of one model for a transaction.
type Writer[T any] = WriterOf[*T]

// WriterOf is [Writer] by the pointer to its type.
type WriterOf[P any] struct{ writer writer }

// In returns what collects writes of the model for tx.
func (m *ModelOf[P]) In(tx *Tx) *WriterOf[P] { return &WriterOf[P]{m.core.In(tx)} }

// Create is [Model.Create] in the transaction. What it returns is what will be written: leave it as
// it is.
func (w *WriterOf[P]) Create(ctx context.Context, caller Caller, set func(P)) (P, error) {
	return typedItem[P](w.writer.Create(ctx, caller, untypedSet(set)))
}

// CreateOnce is [Model.CreateOnce] in the transaction. Where the item was made by an earlier try, all
// that the transaction writes was written with it, and so nothing is: write gets that item, and what
// else it is told to write does not count.
func (w *WriterOf[P]) CreateOnce(ctx context.Context, caller Caller, key *string, set func(P)) (P, error) {
	return typedItem[P](w.writer.CreateOnce(ctx, caller, key, untypedSet(set)))
}

// Update is [Model.Update] in the transaction. What it returns is what will be written: leave it
// as it is. Its version is that of before until the transaction is done.
func (w *WriterOf[P]) Update(ctx context.Context, caller Caller, global string, expectedVersion *int, change func(P)) (P, error) {
	return typedItem[P](w.writer.Update(ctx, caller, global, expectedVersion, untypedSet(change)))
}

// Apply is [Model.Apply] in the transaction, as Update is.
func (w *WriterOf[P]) Apply(ctx context.Context, caller Caller, change ChangeOf[P]) (P, error) {
	return typedItem[P](w.writer.Apply(ctx, caller, untypedChange(change)))
}

// Delete is [Model.Delete] in the transaction.
func (w *WriterOf[P]) Delete(ctx context.Context, caller Caller, global string, expectedVersion *int) (P, error) {
	return typedItem[P](w.writer.Delete(ctx, caller, global, expectedVersion))
}

// Transfer is [Model.Transfer] in the transaction. What it returns is what will be written: leave it as it is.
// Its version is that of before until the transaction is done.
func (w *WriterOf[P]) Transfer(ctx context.Context, caller Caller, input TransferInput) (P, error) {
	return typedItem[P](w.writer.Transfer(ctx, caller, input))
}

package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"
)

const (
	sentAgainFor = 10 * time.Minute // how long a create may be sent again
	clockAhead   = time.Minute      // by how much a client's clock may be
)

// inputTag is the attribute by which a create that is sent again is known. No field of a schema has
// such a name.
const inputTag = "input-tag"

// CreateOnce is [Model.Create] that can be sent again, where key is a UUIDv7 (RFC 9562) that was made
// within the last 10 minutes, and the caller is signed in: the same caller, key and set get the item
// that was made at first, as it is by now. With any other key, such as nil, it is Create.
//
// The item's id is made of the key's time and a MAC over caller, type and key, so that DynamoDB
// itself refuses a second one; which input it was made of, a tag in the item tells. That costs no
// write more, and a read only where BeforeCreate is not to run twice, where something has failed,
// and while keys are rotated. AfterCreate runs for the try that has made the item. One that is
// deleted meanwhile is made anew.
//
// Code CONFLICT: the key was given with another input before. Others: see Create.
func (m *Model[T]) CreateOnce(ctx context.Context, caller Caller, key *string, set func(*T)) (*T, error) {
	creation, err := m.creationOf(caller, key, set, bulkPart{})
	if err != nil {
		return nil, err
	}
	if creation == nil {
		return m.Create(ctx, caller, set)
	}
	ctx, forget := withoutReads(ctx)
	defer forget()
	if m.isWrittenWithOthers() {
		return m.createWithOthers(ctx, caller, key, set)
	}
	if creation.isReadFirst(m.definition.Hooks.BeforeCreate != nil) {
		if first, err := m.first(ctx, caller, creation); first != nil || err != nil {
			return first, err
		}
	}
	item, err := m.created(ctx, caller, creation, set)
	if err == nil {
		err = m.put(ctx, item)
	}
	if err != nil {
		if IsUnavailable(err) {
			return nil, err
		}
		if first, failed := m.first(ctx, caller, creation); first != nil || failed != nil {
			return first, failed
		}
		return nil, m.db.tellTaken(ctx, caller, err)
	}
	return item, runHook(ctx, caller, m.definition.Hooks.AfterCreate, item)
}

// A creation is how a create that is sent again is known.
type creation struct {
	ids   []string // that the item may have, one of each of the sealer's keys; a new one has the first
	input []byte   // what the item is made of
	scope string   // caller, type and key
}

// A bulkPart is which of how many creations by one key it is. The zero part is the only one.
type bulkPart struct{ index, of int }

// creationOf returns nil where a create by that key is not to be known again.
func (m *Model[T]) creationOf(caller Caller, key *string, set func(*T), part bulkPart) (*creation, error) {
	if key == nil || !caller.isSignedIn() {
		return nil, nil
	}
	made, err := uuid.Parse(*key)
	if err != nil || made.String() != *key || made.Version() != 7 || made.Variant() != uuid.RFC4122 {
		return nil, nil
	}
	seconds, nanoseconds := made.Time().UnixTime()
	age := time.Since(time.Unix(seconds, nanoseconds))
	if age > sentAgainFor || age < -clockAhead {
		return nil, nil
	}
	item := m.new()
	set(item)
	attributes, err := dynamo.MarshalItem(item)
	if err != nil {
		return nil, m.writeError("create", err)
	}
	for _, rename := range m.definition.Renames { // a server that knows the former name sees the same input
		if value, isGiven := attributes[rename.To]; isGiven {
			delete(attributes, rename.To)
			attributes[rename.From] = value
		}
	}
	input, err := json.Marshal(attributes)
	if err != nil {
		return nil, m.writeError("create", err)
	}
	c := &creation{input: input, scope: "create\x00" + caller.ID + "\x00" + m.name() + "\x00" + *key}
	if part.of > 0 {
		c.input = fmt.Appendf(c.input, "\x00%d", part.of)
		c.scope += fmt.Sprintf("\x00%d", part.index)
	}
	for _, key := range m.db.sealer {
		id := made
		copy(id[6:], key.tagOf(c.scope, []byte("id")))
		id[6] = id[6]&0x0f | 0x70 // version 7
		id[8] = id[8]&0x3f | 0x80 // its variant
		c.ids = append(c.ids, id.String())
	}
	return c, nil
}

// isReadFirst tells whether it is looked for the item before anything is done.
func (c *creation) isReadFirst(hasHook bool) bool { return hasHook || len(c.ids) > 1 }

// errMade tells that the item of a creation is there already.
var errMade = &Error{Code: CodeConflict, Message: ErrConflict.Message, Kind: ErrConflict}

// first returns the item that an earlier try has made; nil where there is none. Code CONFLICT: it was
// made of another input. ErrNotFound: it has been changed, and the caller may read it no more.
func (m *Model[T]) first(ctx context.Context, caller Caller, c *creation) (*T, error) {
	if !caller.scopes.have(OnCreate, m.typeName, m.name()) {
		return nil, nil // it is refused when it is tried
	}
	found, err := m.read(ctx, c.ids)
	if err != nil {
		return nil, err
	}
	for _, id := range c.ids {
		item := found[id]
		if item == nil || m.base(item).deleting != "" {
			continue
		}
		base := m.base(item)
		if !m.db.sealer.isTag(c.scope, c.input, []byte(base.inputTag)) {
			return nil, &Error{Code: CodeConflict, Field: "clientMutationId", Kind: ErrConflict,
				Message: "this clientMutationId was sent with another input before: make one for each object"}
		}
		if base.Version == 1 {
			return item, nil
		}
		permitted, err := m.permitted(ctx, caller, OnRead, []*T{item})
		if err == nil && !permitted[item] {
			err = ErrNotFound
		}
		return item, err
	}
	return nil, nil
}

// putOf returns the write of a new item, with the counters of its members.
func (m *Model[T]) putOf(ctx context.Context, item *T, counters map[string]int) (*dynamo.Put, error) {
	open, err := m.renames.stillOpen(ctx)
	if err != nil {
		return nil, err
	}
	tag := m.base(item).inputTag
	if tag == "" && len(open) == 0 && len(m.definition.Joined) == 0 && len(counters) == 0 {
		return m.table.Put(item).If("attribute_not_exists(id)"), nil
	}
	attributes, err := m.marshal(item)
	if err != nil {
		return nil, err
	}
	for _, rename := range open {
		if value := attributes[rename.To]; value != nil {
			maps.Copy(attributes, rename.change(value, true))
		}
	}
	for attribute, count := range counters {
		attributes[attribute] = &types.AttributeValueMemberN{Value: strconv.Itoa(count)}
	}
	if tag != "" {
		attributes[inputTag] = &types.AttributeValueMemberB{Value: []byte(tag)}
	}
	return m.table.Put(attributes).If("attribute_not_exists(id)"), nil
}

// isMadeBy tells whether the item is what this very try has made.
func (m *Model[T]) isMadeBy(is, item *T) bool {
	if is == nil {
		return false
	}
	got, want := m.base(is), m.base(item)
	return got.inputTag == want.inputTag && got.CreatedAt.Time().Equal(want.CreatedAt.Time())
}

// CreateOnce is [Model.CreateOnce] in the transaction. Where the item was made by an earlier try, all
// that the transaction writes was written with it, and so nothing is: write gets that item, and what
// else it is told to write does not count.
func (w Writer[T]) CreateOnce(ctx context.Context, caller Caller, key *string, set func(*T)) (*T, error) {
	creation, err := w.model.creationOf(caller, key, set, bulkPart{})
	if err != nil {
		return nil, err
	}
	if creation == nil {
		return w.Create(ctx, caller, set)
	}
	if _, isTwice := w.tx.byKey[txKey{w.model, creation.ids[0]}]; isTwice {
		return nil, errors.New("create " + w.model.typeName + " twice by one key in a transaction: give each a key of its own")
	}
	within := w.tx.within(ctx)
	first, err := w.model.first(within, caller, creation)
	if err != nil {
		return nil, err
	}
	if first != nil {
		w.tx.isDone = true
		return first, nil
	}
	item, err := w.model.created(within, caller, creation, set)
	if err != nil {
		return nil, err
	}
	return item, w.create(ctx, caller, item)
}

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

// CreateOnce is [ModelOf.CreateOnce].
func (m *core) CreateOnce(ctx context.Context, caller Caller, key *string, set func(anyItem)) (anyItem, error) {
	return m.CreateOnceOf(ctx, caller, CreationOf[anyItem]{Set: set, ClientMutationID: key})
}

// CreateOnceOf is [ModelOf.CreateOnceOf].
func (m *core) CreateOnceOf(ctx context.Context, caller Caller, c CreationOf[anyItem]) (anyItem, error) {
	if tx := joinedTx(ctx); tx != nil {
		return m.In(tx).createOnce(ctx, caller, c)
	}
	creation, err := m.creationOf(caller, c.ClientMutationID, c.Set, bulkPart{})
	if err != nil {
		return nil, err
	}
	if creation == nil {
		ctx, forget := withoutReads(ctx)
		defer forget()
		return m.create(ctx, caller, c)
	}
	ctx, forget := withoutReads(ctx)
	defer forget()
	if m.isWrittenWithOthers() {
		return m.createWithOthers(ctx, caller, c)
	}
	if creation.isReadFirst(m.definition.Hooks.BeforeCreate != nil) {
		if first, err := m.first(ctx, caller, creation); first != nil || err != nil {
			return first, err
		}
	}
	item, err := m.created(ctx, caller, creation, c)
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
		if err == errMade {
			err = creation.taken()
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

	isByID bool // the key is the id that the client gave
}

// A bulkPart is which of how many creations by one key it is. The zero part is the only one.
type bulkPart struct{ index, of int }

// creationOf returns nil where a create by that key is not to be known again.
func (m *core) creationOf(caller Caller, key *string, set func(anyItem), part bulkPart) (*creation, error) {
	item := m.new()
	set(item)
	if item.base().givenID != nil {
		return m.creationByID(caller, item)
	}
	made, isKey := keyOf(caller, key)
	if !isKey {
		return nil, nil
	}
	input, err := m.inputOf(item)
	if err != nil {
		return nil, err
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

// keyOf reads a key by which a create of the caller's is known again, if it is one.
func keyOf(caller Caller, key *string) (made uuid.UUID, isKey bool) {
	if key == nil || !caller.isSignedIn() {
		return made, false
	}
	made, err := uuid.Parse(*key)
	if err != nil || made.String() != *key || made.Version() != 7 || made.Variant() != uuid.RFC4122 {
		return made, false
	}
	seconds, nanoseconds := made.Time().UnixTime()
	age := time.Since(time.Unix(seconds, nanoseconds))
	return made, age <= sentAgainFor && age >= -clockAhead
}

// inputOf returns what a new item is made of, in a form that is always the same.
func (m *core) inputOf(item anyItem) ([]byte, error) {
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
	return input, nil
}

// isReadFirst tells whether it is looked for the item before anything is done.
func (c *creation) isReadFirst(hasHook bool) bool { return hasHook || len(c.ids) > 1 }

// errMade tells that the item of a creation is there already.
var errMade = &Error{Code: CodeConflict, Message: ErrConflict.Message, Kind: ErrConflict}

// errSentOtherwise refuses a key that stands for another object already.
var errSentOtherwise = &Error{Code: CodeConflict, Field: "clientMutationId", Kind: ErrConflict,
	Message: "this clientMutationId was sent with another input before: make one for each object"}

// first returns the item that an earlier try has made; nil where there is none. Code CONFLICT: it was
// made of another input. ErrNotFound: it has been changed, and the caller may read it no more.
func (m *core) first(ctx context.Context, caller Caller, c *creation) (anyItem, error) {
	if !caller.scopes.have(OnCreate, m.typeName, m.name()) {
		return nil, nil // it is refused when it is tried
	}
	found, err := m.read(ctx, c.ids)
	if err != nil {
		return nil, err
	}
	for _, id := range c.ids {
		item := found[id]
		if item == nil || item.base().deleting != "" {
			continue
		}
		base := item.base()
		if isOurs := m.db.sealer.isTag(c.scope, c.input, []byte(base.inputTag)); !isOurs && c.isByID {
			return nil, nil // who may not make one is not to hear that it is there
		} else if !isOurs {
			return nil, errSentOtherwise
		}
		if base.Version == 1 {
			return item, nil
		}
		isPermitted, err := m.isPermitted(ctx, caller, OnRead, item)
		if err == nil && !isPermitted {
			err = ErrNotFound
		}
		return item, err
	}
	return nil, nil
}

// putOf returns the write of a new item, with the counters of its members.
func (m *core) putOf(ctx context.Context, item anyItem, counters map[string]int) (*dynamo.Put, error) {
	open, err := m.renames.stillOpen(ctx)
	if err != nil {
		return nil, err
	}
	tag := item.base().inputTag
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
func (m *core) isMadeBy(is, item anyItem) bool {
	if is == nil {
		return false
	}
	got, want := is.base(), item.base()
	return got.inputTag == want.inputTag && got.CreatedAt.Time().Equal(want.CreatedAt.Time())
}

// CreateOnce is [WriterOf.CreateOnce].
func (w writer) CreateOnce(ctx context.Context, caller Caller, key *string, set func(anyItem)) (anyItem, error) {
	return w.createOnce(ctx, caller, CreationOf[anyItem]{Set: set, ClientMutationID: key})
}

func (w writer) createOnce(ctx context.Context, caller Caller, c CreationOf[anyItem]) (anyItem, error) {
	creation, err := w.model.creationOf(caller, c.ClientMutationID, c.Set, bulkPart{})
	if err != nil {
		return nil, err
	}
	if creation == nil {
		return w.createAnew(ctx, caller, c)
	}
	if _, isTwice := w.tx.byKey[txKey{w.model, creation.ids[0]}]; isTwice && w.tx.joining == nil && !creation.isByID {
		return nil, errors.New("create " + w.model.typeName + " twice by one key in a transaction: give each a key of its own")
	}
	item, isMade, err := w.createPart(ctx, caller, creation, c)
	if isMade {
		w.tx.madeAlready()
	}
	return item, err
}

package model

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// What DynamoDB takes in one transaction.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const (
	maxTxActions = 100
	maxTxBytes   = 4 << 20
)

// A Tx collects writes of any models, for one transaction: see [DB.Transact]. What it is told
// to write, it reads as written.
type Tx struct {
	db    *DB
	reads operationReads // remember what the transaction has read, and what it will have written
	items []txItem       // in the order in which they were first written
	byKey map[txKey]txItem

	at   string // which element of a bulk is written; empty: there is no bulk
	part string // which part is written, see [DB.TransactParts]; empty: there are no parts

	below      []frame  // what the transaction promises to remove after what it deletes
	isPromised bool     // what belongs to what is deleted has been promised, so or otherwise
	remover    *remover // of below, once it is written
	isWritten  bool

	isDone bool // an earlier try of it has written all, see CreateOnce

	joining *joining // nil: the context's writes are not part of it
	blamed  string   // the part whose write others were at, too
}

// txKey is an item of a model.
type txKey struct {
	model anyParent
	id    string
}

// A txItem is what becomes of one item, all writes to it taken together.
type txItem interface {
	isGone() bool
	isNew() bool
	memberChange() (by anyMembership, change *memberChange, at string)
	plan(ctx context.Context, tx *Tx, plan *txPlan) error
	finish(ctx context.Context, tx *Tx) error
	ofPart() string
}

// Transact calls write to collect writes, each under the rules of its type, and carries them out
// together in one TransactWriteItems, or none of them.
//
// Several writes to one item become one. That something is still there or unchanged, of which
// the transaction itself decides, is held against what it is about to write. Where others have
// changed an item since it was read, write is called again, up to 8 times: it must do nothing
// but read and collect. Deletions take along what CASCADE says, in the same transaction; what
// others make below it at that very moment is deleted behind it. An object that RESTRICT may hold
// is deleted by [Model.Delete] and [Model.DeleteAll] alone.
//
// Where the context's writes are part of a transaction already, as in a mutation with @transaction, that
// carries them out: write is called once for each of its tries.
//
// Errors, after which nothing is written: those of write; [ErrConflict]: others keep changing the
// items; [ErrTaken]: another has a unique value; QUERY_TOO_COMPLEX: the writes are more than a
// transaction takes, 100 actions with their checks and unique values, and 4 MB. An error of an
// After hook comes after the writes, see [Hooks].
func (db *DB) Transact(ctx context.Context, write func(tx *Tx) error) error {
	return db.transactOften(ctx, maxTries, write)
}

// transactOften is Transact with so many tries.
func (db *DB) transactOften(ctx context.Context, tries int, write func(tx *Tx) error) error {
	if tx := joinedTx(ctx); tx != nil {
		return tx.join(tries, write)
	}
	ctx, forget := withoutReads(ctx)
	defer forget()
	foreign := map[string]bool{}
	for try := range tries {
		if err := Pause(ctx, try); err != nil {
			return err
		}
		tx := db.newTx()
		if err := write(tx); err != nil {
			return err
		}
		if tx.isDone {
			return nil
		}
		isDone, err := tx.commit(ctx, foreign)
		if err != nil {
			return err
		}
		if isDone {
			tx.isWritten = true
			return tx.finish(ctx)
		}
	}
	return ErrConflict
}

func (db *DB) newTx() *Tx {
	return &Tx{
		db:    db,
		reads: operationReads{remembers: true, isLoading: true, loadedOnce: new(loadedOnce)},
		byKey: map[txKey]txItem{},
	}
}

// within returns a context whose reads are the transaction's.
func (tx *Tx) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, readsKey{}, tx.reads)
}

// finish sees to what comes after the writes: what belongs to what was deleted, and the hooks.
func (tx *Tx) finish(ctx context.Context) (err error) {
	if tx.remover != nil {
		tx.remover.goOn(ctx)
	}
	for _, item := range tx.items {
		err = errors.Join(err, item.finish(ctx, tx))
	}
	return err
}

// A writer is a [Writer] but for its Go type.
type writer struct {
	model *core
	tx    *Tx
}

// In is [ModelOf.In].
func (m *core) In(tx *Tx) writer { return writer{m, tx} }

// Create is [WriterOf.Create].
func (w writer) Create(ctx context.Context, caller Caller, set func(anyItem)) (anyItem, error) {
	return w.createAnew(ctx, caller, CreationOf[anyItem]{Set: set})
}

// createAnew creates what is not known again, unless its id is given.
func (w writer) createAnew(ctx context.Context, caller Caller, c CreationOf[anyItem]) (anyItem, error) {
	creation, err := w.model.creationOf(caller, nil, c.Set, bulkPart{})
	if err != nil {
		return nil, err
	}
	item, isMade, err := w.createPart(ctx, caller, creation, c)
	if isMade {
		return nil, errIDTaken
	}
	return item, err
}

// create notes that an item is made, and with it the memberships of whoever makes it.
func (w writer) create(ctx context.Context, caller Caller, item anyItem) error {
	w.put(ctx, nil, item).caller = &caller
	for _, by := range w.model.memberships {
		if err := by.found(ctx, w.tx, caller, item.base().ID); err != nil {
			return err
		}
	}
	return nil
}

// Update is [WriterOf.Update].
func (w writer) Update(ctx context.Context, caller Caller, global string, expectedVersion *int, change func(anyItem)) (anyItem, error) {
	return w.Apply(ctx, caller, ChangeOf[anyItem]{ID: global, ExpectedVersion: expectedVersion, Set: change})
}

// Apply is [WriterOf.Apply].
func (w writer) Apply(ctx context.Context, caller Caller, change ChangeOf[anyItem]) (anyItem, error) {
	within := w.tx.within(ctx)
	if change.Increment.isCounting() && w.tx.joining != nil {
		w.tx.joining.tries = maxCountTries
	}
	before, err := w.read(within, caller, OnUpdate, change.ID, change.ExpectedVersion)
	if err != nil {
		return nil, err
	}
	after, err := w.model.changed(within, caller, before, change)
	if err != nil {
		return nil, err
	}
	w.put(ctx, before, after).caller = &caller
	return after, nil
}

// Delete is [WriterOf.Delete].
func (w writer) Delete(ctx context.Context, caller Caller, global string, expectedVersion *int) (anyItem, error) {
	item, err := w.goingItem(ctx, caller, global, expectedVersion)
	if err != nil {
		return nil, err
	}
	if w.tx.joining != nil {
		w.removeAhead(ctx, item)
	} else if mayBeHeld(w.model) {
		return nil, errHeldInTx
	} else if err := w.model.removeIn(ctx, w.tx, item); err != nil {
		return nil, err
	}
	w.tx.byKey[txKey{w.model, item.base().ID}].(*writtenItem).caller = &caller
	return item, nil
}

// goingItem returns the item with this global id, which the caller may delete, and runs the hook before that.
func (w writer) goingItem(ctx context.Context, caller Caller, global string, expectedVersion *int) (anyItem, error) {
	within := w.tx.within(ctx)
	item, err := w.read(within, caller, OnDelete, global, expectedVersion)
	if err != nil {
		return nil, err
	}
	if err := runHook(within, caller, w.model.definition.Hooks.BeforeDelete, item); err != nil {
		return nil, w.model.refused(ctx, caller, OnDelete, item, err)
	}
	return item, nil
}

// errHeldInTx refuses to delete in a transaction what RESTRICT may hold: what others make below it
// at that very moment would be left without it.
var errHeldInTx = &Error{Code: CodeConflict, Kind: ErrHeld, Message: "others may belong to this object and hold it: it is not deleted in a transaction"}

// read returns the item with this global id for the caller to do op to, as [Model.Update] does.
func (w writer) read(ctx context.Context, caller Caller, op Operation, global string, expectedVersion *int) (anyItem, error) {
	return w.model.readFor(ctx, caller, op, w.model.localID(global), expectedVersion)
}

// put notes that the item becomes after; before is as it was read in the transaction, and nil
// for one that is new, as after is for one that goes.
func (w writer) put(ctx context.Context, before, after anyItem) *writtenItem {
	id := ""
	if after != nil {
		id = after.base().ID
	} else {
		id = before.base().ID
	}
	key := txKey{w.model, id}
	item, isKnown := w.tx.byKey[key].(*writtenItem)
	if !isKnown {
		item = &writtenItem{model: w.model, before: before}
		w.tx.items = append(w.tx.items, item)
		w.tx.byKey[key] = item
	}
	if item.after = after; after != nil {
		item.returned = append(item.returned, after)
	}
	item.at, item.part = w.tx.at, w.tx.part
	if after == nil && item.before == nil { // it came and went
		for _, by := range w.model.memberships {
			by.forgetIn(w.tx, id)
		}
	}
	w.model.memoryIn(w.tx.within(ctx)).keep(map[string]bool{id: true}, map[string]anyItem{id: after})
	w.model.rememberRow(w.tx.within(ctx), before, after)
	return item
}

// removeIn notes in tx that the item goes, and with it what CASCADE says.
func (m *core) removeIn(ctx context.Context, tx *Tx, item anyItem) error {
	if len(tx.items) > maxTxActions { // it is too much already, and may be any number
		return tooLarge(fmt.Sprintf("more than %d objects go, and at most %d actions are allowed", maxTxActions, maxTxActions))
	}
	m.In(tx).put(ctx, item, nil)
	for _, child := range m.children {
		for ids, err := range child.model.idsOf(ctx, child.index, item.base().ID) {
			if err != nil {
				return err
			}
			if err := child.model.removeIDsIn(ctx, tx, ids, child.index.Hash, item.base().ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeIDsIn is removeIn of the items with these ids that have that value of a Parent's field. An index may
// have some that are gone, or have moved, as they may have in the transaction, and a circle some that go already.
func (m *core) removeIDsIn(ctx context.Context, tx *Tx, ids []string, field, value string) error {
	items, err := m.read(tx.within(ctx), ids)
	if err != nil {
		return err
	}
	for id, item := range items {
		if written, ok := tx.byKey[txKey{m, id}]; ok && written.isGone() || !m.isIn(item, field, value) {
			continue
		}
		if err := m.removeIn(ctx, tx, item); err != nil {
			return err
		}
	}
	return nil
}

// writtenItem is the txItem of a model.
type writtenItem struct {
	model         *core
	before, after anyItem   // nil: it is not there
	caller        *Caller   // who has asked for it last; nil: it goes with something else
	at            string    // the element of a bulk that it is; empty: of none
	part          string    // that has written it last
	returned      []anyItem // what it was to become, write by write
	isPromised    bool      // what belongs to it has been promised to go
	owner         string    // who was given it; empty: nobody was
}

func (w *writtenItem) isGone() bool { return w.after == nil }
func (w *writtenItem) isNew() bool  { return w.before == nil }

func (w *writtenItem) memberChange() (by anyMembership, change *memberChange, at string) {
	return w.model, w.model.memberChange(w.before, w.after), w.at
}

func (w *writtenItem) ofPart() string { return w.part }

// finish deletes what was made below an item that is gone, and runs the hook of what has become of
// the item.
func (w *writtenItem) finish(ctx context.Context, tx *Tx) error {
	m, hooks := w.model, w.model.definition.Hooks
	for _, returned := range w.returned { // whoever got it earlier gets what has become of it
		if w.after != nil && any(returned) != any(w.after) {
			m.assign(returned, w.after)
		}
	}
	if w.isGone() && w.before != nil && !tx.isPromised && !w.isPromised {
		if err := m.db.removeBelow(ctx, m, w.before.base().ID); err != nil {
			return err
		}
	}
	switch {
	case w.caller == nil || w.before == nil && w.after == nil:
		return nil
	case w.before == nil:
		if m.definition.Invitation != nil {
			m.db.WakeOutbox()
		}
		return runHook(ctx, *w.caller, hooks.AfterCreate, w.after)
	case w.after == nil:
		w.before.base().deleting = ""
		return runHook(ctx, *w.caller, hooks.AfterDelete, w.before)
	}
	return runUpdateHook(ctx, *w.caller, hooks.AfterUpdate, w.before, w.after)
}

func (w *writtenItem) plan(ctx context.Context, tx *Tx, plan *txPlan) error {
	return placed(w.planned(ctx, tx, plan), w.at)
}

func (w *writtenItem) planned(ctx context.Context, tx *Tx, plan *txPlan) error {
	m := w.model
	if w.before == nil && w.after == nil {
		return nil // it came and went
	}
	claims, err := m.claims(w.before, w.after)
	if err != nil {
		return err
	}
	for _, claim := range claims {
		plan.addClaim(txClaim{
			id: m.uniqueID(claim.of.Field, claim.value), owner: claim.owner, isGivenUp: claim.isGivenUp, taken: placed(takenOf(claim.of), w.at),
			reopen: func(ctx context.Context) error {
				_, err := m.reopen(ctx, claim)
				if w.caller != nil {
					err = tx.db.tellTaken(ctx, *w.caller, err)
				}
				return placed(err, w.at)
			},
		})
	}
	if change := m.memberChange(w.before, w.after); change != nil {
		plan.addRow(change)
	}
	w.planOwner(tx, plan)
	switch {
	case w.before == nil:
		if err := m.planParents(nil, w.after, w.at, tx, plan); err != nil {
			return err
		}
		put, err := m.putOf(ctx, w.after, plan.counters.of(m, w.after.base().ID))
		if err != nil {
			return err
		}
		if err := m.promiseMail(w.after, plan); err != nil {
			return err
		}
		return plan.add(w.after, func(write *dynamo.WriteTx) { write.Put(put) })
	case w.after == nil:
		asRead, arguments := w.before.base().unchanged()
		erase := m.table.Delete("id", w.before.base().ID).If(asRead, arguments...)
		return plan.add(nil, func(write *dynamo.WriteTx) { write.Delete(erase) })
	}
	if err := m.planParents(w.before, w.after, w.at, tx, plan); err != nil {
		return err
	}
	update, err := m.updateOf(ctx, w.before, w.after, Now())
	if err != nil {
		return err
	}
	counters := plan.counters.of(m, w.before.base().ID)
	if update == nil && len(counters) > 0 {
		asRead, arguments := w.before.base().unchanged()
		update = m.table.Update("id", w.before.base().ID).If(asRead, arguments...)
	}
	for attribute, delta := range counters {
		countAdmins(update, attribute, delta)
	}
	if update == nil { // what else the transaction decides by it must hold all the same
		asRead, arguments := w.before.base().unchanged()
		check := m.table.Check("id", w.before.base().ID).If(asRead, arguments...)
		return plan.add(nil, func(write *dynamo.WriteTx) { write.Check(check) })
	}
	return plan.add(w.after, func(write *dynamo.WriteTx) { write.Update(update) })
}

// planParents has the plan check that what an item belongs to, and did not before, is there; the item is
// the element at of a bulk. Of what the transaction writes itself, that write decides.
func (m *core) planParents(before, item anyItem, at string, tx *Tx, plan *txPlan) error {
	for _, parent := range m.newParents(before, item) {
		key := txKey{parent.Of.target(), parent.ID(item)}
		if written, ok := tx.byKey[key]; ok {
			if written.isGone() {
				return noParent(parent.Field)
			}
			continue
		}
		plan.addCheck(key, placed(noParent(parent.Field), at))
	}
	return nil
}

// A txPlan is what a transaction is to ask of DynamoDB: an action an item.
type txPlan struct {
	actions []txAction
	part    string // that what is added is of
	bytes   int
	checked map[txKey]bool
	claims  []txClaim

	counters counterChanges
	rows     map[memberRow]plannedRow // of members, by their keys
}

type txAction struct {
	part string
	add  func(*dynamo.WriteTx)
	// failed says what it means that the action's condition does not hold; nil: another try may
	// succeed.
	failed func(ctx context.Context) error
}

// A txClaim is what an item writes of a unique value, see claim.
type txClaim struct {
	id, owner string
	part      string
	taken     error // what is told where another item takes it
	isGivenUp bool
	reopen    func(context.Context) error
}

// add adds the write of an item, which is unchanged since it was read.
func (p *txPlan) add(item any, add func(*dynamo.WriteTx)) error {
	if item != nil {
		attributes, err := dynamo.MarshalItem(item)
		if err != nil {
			return err
		}
		p.bytes += itemSize(attributes)
	}
	p.actions = append(p.actions, txAction{p.part, add, func(context.Context) error { return nil }})
	return nil
}

// addCheck adds that a parent is there, once; missing is the error where it is not.
func (p *txPlan) addCheck(parent txKey, missing error) {
	if p.checked[parent] {
		return
	}
	p.checked[parent] = true
	check := parent.model.ifExists(parent.id)
	p.actions = append(p.actions, txAction{
		p.part,
		func(write *dynamo.WriteTx) { write.Check(check) },
		func(context.Context) error { return missing },
	})
}

// addClaim adds what is written of a unique value.
func (p *txPlan) addClaim(claim txClaim) {
	claim.part = p.part
	p.claims = append(p.claims, claim)
}

// addClaims adds an action for each unique value. One that an item gives up and another takes
// moves in one action. [ErrTaken]: two items take it.
func (p *txPlan) addClaims(db *DB, foreign map[string]bool) error {
	givenUp, takers := map[string]txClaim{}, map[string]txClaim{}
	for _, claim := range p.claims {
		if claim.isGivenUp {
			givenUp[claim.id] = claim
		} else if _, isTwice := takers[claim.id]; isTwice {
			return inPart(claim.taken, claim.part)
		} else {
			takers[claim.id] = claim
		}
	}
	seen := map[string]bool{}
	for _, claim := range p.claims {
		taker, isTaken := takers[claim.id]
		before, isMoved := givenUp[claim.id]
		switch {
		case claim.isGivenUp && (isTaken || foreign[claim.id] || seen[claim.id]): // another action says it, or nothing does
		case claim.isGivenUp:
			seen[claim.id] = true
			remove := db.uniques.Delete("id", claim.id).If("attribute_not_exists(id) OR 'owner' = ?", claim.owner)
			p.actions = append(p.actions, txAction{
				claim.part,
				func(write *dynamo.WriteTx) { write.Delete(remove) },
				func(context.Context) error { foreign[claim.id] = true; return nil },
			})
		default:
			former := taker.owner
			if isMoved {
				former = before.owner
			}
			put := db.uniques.Put(unique{taker.id, taker.owner}).
				If("attribute_not_exists(id) OR 'owner' = ? OR 'owner' = ?", taker.owner, former)
			p.actions = append(p.actions, txAction{taker.part, func(write *dynamo.WriteTx) { write.Put(put) }, taker.reopen})
		}
	}
	return nil
}

// commit carries the writes out. It is not done where something has changed since it was read.
// foreign has the unique values that an item of the transaction would give up, and that turned
// out to be another's anyway.
func (tx *Tx) commit(ctx context.Context, foreign map[string]bool) (isDone bool, err error) {
	plan := &txPlan{checked: map[txKey]bool{}}
	if err := plan.addCounters(ctx, tx); err != nil {
		return false, err
	}
	for _, item := range tx.items {
		plan.part = item.ofPart()
		if err := item.plan(ctx, tx, plan); err != nil {
			return false, inPart(err, plan.part)
		}
	}
	plan.addRows(tx.db)
	if err := plan.addClaims(tx.db, foreign); err != nil {
		return false, err
	}
	remover := tx.promiseBelow(plan)
	if tx.joining != nil {
		plan.addSeedMark(ctx, tx.db)
	}
	switch {
	case len(plan.actions) == 0:
		return true, nil
	case len(plan.actions) > maxTxActions:
		return false, inPart(tooLarge(fmt.Sprintf("%d actions, and at most %d are allowed", len(plan.actions), maxTxActions)), plan.actions[maxTxActions].part)
	case plan.bytes > maxTxBytes:
		return false, tooLarge(fmt.Sprintf("%d bytes, and at most %d are allowed", plan.bytes, maxTxBytes))
	}
	write := tx.db.WriteTx()
	for _, action := range plan.actions {
		action.add(write)
	}
	err = write.Run(ctx)
	failed := FailedConditions(err)
	for _, i := range failed {
		if err := plan.actions[i].failed(ctx); err != nil {
			return false, inPart(err, plan.actions[i].part)
		}
	}
	tx.blamed = plan.blamed(err)
	switch {
	case len(failed) > 0, isAmidOther(err):
		return false, nil
	case isBeyondLimits(err):
		return false, beyondLimits()
	case err != nil:
		return false, fmt.Errorf("write %d items in a transaction: %w", len(tx.items), err)
	}
	tx.remover = remover
	return true, nil
}

// promiseBelow has the plan promise that what is below goes, and returns who begins with that; nil where
// there is nothing.
func (tx *Tx) promiseBelow(plan *txPlan) *remover {
	if len(tx.below) == 0 {
		return nil
	}
	r := &removal{Frames: tx.below}
	promise, put := tx.db.promiseOwn(removalKind, r)
	plan.actions = append(plan.actions, txAction{
		tx.items[len(tx.items)-1].ofPart(),
		func(write *dynamo.WriteTx) { write.Put(put) },
		func(context.Context) error { return nil },
	})
	return tx.db.newRemover(promise, r)
}

// tooLarge refuses a transaction.
func tooLarge(what string) error {
	return &Error{Code: CodeTooComplex, Message: "this is more than one transaction takes: " + what + "; nothing was written"}
}

// itemSize returns how many bytes DynamoDB counts for an item.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func itemSize(item dynamo.Item) (size int) {
	for name, value := range item {
		size += len(name) + valueSize(value)
	}
	return size
}

func valueSize(value types.AttributeValue) (size int) {
	const perContainer, perElement = 3, 1
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return len(value.Value)
	case *types.AttributeValueMemberN:
		return len(value.Value)/2 + 2
	case *types.AttributeValueMemberB:
		return len(value.Value)
	case *types.AttributeValueMemberSS:
		for _, text := range value.Value {
			size += len(text)
		}
		return size
	case *types.AttributeValueMemberL:
		size = perContainer
		for _, each := range value.Value {
			size += perElement + valueSize(each)
		}
		return size
	case *types.AttributeValueMemberM:
		size = perContainer
		for name, each := range value.Value {
			size += perElement + len(name) + valueSize(each)
		}
		return size
	}
	return 1
}

package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

const (
	// removalKind is what removals are promised under.
	removalKind = "removal"

	// bulkRemovalKind is what removals are promised under that have several roots, which servers before
	// there were any must leave alone.
	bulkRemovalKind = "bulk-removal"

	// leavingKind is what the removal of what a user owned is promised under where some of it is kept. Servers
	// that would delete that, too, know of none.
	leavingKind = "leaving"

	// removalShare is how long a request works at what it has promised to remove. The rest is for
	// the outbox.
	removalShare = 3 * time.Second

	// maxAhead is how many items are found below each other before that is written down, and they go.
	maxAhead = 500

	// maxRemovalBytes is about how large a message may be; a part of what is to go becomes one of
	// its own above that. DynamoDB takes 400 KB.
	maxRemovalBytes = 200 << 10

	// lookAgainAfter is when what a user owned is looked for once more: what a request was making
	// when the account went, and what an index did not show yet.
	lookAgainAfter = time.Minute
)

// A removal is the deletion of items with all that belongs to them by CASCADE, as the outbox keeps
// it: what is left of that.
//
// Items go from the top down. Below what is gone nothing can be made any more, so what the index
// lists then is all there is, and nobody can hold it: RESTRICT is asked before, of the whole tree,
// see look. Before items go, the removal that names them is written down, so that whoever goes on
// with it knows what to look below of; it takes down many at once, which it finds by looking ahead.
// What it holds in memory does not grow with the tree, neither with its depth nor with its width.
type removal struct {
	// Root is the item that is deleted, unless something holds it: Frames are what is still to be
	// looked at. Nil: it is decided, and Frames are what is to go.
	Root   *removalRoot `json:"root,omitempty"`
	Frames []frame      `json:"frames"`
	Looked int          `json:"looked,omitempty"` // items, see maxLooked

	Owner string   `json:"owner,omitempty"` // who has left, and is looked for once more
	Kept  []string `json:"kept,omitempty"`  // types whose items do not go with their owner
}

// A removalRoot is an item that is marked as being deleted, see [Model.Delete], or several of a type that
// go together, or not at all, see [Model.DeleteAll].
type removalRoot struct {
	Type string   `json:"type"`
	ID   string   `json:"id"`
	More []string `json:"more,omitempty"` // the ids of the others
	Mark string   `json:"mark"`
	By   *actor   `json:"by,omitempty"` // who deletes it, for the hook; nil: no hook runs
}

func (r *removalRoot) ids() []string { return append([]string{r.ID}, r.More...) }

// caller is who deletes it.
func (r *removalRoot) caller() Caller {
	return Caller{ID: r.By.ID, Roles: r.By.Roles, isSystem: r.By.IsSystem}
}

// An actor is a Caller, as it is kept.
type actor struct {
	ID       string   `json:"id,omitempty"`
	Roles    []string `json:"roles,omitempty"`
	IsSystem bool     `json:"isSystem,omitempty"`
}

// A frame is a list: the items of a type whose attribute Field is Value, in the order of their ids.
type frame struct {
	Type   string   `json:"t"`
	Field  string   `json:"f,omitempty"` // empty: the items with these IDs, whatever they are
	Value  string   `json:"v,omitempty"`
	IDs    []string `json:"i,omitempty"` // those that are known
	IsOpen bool     `json:"o,omitempty"` // there may be more
	After  string   `json:"a,omitempty"` // where what is not known begins, in a list of which nothing goes

	// IsAhead: Value is an item that is to go before these. As long as it is there, these stay.
	IsAhead bool `json:"h,omitempty"`
}

func (f *frame) index() Index { return Index{f.Field, "id"} }

// bytes is about how large the frame is, as it is kept.
func (f *frame) bytes() int {
	const frameSize, idSize = 100, 40
	return frameSize + idSize*len(f.IDs)
}

// framesBelow returns the lists of what goes with an item, or a user.
func framesBelow(parent anyParent, id string) (frames []frame) {
	for _, child := range parent.childTypes() {
		if child.onDelete == Cascade {
			frames = append(frames, frame{Type: child.model.name(), Field: child.index.Hash, Value: id, IsOpen: true})
		}
	}
	return frames
}

// takesAlong tells whether others may go with an item of the type.
func takesAlong(model anyModel) bool {
	return slices.ContainsFunc(model.childTypes(), func(c child) bool { return c.onDelete == Cascade })
}

// modelOf returns the model of a type, nil where the schema has it no more.
func (db *DB) modelOf(typeName string) anyModel {
	for _, model := range db.models {
		if model.isNamed(typeName) {
			return model
		}
	}
	return nil
}

// A remover works at a removal.
type remover struct {
	db      *DB
	promise *Promise
	*removal

	known   map[txKey]bool   // items that are in a frame, or were
	stayed  map[txKey]string // items that were in one, and are in the list of that value no more
	gone    map[string]bool  // ids of items that have gone, or are about to
	isSaved bool             // the promise says what is to go
	isSplit bool             // a part of it has a promise of its own
	savedAt time.Time
}

func (db *DB) newRemover(promise *Promise, r *removal) *remover {
	w := &remover{db: db, promise: promise, removal: r, known: map[txKey]bool{}, stayed: map[txKey]string{}, gone: map[string]bool{}, isSaved: true, savedAt: time.Now()}
	if r.Root == nil {
		for _, f := range r.Frames {
			for _, id := range f.IDs {
				w.known[txKey{db.modelOf(f.Type), id}] = true
			}
		}
	}
	return w
}

// begin works at a removal that was just promised, for as long as a request has time for it, or to
// the end where ctx has no deadline. What is left, it leaves to the outbox. Errors are of what was
// in the way; what was promised is done nevertheless.
func (w *remover) begin(ctx context.Context) (isDone bool, err error) {
	ctx = removing(ctx)
	isDone, err = w.run(ctx, shareOf(ctx))
	if isDone {
		return !w.isSplit, w.promise.fulfilled(ctx)
	}
	return false, errors.Join(err, w.passOn(ctx))
}

// removing returns a context for reads that a removal makes, which no query's budget is for: who may
// delete an object may have what belongs to it looked up.
func removing(ctx context.Context) context.Context {
	return context.WithValue(ctx, budgetKey{}, (*ReadBudget)(nil))
}

// shareOf returns until when a request works at a removal; the zero time where it has no deadline.
func shareOf(ctx context.Context) (until time.Time) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return until
	}
	return time.Now().Add(min(removalShare, time.Until(deadline)/2))
}

func (w *remover) passOn(ctx context.Context) error {
	err := w.promise.passOn(ctx)
	w.db.WakeOutbox()
	return err
}

// handleRemoval is the outbox's handler of removals.
func (db *DB) handleRemoval(ctx context.Context, promise *Promise) error {
	var r removal
	if err := promise.Read(&r); err != nil {
		return err
	}
	until := time.Now().Add(outboxPatience / 2)
	if deadline, ok := ctx.Deadline(); ok {
		until = earlier(until, time.Now().Add(time.Until(deadline)*3/4))
	}
	w := db.newRemover(promise, &r)
	isDone, err := w.resume(ctx, until)
	switch {
	case errors.Is(err, errLeaseLost):
		return nil // it is no longer ours to say more
	case err != nil:
		return err
	case !isDone:
		return ErrOutboxMore
	}
	return nil
}

// isOver tells whether a time has come; the zero time never does.
func isOver(until time.Time) bool { return !until.IsZero() && time.Now().After(until) }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// resume goes on with a removal that another has begun.
func (w *remover) resume(ctx context.Context, until time.Time) (isDone bool, err error) {
	if w.Root == nil {
		return w.run(ctx, until)
	}
	model := w.db.modelOf(w.Root.Type)
	if model == nil {
		return true, nil // the schema has the type no more
	}
	isHeld, isLooked, err := w.look(ctx, until)
	switch {
	case err != nil || !isLooked && !isHeld:
		return false, err
	case isHeld:
		slog.WarnContext(ctx, "an object is not deleted, as others belong to it that hold it", "type", w.Root.Type, "id", w.Root.ID)
		return true, w.restore(ctx, model)
	}
	isGone, err := model.eraseMarked(ctx, w.Root)
	switch {
	case err != nil:
		return false, err
	case !isGone && len(w.Root.More) > 0: // one has been restored: the others are not to stay out of sight
		return true, w.restore(ctx, model)
	case !isGone:
		return true, nil // another has restored it, or deletes it
	}
	w.decided(model)
	return w.run(ctx, until)
}

// restore has the root be there again.
func (w *remover) restore(ctx context.Context, model anyModel) error {
	for _, id := range w.Root.ids() {
		if err := model.restore(ctx, id, w.Root.Mark); err != nil {
			return err
		}
	}
	return nil
}

// decided makes the removal, whose root has gone, one of what belonged to that.
func (w *remover) decided(model anyModel) {
	w.Frames = nil
	for _, id := range w.Root.ids() {
		w.Frames = append(w.Frames, framesBelow(model, id)...)
	}
	w.Root, w.Looked, w.isSaved = nil, 0, false
	clear(w.known)
}

// run removes what is to go, until all is gone, or the time is up.
func (w *remover) run(ctx context.Context, until time.Time) (isDone bool, err error) {
	for len(w.Frames) > 0 {
		if isOver(until) || ctx.Err() != nil {
			return false, w.save(ctx)
		}
		batch, err := w.takeBatch(ctx, until)
		if err != nil {
			return false, err
		}
		if err := w.removeBatch(ctx, batch, until); err != nil {
			return false, err
		}
	}
	if w.Owner == "" {
		return true, nil
	}
	if err := w.db.lookAgain(ctx, w.Owner, w.Kept); err != nil {
		return false, err
	}
	return true, nil
}

// lookAgain promises to look once more for what a user owned who has left. Of the types that are kept by now,
// and were not when the account went, nothing more goes.
func (db *DB) lookAgain(ctx context.Context, ownerID string, kept []string) error {
	var since []string
	for _, name := range db.keptTypes() {
		if !slices.Contains(kept, name) {
			since = append(since, name)
		}
	}
	kept = append(slices.Clone(kept), since...)
	again := newMessage(removalKindOf(kept), removal{Frames: db.framesOf(ownerID, kept), Kept: kept})
	messages := []outboxMessage{again}
	if len(since) > 0 {
		messages = append(messages, newMessage(keepingKind, keeping{User: ownerID, Types: since, IsAgain: true}))
	}
	for _, message := range messages {
		message.DueAt = NewDateTime(time.Now().Add(lookAgainAfter))
		if err := db.outbox.table.Put(message).Run(ctx); err != nil {
			return fmt.Errorf("write to table %s: %w", db.outbox.table.Name(), err)
		}
	}
	db.WakeOutbox()
	return nil
}

// removalKindOf returns what the removal of what a user owns is promised under.
func removalKindOf(kept []string) string {
	if len(kept) > 0 {
		return leavingKind
	}
	return removalKind
}

// save writes the removal down, as it stands, and renews the lease.
func (w *remover) save(ctx context.Context) error {
	if w.isSaved && time.Since(w.savedAt) < ownLease/3 {
		return nil
	}
	for w.bytes() > maxRemovalBytes && len(w.Frames) > 1 { // half of it goes on its own
		half := len(w.Frames) / 2
		if err := w.db.Promise(removalKind, removal{Frames: w.Frames[:half]}).Run(ctx); err != nil {
			return fmt.Errorf("write to table %s: %w", w.db.outbox.table.Name(), err)
		}
		w.Frames, w.isSplit = w.Frames[half:], true
		w.db.WakeOutbox()
	}
	if err := w.promise.Save(ctx, w.removal); err != nil {
		return err
	}
	w.isSaved, w.savedAt = true, time.Now()
	return nil
}

func (w *remover) bytes() (size int) {
	for i := range w.Frames {
		size += w.Frames[i].bytes()
	}
	return size
}

// takeBatch takes off the frames that come last, of some items, and of what is found below these
// by looking ahead. It is written down when it returns.
func (w *remover) takeBatch(ctx context.Context, until time.Time) (batch []frame, err error) {
	count, first := 0, len(w.Frames)
	for first > 0 && count < maxAhead {
		f := &w.Frames[first-1]
		if err := w.fill(ctx, f, maxAhead-count); err != nil {
			return nil, err
		}
		count += len(f.IDs)
		first--
	}
	aheadUntil := time.Time{}
	if !until.IsZero() {
		aheadUntil = time.Now().Add(time.Until(until) / 4)
	}
	for i := first; i < len(w.Frames) && count < maxAhead; i++ { // which grows meanwhile
		model := w.db.modelOf(w.Frames[i].Type)
		if model == nil || !takesAlong(model) || mayLose(model, w.Frames[i]) {
			continue
		}
		for _, id := range w.Frames[i].IDs {
			if count >= maxAhead || isOver(aheadUntil) {
				break
			}
			for _, below := range framesBelow(model, id) {
				if !takesAlong(w.db.modelOf(below.Type)) {
					continue // it has nothing below, and goes with its parent
				}
				if err := w.fill(ctx, &below, max(maxAhead-count, 1)); err != nil {
					return nil, err
				}
				below.IsOpen, below.IsAhead = false, true // its parent is looked below of again
				if len(below.IDs) > 0 {
					count += len(below.IDs)
					w.Frames = append(w.Frames, below)
				}
			}
		}
	}
	size := len(w.Frames) - first
	if err := w.save(ctx); err != nil {
		return nil, err
	}
	return w.Frames[max(0, len(w.Frames)-size):], nil // save may have taken others off
}

// fill lists up to limit items of a frame of which none is known, and that is open.
func (w *remover) fill(ctx context.Context, f *frame, limit int) error {
	model := w.db.modelOf(f.Type)
	if model == nil { // the schema has the type no more
		f.IDs, f.IsOpen = nil, false
		return nil
	}
	for after := ""; f.IsOpen && len(f.IDs) < limit; {
		ids, isOver, err := model.listIDs(ctx, f.index(), f.Value, after, min(maxPageSize, limit))
		if err != nil {
			return err
		}
		for _, id := range ids {
			if key := (txKey{model, id}); w.isNew(key, f) {
				w.known[key] = true
				f.IDs = append(f.IDs, id)
				w.isSaved = w.isSaved && !takesAlong(model)
			}
			after = id
		}
		f.IsOpen = !isOver
	}
	return nil
}

// removeBatch erases the items of the frames that come last in the removal, and puts what is found
// below them in their place.
func (w *remover) removeBatch(ctx context.Context, batch []frame, until time.Time) error {
	going, isDone, err := w.sort(ctx, batch)
	if err != nil {
		return err
	}
	var below []frame
	listed := 0 // items in them
	for _, model := range w.db.models {
		for ids := range slices.Chunk(going[model], maxPageSize) {
			if isOver(until) {
				break // the rest is left in the batch
			}
			stays, err := w.erase(ctx, model, ids, batch)
			if err != nil {
				return err
			}
			for _, id := range ids {
				isDone[txKey{model, id}] = true
				if stays[id] {
					delete(w.gone, id)
					w.leaveOut(txKey{model, id}, batch)
					continue
				}
				found, err := w.below(ctx, model, id, listed < maxAhead)
				if err != nil {
					return err
				}
				for _, f := range found {
					listed += len(f.IDs)
				}
				below = append(below, found...)
			}
		}
	}
	var rest []frame
	for _, f := range batch {
		model := w.db.modelOf(f.Type)
		f.IDs = slices.DeleteFunc(slices.Clone(f.IDs), func(id string) bool { return isDone[txKey{model, id}] })
		f.IsAhead = f.IsAhead && !w.gone[f.Value]
		if len(f.IDs) > 0 || f.IsOpen {
			rest = append(rest, f)
		}
	}
	w.Frames = slices.Concat(w.Frames[:len(w.Frames)-len(batch)], rest, below)
	return nil
}

// sort returns, by their models, which items of the frames go, or have gone, and which stay: these
// are not in the list any more, as a project's own code may move them to another parent.
func (w *remover) sort(ctx context.Context, batch []frame) (going map[anyModel][]string, stays map[txKey]bool, err error) {
	going, stays = map[anyModel][]string{}, map[txKey]bool{}
	isIn := map[anyModel]map[string]bool{} // of the items that are there
	for _, model := range w.db.models {
		var ids []string
		list := map[string]frame{}
		for _, f := range batch {
			if f.Type == model.name() && (takesAlong(model) || mayLose(model, f)) {
				ids = append(ids, f.IDs...)
				for _, id := range f.IDs {
					list[id] = f
				}
			}
		}
		isIn[model], err = model.stillIn(ctx, ids, func(id string) (field, value string) { return list[id].Field, list[id].Value })
		if err != nil {
			return nil, nil, err
		}
	}
	for _, f := range batch {
		model := w.db.modelOf(f.Type)
		for _, id := range f.IDs {
			isIn, isThere := isIn[model][id]
			hasLeft := !isIn && (model == nil || !mayLose(model, f)) // or erase sees where to
			if model == nil || isThere && (hasLeft || f.IsAhead && !w.gone[f.Value]) {
				stays[txKey{model, id}] = true
				if !isIn {
					w.stayed[txKey{model, id}] = f.Value
				}
				continue
			}
			going[model] = append(going[model], id)
			w.gone[id] = true
		}
	}
	return going, stays, nil
}

// below returns what belongs to an item that is gone, as far as it is not in a frame already. Where
// that is not to be listed yet, it is what may belong to the item.
func (w *remover) below(ctx context.Context, model anyModel, id string, isListed bool) (found []frame, err error) {
	for _, f := range framesBelow(model, id) {
		if isListed {
			if err := w.fill(ctx, &f, maxPageSize); err != nil {
				return nil, err
			}
		}
		if len(f.IDs) > 0 || f.IsOpen {
			found = append(found, f)
		}
	}
	return found, nil
}

// framesOf returns the lists of what a user owns, but for types that are kept, and of what goes with them.
func (db *DB) framesOf(ownerID string, kept []string) (frames []frame) {
	for _, model := range db.models {
		if slices.ContainsFunc(kept, model.isNamed) {
			continue
		}
		frames = append(frames, frame{Type: model.name(), Field: ByOwner.Hash, Value: ownerID, IsOpen: true})
	}
	return append(frames, framesBelow(&db.users, ownerID)...)
}

// removeBelow removes what belongs to an item that is gone, if anything does.
func (db *DB) removeBelow(ctx context.Context, model anyModel, id string) error {
	w := db.newRemover(nil, &removal{})
	below, err := w.below(removing(ctx), model, id, true)
	if len(below) == 0 || err != nil {
		return err
	}
	return db.remove(ctx, below)
}

// remove removes what is in the frames: as much as there is time for, and the rest by the outbox.
func (db *DB) remove(ctx context.Context, frames []frame) error {
	r := &removal{Frames: frames}
	promise, put := db.promiseOwn(removalKind, r)
	if err := put.Run(ctx); err != nil {
		return fmt.Errorf("write to table %s: %w", db.outbox.table.Name(), err)
	}
	_, err := db.newRemover(promise, r).begin(ctx)
	return err
}

// mayLose tells whether items may leave the frame's list meanwhile: they may be given to somebody else, or be moved
// to another parent.
func mayLose(model anyModel, f frame) bool { return model.mayLeave(f.Field) }

// erase deletes items of a batch. Those stay that have left the list by which they would go.
func (w *remover) erase(ctx context.Context, model anyModel, ids []string, batch []frame) (stays map[string]bool, err error) {
	listed := map[string]frame{}
	for _, f := range batch {
		for _, id := range f.IDs {
			if f.Type == model.name() && mayLose(model, f) && slices.Contains(ids, id) {
				listed[id] = f
			}
		}
	}
	isListed := func(id string) bool { return listed[id].Field != "" }
	if err := model.eraseAll(ctx, slices.DeleteFunc(slices.Clone(ids), isListed)); err != nil {
		return nil, err
	}
	return model.eraseListed(ctx, listed)
}

// leaveOut notes that an item stays, which is in its list no more. By another list it may go all the same.
func (w *remover) leaveOut(key txKey, batch []frame) {
	for _, f := range batch {
		if slices.Contains(f.IDs, key.id) && w.db.modelOf(f.Type) == key.model {
			w.stayed[key] = f.Value
		}
	}
}

// isNew tells whether a list has an item that no frame has, nor had, unless it has left that.
func (w *remover) isNew(key txKey, list *frame) bool {
	if left, hasLeft := w.stayed[key]; hasLeft && left != list.Value {
		delete(w.stayed, key)
		return true
	}
	return !w.known[key]
}

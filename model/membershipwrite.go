package model

import (
	"cmp"
	"context"
	"errors"
	"maps"

	"github.com/guregu/dynamo/v2"
)

// isWrittenWithOthers tells whether a new item is written in a transaction with what no plain write knows
// of: the membership of its maker, or, of a membership, its row and the counter of its object, or, of an
// invitation, the promise of its mail.
func (m *core) isWrittenWithOthers() bool {
	return m.definition.Membership != nil || m.definition.Invitation != nil || len(m.memberships) > 0
}

func (m *core) createWithOthers(ctx context.Context, caller Caller, c CreationOf[anyItem]) (item anyItem, err error) {
	err = m.db.Transact(ctx, func(tx *Tx) (err error) {
		item, err = m.In(tx).createOnce(ctx, caller, c)
		return err
	})
	return item, err
}

func (m *core) applyWithOthers(ctx context.Context, caller Caller, change ChangeOf[anyItem]) (item anyItem, err error) {
	tries := maxTries
	if change.Increment.isCounting() {
		tries = maxCountTries
	}
	err = m.db.transactOften(ctx, tries, func(tx *Tx) (err error) {
		item, err = m.In(tx).Apply(ctx, caller, change)
		return err
	})
	return item, err
}

// deleteWithOthers deletes a membership. What belongs to it by CASCADE goes after it.
func (m *core) deleteWithOthers(ctx context.Context, caller Caller, global string, expectedVersion *int) (item anyItem, err error) {
	if mayBeHeld(m) {
		if _, err := m.readFor(ctx, caller, OnDelete, m.localID(global), expectedVersion); err != nil {
			return nil, err
		}
		items, err := m.deleteAllUnlessHeld(ctx, caller, []string{global}, []string{m.localID(global)})
		if err != nil {
			return nil, err
		}
		return items[0], nil
	}
	err = m.db.Transact(ctx, func(tx *Tx) (err error) {
		if item, err = m.In(tx).goingItem(ctx, caller, global, expectedVersion); err != nil {
			return err
		}
		m.In(tx).removeAhead(ctx, item).caller = &caller
		return nil
	})
	return item, err
}

// counterChanges are by how much a transaction changes the counters of objects' members.
type counterChanges map[adminCounter]int

// of returns the changes of an item's own counters, by attribute.
func (c counterChanges) of(model anyModel, id string) map[string]int {
	var own map[string]int
	for counter, delta := range c {
		if counter.of == model && counter.id == id {
			if own == nil {
				own = map[string]int{}
			}
			own[counter.attribute] = delta
		}
	}
	return own
}

// addCounters plans the counters that a transaction changes. The write of an object that it writes itself
// has the counter's; of any other an action of its own. [ErrLastInRole]: nobody would be left.
func (p *txPlan) addCounters(ctx context.Context, tx *Tx) error {
	p.counters = counterChanges{}
	by, at, part := map[adminCounter]anyMembership{}, map[adminCounter]string{}, map[adminCounter]string{}
	for _, item := range tx.items {
		memberships, change, place := item.memberChange()
		if change != nil && change.delta != 0 {
			p.counters[change.counter] += change.delta
			by[change.counter] = memberships
			if _, isKnown := at[change.counter]; change.delta < 0 || !isKnown {
				at[change.counter], part[change.counter] = place, item.ofPart()
			}
		}
	}
	maps.DeleteFunc(p.counters, func(_ adminCounter, delta int) bool { return delta == 0 })
	for counter, delta := range p.counters {
		object := txKey{counter.of, counter.id}
		written, isWritten := tx.byKey[object]
		if isWritten && written.isGone() {
			delete(p.counters, counter)
			continue
		}
		if isWritten && written.isNew() {
			continue
		}
		state, err := by[counter].stateOf(ctx, counter)
		switch {
		case err != nil:
			return err
		case !state.isThere:
			delete(p.counters, counter) // a new membership finds nothing to belong to
		case delta < 0 && state.count+delta < 1:
			return inPart(placed(ErrLastInRole, at[counter]), part[counter])
		case !isWritten && !p.checked[object]:
			p.checked[object] = true
			p.actions = append(p.actions, txAction{part[counter],
				func(write *dynamo.WriteTx) {
					write.Update(counter.of.addAdmins(counter.id, p.counters.of(counter.of, counter.id)))
				},
				func(context.Context) error { return nil },
			})
		}
	}
	p.addRaises(tx)
	return nil
}

// addRaises adds, for each user who gets the highest role, that they have an account: by a write of theirs, so
// that an account which is deleted meanwhile does not take that role along unseen. See [Users].
func (p *txPlan) addRaises(tx *Tx) {
	users := &tx.db.users
	for _, item := range tx.items {
		_, change, at := item.memberChange()
		if change == nil || change.raised == "" || users.Raise == nil {
			continue
		}
		user := txKey{users, change.raised}
		if p.checked[user] {
			continue
		}
		p.checked[user] = true
		raise := users.Raise(change.raised)
		p.actions = append(p.actions, txAction{item.ofPart(),
			func(write *dynamo.WriteTx) { write.Update(raise) },
			func(context.Context) error { return placed(noParent(change.userField), at) },
		})
	}
}

// addRow notes the write of a membership's row. Where one membership goes and another takes its place, the row
// is of that.
func (p *txPlan) addRow(change *memberChange) {
	key := change.rowKey()
	if known, isKnown := p.rows[key]; isKnown && known.change.to != nil {
		return
	}
	if p.rows == nil {
		p.rows = map[memberRow]plannedRow{}
	}
	p.rows[key] = plannedRow{change, p.part}
}

// A plannedRow is the write of a row, by a part of a transaction.
type plannedRow struct {
	change *memberChange
	part   string
}

// addRows adds the writes of rows.
func (p *txPlan) addRows(db *DB) {
	for _, row := range p.rows {
		p.actions = append(p.actions, txAction{row.part,
			func(write *dynamo.WriteTx) { row.change.writeRow(db, write) },
			func(context.Context) error { return nil },
		})
	}
}

// rowKey is the key of the row.
func (c *memberChange) rowKey() memberRow {
	row := cmp.Or(c.to, c.from)
	return memberRow{Object: row.Object, Member: row.Member}
}

// rememberRow has a transaction's reads know the row that it is about to write.
func (m *core) rememberRow(ctx context.Context, before, after anyItem) {
	if m.definition.Membership == nil {
		return
	}
	item := after
	if item == nil {
		item = before
	}
	object := m.rowOf(item).Object
	m.rowMemory(ctx, m.userOf(item)).keep(map[string]bool{object: true}, map[string]*memberRow{object: m.rowOf(after)})
}

// forgetIn takes out of a transaction the memberships of an object that it makes and deletes again.
func (m *core) forgetIn(tx *Tx, object string) {
	for _, item := range tx.items {
		if written, ok := item.(*writtenItem); ok && written.model == m && written.isNew() && !written.isGone() && m.rowOf(written.after).Object == object {
			written.after = nil
		}
	}
}

// errCounted refuses to erase with others a membership that a counter counts.
var errCounted = errors.New("a counter counts it")

// besideErase returns what the erasure of a membership writes beside, whoever asks and whoever is left; nil:
// nothing.
func (m *core) besideErase(ctx context.Context, item anyItem) (add func(*dynamo.WriteTx), err error) {
	change := m.memberChange(item, nil)
	if change == nil {
		return nil, nil
	}
	var counter *dynamo.Update
	if change.delta != 0 {
		state, err := m.stateOf(ctx, change.counter)
		if err != nil {
			return nil, err
		}
		if state.isThere {
			attribute := change.counter.attribute
			counter = change.counter.of.lessAdmins(change.counter.id, attribute, -change.delta)
		}
	}
	return func(write *dynamo.WriteTx) {
		change.writeRow(m.db, write)
		if counter != nil {
			write.Update(counter)
		}
	}, nil
}

package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
	"github.com/ownql/ownql/model"
)

// ofUser is a table whose items each belong to a user, by the key userId and id, a UUIDv7: the
// user's sessions, or tokens.
type ofUser[T any] struct {
	table  dynamo.Table
	users  dynamo.Table
	db     *model.DB
	items  *decoder[T]
	people userDecoder
	called string               // `sessions`
	key    func(*T) dynamo.Keys // of an item
	isLive func(*T, *User) bool // whether the item is good for its user
}

// id is that of an item.
func (o ofUser[T]) id(item *T) string { return o.key(item)[1].(string) }

// listOf tells the cursors of a user's list from those of other lists.
func (o ofUser[T]) listOf(user *User) string { return o.called + " of " + user.ID }

// of returns a live item of a user, and the user, in one strongly consistent BatchGetItem over both
// tables. ErrNotFound: it has ended, or never was.
func (o ofUser[T]) of(ctx context.Context, userID, id string) (*User, *T, error) {
	var (
		user  *User
		found *T
		wrong error
	)
	err := o.db.ReadTexts(ctx, true, func(table string, item itembytes.Found) (err error) {
		if table == o.table.Name() {
			found, err = o.items.decode(item)
		} else {
			user, err = o.people.user(item)
		}
		wrong = errors.Join(wrong, err)
		return nil
	},
		itembytes.TextKey{Table: o.users.Name(), Hash: itembytes.TextAttribute{Name: "id", Value: userID}},
		itembytes.TextKey{
			Table: o.table.Name(),
			Hash:  itembytes.TextAttribute{Name: "userId", Value: userID},
			Range: itembytes.TextAttribute{Name: "id", Value: id},
		},
	)
	if err = errors.Join(err, wrong); err != nil {
		return nil, nil, fmt.Errorf("read one of the %s of user %s: %w", o.called, userID, err)
	}
	if user == nil || found == nil || !o.isLive(found, user) {
		return nil, nil, model.ErrNotFound
	}
	return user, found, nil
}

// page returns a page of the user's live items, the newest first, for nobody but the user, who has
// signed in. ErrNotFound: the caller is another. ErrForbidden: the caller comes by a service token. Code
// BAD_USER_INPUT: the page asks for too much, or a cursor is of another list.
func (o ofUser[T]) page(ctx context.Context, caller model.Caller, user *User, page model.Page) (*model.Connection[T], error) {
	switch {
	case caller.ID == "" || caller.ID != user.ID:
		return nil, model.ErrNotFound
	case caller.Scopes() != nil:
		return nil, ErrByToken
	}
	size, err := page.Size()
	if err != nil {
		return nil, err
	}
	after, err := o.cursor(user, "after", page.After)
	if err != nil {
		return nil, err
	}
	before, err := o.cursor(user, "before", page.Before)
	if err != nil {
		return nil, err
	}
	// The newest has the greatest id. The walk begins behind one cursor, and ends at the other.
	isBackward := page.Last != nil
	last, isPast := after, func(id string) bool { return before != "" && id <= before }
	if isBackward {
		last, isPast = before, func(id string) bool { return after != "" && id >= after }
	}
	edges, hasMore, isEarly := []*model.Edge[T]{}, false, false
	budget, examined := model.ReadBudgetFrom(ctx), 0
walk:
	for limit := size + 1; ; limit = ofUserAtOnce {
		limit = min(limit, budget.ListLimit(size)-examined)
		if limit > 0 {
			limit = budget.Take(limit)
		}
		if isEarly = limit == 0; isEarly {
			break
		}
		found, goesOn, err := o.next(ctx, user, last, isBackward, limit)
		if err != nil {
			return nil, err
		}
		budget.GiveBack(limit - max(len(found), 1))
		examined += len(found)
		for _, item := range found {
			last = o.id(item)
			if isPast(last) {
				break walk
			}
			if !o.isLive(item, user) {
				continue
			}
			if hasMore = len(edges) == size; hasMore {
				break walk
			}
			edges = append(edges, o.edge(user, item))
		}
		if !goesOn {
			break
		}
	}
	info := &model.PageInfo{HasNextPage: hasMore || isEarly, HasPreviousPage: page.After != nil}
	if isBackward {
		slices.Reverse(edges)
		info.HasNextPage, info.HasPreviousPage = page.Before != nil, hasMore || isEarly
	}
	if len(edges) > 0 {
		info.StartCursor, info.EndCursor = &edges[0].Cursor, &edges[len(edges)-1].Cursor
	}
	if isEarly && last != "" {
		cursor := o.db.EncodeIDCursor(o.listOf(user), last)
		if isBackward {
			info.StartCursor = &cursor
		} else {
			info.EndCursor = &cursor
		}
	}
	return &model.Connection[T]{Edges: edges, PageInfo: info}, nil
}

// edge returns an item as it stands in the list of the user's.
func (o ofUser[T]) edge(user *User, item *T) *model.Edge[T] {
	return &model.Edge[T]{Cursor: o.db.EncodeIDCursor(o.listOf(user), o.id(item)), Node: item}
}

// cursor returns the id of the item that a cursor of the argument points at, empty without one.
func (o ofUser[T]) cursor(user *User, argument string, cursor *string) (id string, err error) {
	if cursor == nil {
		return "", nil
	}
	return o.db.DecodeIDCursor(o.listOf(user), argument, *cursor)
}

// ofUserAtOnce is how many items are read at once where the first few have ended.
const ofUserAtOnce = 100

// next returns at most limit of the user's items behind last, ended ones included, the newest first
// or, backward, last; and whether there may be more.
func (o ofUser[T]) next(ctx context.Context, user *User, last string, isBackward bool, limit int) (found []*T, goesOn bool, err error) {
	query := o.table.Get("userId", user.ID).Order(dynamo.Order(isBackward)).Consistent(true).SearchLimit(limit)
	switch {
	case last != "" && isBackward:
		query.Range("id", dynamo.Greater, last)
	case last != "":
		query.Range("id", dynamo.Less, last)
	}
	following, err := query.AllWithLastEvaluatedKey(ctx, &found)
	if err != nil {
		return nil, false, fmt.Errorf("read the %s of user %s: %w", o.called, user.ID, err)
	}
	return found, following != nil, nil
}

// all returns the user's live items, the newest first, and those that have ended.
func (o ofUser[T]) all(ctx context.Context, user *User) (live, dead []*T, err error) {
	var found []*T
	if err := o.table.Get("userId", user.ID).Order(dynamo.Descending).Consistent(true).All(ctx, &found); err != nil {
		return nil, nil, fmt.Errorf("read the %s of user %s: %w", o.called, user.ID, err)
	}
	for _, item := range found {
		if o.isLive(item, user) {
			live = append(live, item)
		} else {
			dead = append(dead, item)
		}
	}
	return live, dead, nil
}

// byID returns the user's live items with these ids, by id, in one strongly consistent BatchGetItem.
// Others are absent.
func (o ofUser[T]) byID(ctx context.Context, user *User, ids []string) (map[string]*T, error) {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	found := make(map[string]*T, len(wanted))
	if len(wanted) == 0 {
		return found, nil
	}
	of := model.ItemIDs{Table: o.table.Name(), Within: itembytes.TextAttribute{Name: "userId", Value: user.ID}, IDs: slices.Collect(maps.Keys(wanted))}
	var wrong error
	err := o.db.ReadByID(ctx, of, func(kept itembytes.Found) error {
		item, err := o.items.decode(kept)
		switch {
		case err != nil:
			wrong = err
		case wanted[o.id(item)] && o.isLive(item, user):
			found[o.id(item)] = item
		}
		return nil
	})
	if err = errors.Join(err, wrong); err != nil {
		return nil, fmt.Errorf("read %d %s: %w", len(wanted), o.called, err)
	}
	return found, nil
}

// deleteAll deletes the items of a user, ended ones included.
func (o ofUser[T]) deleteAll(ctx context.Context, userID string) error {
	var found []*T
	if err := o.table.Get("userId", userID).Consistent(true).All(ctx, &found); err != nil {
		return fmt.Errorf("read the %s of user %s: %w", o.called, userID, err)
	}
	return o.delete(ctx, found)
}

// delete deletes items, whosever they are.
func (o ofUser[T]) delete(ctx context.Context, items []*T) error {
	if len(items) == 0 {
		return nil
	}
	keys := make([]dynamo.Keyed, len(items))
	for i, item := range items {
		keys[i] = o.key(item)
	}
	if _, err := o.table.Batch("userId", "id").Write().Delete(keys...).Run(ctx); err != nil {
		return fmt.Errorf("delete %d %s: %w", len(items), o.called, err)
	}
	return nil
}

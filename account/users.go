package account

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
	"github.com/ownql/ownql/model"
)

// Users is the users as a project knows them: its type U embeds User, and may add fields of
// its own, which are kept in the same item.
type Users[U any] struct {
	store      *Store
	definition UserDefinition[U]
	account    func(*U) *User

	renames *model.Renames

	hasOwn   bool // U has attributes of its own
	fillOnce sync.Once
	fill     dynamo.Item     // what an item that lacks one of them is read as
	plan     *itembytes.Plan // nil: an item is not to be read by one
}

// A UserDefinition is what the schema says of the fields that a project adds to User.
type UserDefinition[U any] struct {
	Defaults func(*U) // sets what @default says; nil: nothing
	// Validate returns what is wrong by each @validate, nil where it holds; nil: there is none.
	Validate func(*U) []*model.Error
	Enums    map[string][]string // as of model.Definition
	Renames  []model.Rename
}

// userOf is a *U that embeds User.
type userOf[U any] interface {
	*U
	model.Node
	account() *User
}

// account is how Users get at what they have embedded.
func (u *User) account() *User { return u }

// NewUsers returns the store's users as U, and has them found as nodes.
func NewUsers[U any, P userOf[U]](s *Store, definition UserDefinition[U]) *Users[U] {
	users := &Users[U]{
		store: s, definition: definition,
		account: func(user *U) *User { return P(user).account() },
		hasOwn:  len(attributesOf(reflect.TypeFor[U]())) > len(attributesOf(reflect.TypeFor[User]())),
	}
	users.renames = s.db.AddFields(s.users, []any{mailedUser{}, *new(U)}, definition.Enums, definition.Renames)
	s.db.AddNodes("User", func(ctx context.Context, caller model.Caller, id string) func() (model.Node, error) {
		wait := users.load(ctx, caller, id)
		return func() (model.Node, error) {
			user, err := wait()
			if user == nil || err != nil {
				return nil, err
			}
			return P(user), nil
		}
	})
	return users
}

// Of returns a user as U; nil for nil.
func (users *Users[U]) Of(user *User) (*U, error) {
	if user == nil {
		return nil, nil
	}
	own := new(U)
	if !users.hasOwn {
		*users.account(own) = *user
		return own, nil
	}
	users.fillOnce.Do(func() {
		users.fill = users.defaultItem()
		if len(users.definition.Renames) == 0 {
			users.plan = itembytes.NewPlan(reflect.TypeFor[U](), users.fill, nil)
		}
	})
	if bytes, isKept := user.row.Bytes(); isKept && users.plan != nil {
		if users.plan.Decode(bytes, reflect.ValueOf(own).Elem(), nil) {
			*users.account(own) = *user
			return own, nil
		}
		own = new(U)
	}
	row, err := user.row.Item()
	if user.row.IsNone() { // it has just been made
		row, err = dynamo.MarshalItem(user)
	}
	if err != nil {
		return nil, err
	}
	if len(users.fill)+len(users.definition.Renames) > 0 {
		row = maps.Clone(row)
		users.renames.Resolve(row)
		for attribute, value := range users.fill {
			if row[attribute] == nil {
				row[attribute] = value
			}
		}
	}
	if err := dynamo.UnmarshalItem(row, own); err != nil {
		return nil, err
	}
	*users.account(own) = *user
	return own, nil
}

// defaultItem returns U's own attributes with their defaults.
func (users *Users[U]) defaultItem() dynamo.Item {
	own := new(U)
	if users.definition.Defaults != nil {
		users.definition.Defaults(own)
	}
	item, err := dynamo.MarshalItem(own)
	if err != nil {
		panic(err) // no value of U could be kept
	}
	return ownAttributes(item)
}

// attributes are the names of what an item of the users table has of accounts.
var attributes = sync.OnceValue(func() []string { return attributesOf(reflect.TypeFor[mailedUser]()) })

// attributesOf returns the names of the attributes that a struct is kept in.
func attributesOf(of reflect.Type) (names []string) {
	for _, field := range reflect.VisibleFields(of) {
		if name, _, _ := strings.Cut(field.Tag.Get("dynamo"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// attributeOf returns the attribute that one of U's own fields is kept in: its name, unless accounts
// have one of that name.
func attributeOf(field string) string {
	if slices.Contains(attributes(), field) {
		return field + "_"
	}
	return field
}

// ownAttributes takes from an item what accounts keep in it.
func ownAttributes(item dynamo.Item) dynamo.Item {
	for _, name := range attributes() {
		delete(item, name)
	}
	return item
}

// SetFieldRules says who may read which fields of a user beside the user, by their names in the schema: see
// [model.UserParent]. Without any, nobody sees another.
func (users *Users[U]) SetFieldRules(rules map[string][]model.Rule) {
	users.store.db.Users().SetFieldRules(rules)
}

// MayReadField tells whether the caller may read a field of a user whom it may see, by its name in the schema: of
// itself every one, of another those that a rule lets it read.
func (users *Users[U]) MayReadField(ctx context.Context, caller model.Caller, user *U, field string) (bool, error) {
	id := users.account(user).ID
	if !caller.HasScope(model.OnRead, "User") {
		return false, nil
	}
	if isSelf(caller, id) {
		return true, nil
	}
	return users.store.db.Users().MayReadField(ctx, caller, id, field)
}

// Load returns the user with this id, which is not the global one: nil where there is none
// of whom the caller may read something. Which fields these are, MayReadField tells. In an operation users are read together, see [model.WithReads].
func (users *Users[U]) Load(ctx context.Context, caller model.Caller, id string) (*U, error) {
	return users.load(ctx, caller, id)()
}

// loaderKey tells the loaders of users apart from those of models.
type loaderKey struct {
	callerID string
	isScoped bool
	isSystem bool
	roles    string // sorted
}

// otherKey is another user, for the budget: whether there is one, or the caller sees them, or not.
type otherKey string

func (users *Users[U]) load(ctx context.Context, caller model.Caller, id string) func() (*U, error) {
	key, charged := loaderKey{callerID: caller.ID, isScoped: caller.Scopes() != nil, isSystem: caller.IsSystem()}, any(otherKey(id))
	switch {
	case maySee(caller, id):
		charged = key
	case id == "" || isSelf(caller, id) || !users.store.db.Users().HasFieldRules():
		return func() (*U, error) { return nil, nil }
	}
	if err := model.ReadBudgetFrom(ctx).Load(charged); err != nil {
		return func() (*U, error) { return nil, err }
	}
	key.roles = strings.Join(slices.Sorted(slices.Values(caller.Roles)), "\x00")
	fetch := func(ctx context.Context, ids []string) (map[string]*U, error) {
		found, err := users.store.UsersByID(ctx, caller, ids)
		if err != nil {
			return nil, err
		}
		own := make(map[string]*U, len(found))
		for id, user := range found {
			if own[id], err = users.Of(user); err != nil {
				return nil, err
			}
		}
		return own, nil
	}
	if loader := model.Loader(ctx, key, fetch); loader != nil {
		return loader.Load(ctx, id)
	}
	return func() (*U, error) {
		found, err := fetch(ctx, []string{id})
		return found[id], err
	}
}

// Update changes a user, as it was read: what change says of what accounts keep, and what set,
// which may be nil, sets of U's own fields. Where others change the user at once, it is read
// again. ErrNotFound, ErrConflict: see [Store.UpdateUser]. Code BAD_USER_INPUT: a value is not
// one.
func (users *Users[U]) Update(ctx context.Context, caller model.Caller, user *User, change UserUpdate, set func(*U)) (*U, error) {
	var err error
	if set != nil && change.ExpectedVersion != nil && *change.ExpectedVersion != user.Version {
		if user, err = users.store.User(ctx, user.ID); err != nil {
			return nil, err
		}
		if *change.ExpectedVersion != user.Version {
			return nil, model.ErrConflict
		}
	}
	for try := range maxTries {
		if err := model.Pause(ctx, try); err != nil {
			return nil, err
		}
		next := change
		if set != nil {
			if next.Own, err = users.changed(user, set); err != nil {
				return nil, err
			}
			if err := users.renames.Complete(ctx, next.Own); err != nil {
				return nil, err
			}
		}
		if len(next.Own) > 0 && next.ExpectedVersion == nil {
			next.ExpectedVersion = &user.Version
		}
		updated, err := users.store.UpdateUser(ctx, caller, user.ID, next)
		switch {
		case err == nil:
			return users.Of(updated)
		case !errors.Is(err, model.ErrConflict) || change.ExpectedVersion != nil:
			return nil, err
		}
		if user, err = users.store.User(ctx, user.ID); err != nil {
			return nil, err
		}
	}
	return nil, model.ErrConflict
}

// changed returns which of U's own attributes set changes, and to what.
func (users *Users[U]) changed(user *User, set func(*U)) (map[string]types.AttributeValue, error) {
	own, err := users.Of(user)
	if err != nil {
		return nil, err
	}
	before, err := dynamo.MarshalItem(own)
	if err != nil {
		return nil, err
	}
	set(own)
	after, err := dynamo.MarshalItem(own)
	if err != nil {
		return nil, err
	}
	differ := map[string]types.AttributeValue{}
	for attribute, value := range ownAttributes(after) {
		if !reflect.DeepEqual(value, before[attribute]) {
			differ[attribute] = value
		}
	}
	for attribute := range ownAttributes(before) {
		if after[attribute] == nil {
			differ[attribute] = nil
		}
	}
	if users.definition.Validate == nil {
		return differ, nil
	}
	for _, problem := range users.definition.Validate(own) {
		if problem == nil {
			continue
		}
		if _, isChanged := differ[attributeOf(problem.Field)]; isChanged {
			return nil, problem
		}
	}
	return differ, nil
}

// Sessions is [Store.Sessions] of a user; nil to others who see the user.
func (users *Users[U]) Sessions(ctx context.Context, caller model.Caller, user *U, page model.Page) (*SessionConnection, error) {
	if users.isOther(caller, user) {
		return nil, nil
	}
	return users.store.Sessions(ctx, caller, users.account(user), page)
}

// Tokens is [Store.Tokens] of a user; nil to others who see the user.
func (users *Users[U]) Tokens(ctx context.Context, caller model.Caller, user *U, page model.Page) (*TokenConnection, error) {
	if users.isOther(caller, user) {
		return nil, nil
	}
	return users.store.Tokens(ctx, caller, users.account(user), page)
}

// isOther tells whether the user is another than the caller, where users see others.
func (users *Users[U]) isOther(caller model.Caller, user *U) bool {
	return users.store.db.Users().HasFieldRules() && !isSelf(caller, users.account(user).ID)
}

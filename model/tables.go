package model

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// tableTimeout is how long a new table may take to become ACTIVE.
const tableTimeout = 5 * time.Minute

// ttlAttribute is, in the tables that have one, the Unix second after which
// DynamoDB deletes an item.
const ttlAttribute = "ttl"

// A layout is a table as it should be: its key as the tags of its item's struct have
// it, and its indexes.
type layout struct {
	dynamo.Table
	item    any
	indexes []Index
	hasTTL  bool

	required []string            // attributes that no item may lack
	fill     dynamo.Item         // what an item that lacks an attribute is read as
	enums    map[string][]string // the values of each attribute that has an enum, see Definition
	uniques  []string            // what the keys of its values in the uniques table begin with
	renames  []Rename
	types    []reflect.Type // which have all the fields of items; none: nobody knows them
	joined   []Joined
	passing  []string // attributes that items have of when what they belong to could not move
	members  string   // what the rows of its memberships begin with; empty: its items are none
	isKept   bool     // its items do not go with their owner's account
}

func (db *DB) layouts() []layout {
	layouts := append(slices.Clone(db.others), layout{Table: db.uniques, item: unique{}}, layout{Table: db.outbox.table, item: outboxMessage{}})
	for _, model := range db.models {
		layouts = append(layouts, model.layout())
	}
	return layouts
}

func (m *core) layout() layout {
	l := layout{
		Table: m.table, item: m.item, indexes: m.indexes(),
		required: m.definition.Required, fill: m.defaultItem(), enums: m.definition.Enums, renames: m.definition.Renames,
		types: []reflect.Type{reflect.TypeOf(m.item)}, joined: m.definition.Joined, isKept: m.onOwnerDelete() != GoesWithOwner,
	}
	if m.definition.Membership != nil {
		l.members = m.memberKey("")
	}
	for _, a := range m.definition.Ancestors {
		if a.ID == nil {
			l.passing = append(l.passing, a.Field)
		}
	}
	for _, unique := range m.definition.Uniques {
		l.uniques = append(l.uniques, m.uniqueID(unique.Field, ""))
	}
	return l
}

// indexes returns every index of the table.
func (m *core) indexes() []Index {
	indexes := append([]Index{ByOwner}, m.definition.Indexes...)
	for _, parent := range m.definition.Parents {
		indexes = append(indexes, listedBy(parent.Field))
	}
	for _, joined := range m.definition.Joined {
		indexes = append(indexes, joined.Index())
	}
	return indexes
}

// TableNames returns the names of the tables, without the prefix: of those whose items last,
// and of those whose items expire, sessions and attempts, which are of no use elsewhere.
func (db *DB) TableNames() (lasting, expiring []string) {
	for _, layout := range db.layouts() {
		name := strings.TrimPrefix(layout.Name(), db.prefix)
		if layout.hasTTL {
			expiring = append(expiring, name)
		} else {
			lasting = append(lasting, name)
		}
	}
	return lasting, expiring
}

// definition returns the index as DynamoDB wants it defined.
func (l layout) definition(x Index) dynamo.Index {
	return dynamo.Index{
		Name:    x.name(),
		HashKey: x.Hash, HashKeyType: l.keyType(x.Hash),
		RangeKey: x.Sort, RangeKeyType: l.keyType(x.Sort),
		ProjectionType: dynamo.AllProjection,
	}
}

// keyType returns what an attribute of the item is in a key: a number or text.
func (l layout) keyType(attribute string) dynamo.KeyType {
	if l.isJoined(attribute) {
		return dynamo.StringType
	}
	for _, field := range reflect.VisibleFields(reflect.TypeOf(l.item)) {
		if attributeOf(field) != attribute {
			continue
		}
		typ := field.Type
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() == reflect.Int || typ.Kind() == reflect.Float64 || typ == reflect.TypeFor[Decimal]() {
			return dynamo.NumberType
		}
		return dynamo.StringType
	}
	panic(fmt.Sprintf("%T has no attribute %s for an index", l.item, attribute))
}

// isJoined tells whether the attribute is one that a Joined has the model write.
func (l layout) isJoined(attribute string) bool {
	return slices.Contains(l.joinedAttributes(), attribute)
}

// joinedAttributes are those that a Joined has the model write, each once.
func (l layout) joinedAttributes() (attributes []string) {
	for _, joined := range l.joined {
		index := joined.Index()
		for _, attribute := range []string{index.Hash, index.Sort} {
			if attribute != "id" && !slices.Contains(attributes, attribute) {
				attributes = append(attributes, attribute)
			}
		}
	}
	return attributes
}

// hashKey returns the attribute that is the table's hash key.
func (l layout) hashKey() string {
	for _, field := range reflect.VisibleFields(reflect.TypeOf(l.item)) {
		if name, isHash := strings.CutSuffix(field.Tag.Get("dynamo"), ",hash"); isHash {
			return name
		}
	}
	panic(fmt.Sprintf("%T has no hash key", l.item))
}

// CreateTables creates the tables that are missing, with on-demand capacity, waits
// until each is ACTIVE, and turns on its time to live. To those that are there it adds
// the indexes that are missing, as [DB.Do] does. It returns the names of the tables
// and indexes that it created. Running it again changes nothing.
//
// It stops where an index cannot be had, or not without filling items first; Plan says
// all that there is to say of the tables.
func (db *DB) CreateTables(ctx context.Context) (created []string, err error) {
	for _, layout := range db.layouts() {
		isNew, err := db.createTable(ctx, layout)
		if err != nil {
			return created, fmt.Errorf("create table %s: %w", layout.Name(), err)
		}
		if isNew {
			created = append(created, layout.Name())
			continue
		}
		steps, err := layout.steps(ctx)
		if err != nil {
			return created, fmt.Errorf("plan table %s: %w", layout.Name(), err)
		}
		for _, step := range steps {
			switch step.Action {
			case StepLeave:
			case StepCreate:
				if err := db.Do(ctx, step); err != nil {
					return created, err
				}
				created = append(created, step.Table+" index "+step.Index)
			default:
				return created, errors.New(step.String())
			}
		}
	}
	return created, nil
}

func (db *DB) createTable(ctx context.Context, table layout) (isNew bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tableTimeout)
	defer cancel()

	_, err = table.Describe().Run(ctx)
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		isNew = true
		create := db.dynamo.CreateTable(table.Name(), table.item).OnDemand(true)
		for _, index := range table.indexes {
			create.Index(table.definition(index))
		}
		err = create.Run(ctx)
		if exists := new(types.ResourceInUseException); errors.As(err, &exists) {
			isNew, err = false, nil // another process was faster
		}
	}
	if err != nil {
		return false, err
	}
	if err := table.Wait(ctx, dynamo.ActiveStatus); err != nil {
		return isNew, err
	}
	if isNew && table.isKept { // no server has kept it otherwise
		if err := db.sayKept(ctx, table); err != nil {
			return isNew, err
		}
	}
	if !table.hasTTL {
		return isNew, nil
	}
	return isNew, table.turnOnTTL(ctx)
}

// turnOnTTL turns on the table's time to live, unless it is on.
func (l layout) turnOnTTL(ctx context.Context) error {
	if isOn, err := l.hasTTLOn(ctx); isOn || err != nil {
		return err
	}
	err := l.UpdateTTL(ttlAttribute, true).Run(ctx)
	if err == nil {
		return nil
	}
	// DynamoDB refuses to do it twice: another process may have been faster, or an earlier
	// try whose answer was lost.
	if isOn, asked := l.hasTTLOn(ctx); isOn && asked == nil {
		return nil
	}
	return err
}

func (l layout) hasTTLOn(ctx context.Context) (bool, error) {
	ttl, err := l.DescribeTTL().Run(ctx)
	return ttl.Status == dynamo.TTLEnabled || ttl.Status == dynamo.TTLEnabling, err
}

// Ready tells whether the store answers: nil, or what is wrong.
func (db *DB) Ready(ctx context.Context) error {
	err := db.uniques.Get("id", "ready").Consistent(true).One(ctx, &unique{})
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return fmt.Errorf("read table %s: %w", db.uniques.Name(), err)
	}
	return nil
}

package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
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
	indexes []index
	hasTTL  bool
}

func (s *Store) layouts() []layout {
	layouts := []layout{
		{Table: s.users, item: User{}},
		{Table: s.logins, item: Login{}},
		{Table: s.sessions, item: Session{}, hasTTL: true},
		{Table: s.attempts, item: attempts{}, hasTTL: true},
		{Table: s.uniques, item: unique{}},
	}
	for _, model := range s.all {
		layouts = append(layouts, model.layout())
	}
	return layouts
}

func (m *model[T, P]) layout() layout {
	return layout{Table: m.table, item: *new(T), indexes: append([]index{byOwner}, m.indexes...)}
}

// definition returns the index as DynamoDB wants it defined.
func (l layout) definition(x index) dynamo.Index {
	return dynamo.Index{
		Name:    x.name(),
		HashKey: x.hash, HashKeyType: l.keyType(x.hash),
		RangeKey: x.sort, RangeKeyType: l.keyType(x.sort),
		ProjectionType: dynamo.AllProjection,
	}
}

// keyType returns what an attribute of the item is in a key: a number or text.
func (l layout) keyType(attribute string) dynamo.KeyType {
	item := reflect.TypeOf(l.item)
	for i := range item.NumField() {
		name, _, _ := strings.Cut(item.Field(i).Tag.Get("dynamo"), ",")
		if name != attribute {
			continue
		}
		typ := item.Field(i).Type
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() == reflect.Int || typ.Kind() == reflect.Float64 {
			return dynamo.NumberType
		}
		return dynamo.StringType
	}
	panic(fmt.Sprintf("%s has no attribute %s for an index", item, attribute))
}

// CreateTables creates the tables that are missing, with on-demand capacity, waits
// until each is ACTIVE, and turns on its time to live. It returns the names of those
// that it created. Running it again changes nothing.
func (s *Store) CreateTables(ctx context.Context) (created []string, err error) {
	for _, table := range s.layouts() {
		isNew, err := s.createTable(ctx, table)
		if err != nil {
			return created, fmt.Errorf("create table %s: %w", table.Name(), err)
		}
		if isNew {
			created = append(created, table.Name())
		}
	}
	return created, nil
}

func (s *Store) createTable(ctx context.Context, table layout) (isNew bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tableTimeout)
	defer cancel()

	_, err = table.Describe().Run(ctx)
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		isNew = true
		create := s.db.CreateTable(table.Name(), table.item).OnDemand(true)
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
	if !table.hasTTL {
		return isNew, nil
	}
	ttl, err := table.DescribeTTL().Run(ctx)
	if err != nil || ttl.Status == dynamo.TTLEnabled || ttl.Status == dynamo.TTLEnabling {
		return isNew, err
	}
	return isNew, table.UpdateTTL(ttlAttribute, true).Run(ctx)
}

// Ready tells whether the store answers: nil, or what is wrong.
func (s *Store) Ready(ctx context.Context) error {
	err := s.users.Get("id", "ready").Consistent(true).One(ctx, &User{})
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return fmt.Errorf("read table %s: %w", s.users.Name(), err)
	}
	return nil
}

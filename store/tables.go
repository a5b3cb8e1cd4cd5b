package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// tableTimeout is how long a new table may take to become ACTIVE.
const tableTimeout = 5 * time.Minute

// ttlAttribute is, in the tables that have one, the Unix second after which
// DynamoDB deletes an item.
const ttlAttribute = "ttl"

// table is a table as the tags of its item's struct describe it.
type table struct {
	dynamo.Table
	item   any
	hasTTL bool
}

func (s *Store) tables() []table {
	return []table{
		{Table: s.users, item: User{}},
		{Table: s.logins, item: Login{}},
		{Table: s.sessions, item: Session{}, hasTTL: true},
		{Table: s.attempts, item: attempts{}, hasTTL: true},
	}
}

// CreateTables creates the tables that are missing, with on-demand capacity, waits
// until each is ACTIVE, and turns on its time to live. It returns the names of those
// that it created. Running it again changes nothing.
func (s *Store) CreateTables(ctx context.Context) (created []string, err error) {
	for _, table := range s.tables() {
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

func (s *Store) createTable(ctx context.Context, table table) (isNew bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tableTimeout)
	defer cancel()

	_, err = table.Describe().Run(ctx)
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		isNew = true
		err = s.db.CreateTable(table.Name(), table.item).OnDemand(true).Run(ctx)
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

package dynamolocal

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.etcd.io/bbolt"
)

// A Snapshot is the tables as they were at one moment, whatever is written meanwhile. It is
// safe for concurrent use. While it is open the file keeps every page of that moment, and so
// grows with the writes; one that needs a larger mapping of the file waits until it is closed.
// So close it soon, and before the DB, whose Close waits for it too.
type Snapshot struct {
	db *DB // no more than its reads, all in one transaction
}

// A moment is a transaction that several reads share, one after the other.
type moment struct {
	mu  sync.Mutex // bbolt wants a transaction in one goroutine at a time
	tx  *bbolt.Tx  // nil once closed
	end func(*bbolt.Tx)
}

// Snapshot begins one. The error is ErrClosed after Close.
func (db *DB) Snapshot() (*Snapshot, error) {
	tx, err := db.begin(false)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", db.path, err)
	}
	return &Snapshot{&DB{bolt: db.bolt, path: db.path, moment: &moment{tx: tx, end: db.rollback}}}, nil
}

func (m *moment) view(read func(tx *bbolt.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tx == nil {
		return ErrClosed
	}
	return read(m.tx)
}

func (s *Snapshot) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, _ ...options) (*dynamodb.DescribeTableOutput, error) {
	return invoke(ctx, "DescribeTable", in, s.db.describeTable)
}

func (s *Snapshot) Scan(ctx context.Context, in *dynamodb.ScanInput, _ ...options) (*dynamodb.ScanOutput, error) {
	return invoke(ctx, "Scan", in, s.db.scan)
}

// Close ends the snapshot. A second Close does nothing.
func (s *Snapshot) Close() error {
	m := s.db.moment
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tx != nil {
		m.end(m.tx)
		m.tx = nil
	}
	return nil
}

// Package store is what ownql keeps: its types with their dynamo tags, and the
// methods that read and write them through github.com/guregu/dynamo/v2.
//
// There is one store and one code path. What differs between a laptop and AWS is
// the client beneath it, see [New]. Rules about who may read and change what are
// enforced here, against the [Caller] that every such method takes.
//
// The schema's own types have a generated file each, *_gen.go, which says what is
// special about the type; all that they have in common is model, in model.go and the
// files beside it.
package store

import (
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// Store reads and writes the tables. It is safe for concurrent use.
type Store struct {
	db       *dynamo.DB
	prefix   string // of every table's name
	users    dynamo.Table
	logins   dynamo.Table
	sessions dynamo.Table
	attempts dynamo.Table
	uniques  dynamo.Table
	sealer   sealer // of cursors
	models
	all []anyModel // the models, in the schema's order
}

// An Option is what New may be told beside.
type Option func(*Store)

// WithCursorKeys seals cursors that point at what the caller may not read by the first of
// these keys, of 32 bytes, and takes those of any. Without it a Store knows its own alone.
func WithCursorKeys(keys [][]byte) Option {
	return func(s *Store) { s.sealer = newSealer(keys) }
}

// New returns a store on client: the SDK's *dynamodb.Client, or the embedded
// engine's *dynamolocal.DB. Every table's name begins with prefix.
func New(client dynamodbiface.DynamoDBAPI, prefix string, options ...Option) *Store {
	db := dynamo.NewFromIface(client)
	s := &Store{
		db:       db,
		prefix:   prefix,
		users:    db.Table(prefix + "users"),
		logins:   db.Table(prefix + "logins"),
		sessions: db.Table(prefix + "sessions"),
		attempts: db.Table(prefix + "attempts"),
		uniques:  db.Table(prefix + "uniques"),
		sealer:   newOwnSealer(),
	}
	for _, option := range options {
		option(s)
	}
	s.defineModels()
	return s
}

// Caller is who asks: the signed-in user's id and roles. The zero Caller is
// anonymous.
type Caller struct {
	ID    string
	Roles []string
}

// NewID returns a UUIDv7 (RFC 9562), whose text sorts by the time it was made.
func NewID() string {
	return uuid.Must(uuid.NewV7()).String()
}

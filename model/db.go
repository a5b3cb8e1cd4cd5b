// Package model is what every type with @model has: its table, who may do what with its
// objects, its lists with their cursors, what is unique, what belongs to what, and what
// becomes of all that when the schema changes. It keeps objects in DynamoDB, by
// github.com/guregu/dynamo/v2, through whatever client it is given.
//
// A project's generated package store defines a [Model] for each of its types, and adds
// nothing else. Rules about who may read and change what are enforced here, against the
// [Caller] that every such method takes.
package model

import (
	"context"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/itembytes"
)

// DB is the tables. It is safe for concurrent use once every model is defined.
type DB struct {
	client  dynamodbiface.DynamoDBAPI // which dynamo asks
	texts   itembytes.TextReader      // nil: the client is none
	dynamo  *dynamo.DB
	prefix  string // of every table's name
	uniques dynamo.Table
	members dynamo.Table // of no name where the schema has no Membership
	outbox  outbox
	sealer  sealer             // of cursors
	others  []layout           // the tables that are no model's, such as those of accounts
	models  []anyModel         // in the schema's order
	objects map[string][]Field // of plain objects, by type
	turns   turns              // of those who increment

	nodes           map[string]loadNode                            // of what is no model, such as User
	takenLimit      TakenLimit                                     // nil: there is none
	invitationLimit func(ctx context.Context, caller Caller) error // nil: there is none
	users           UserParent

	tellRefusal func(context.Context, Refusal)

	isAlone bool
}

// An Option is what Open may be told beside.
type Option func(*DB)

// WithCursorKeys has cursors made by the first of these keys, of 32 bytes, and taken by any, so that
// all who have the same keys take one another's. Without it a DB knows its own alone.
func WithCursorKeys(keys [][]byte) Option {
	return func(db *DB) { db.sealer = newSealer(keys) }
}

// Alone says that no other process writes to the tables meanwhile.
func Alone() Option { return func(db *DB) { db.isAlone = true } }

// Open returns the tables behind client: the SDK's *dynamodb.Client, or the embedded
// engine's *dynamolocal.DB. Every table's name begins with prefix.
func Open(client dynamodbiface.DynamoDBAPI, prefix string, options ...Option) *DB {
	texts := textReaderOf(client)
	client = wholeBatches{client}
	d := dynamo.NewFromIface(client)
	db := &DB{
		client:  client,
		texts:   texts,
		dynamo:  d,
		prefix:  prefix,
		uniques: d.Table(prefix + "uniques"),
		outbox:  newOutbox(d.Table(prefix + "outbox")),
		sealer:  newOwnSealer(),
		nodes:   map[string]loadNode{},

		tellRefusal: func(context.Context, Refusal) {},
	}
	db.OnOutbox(removalKind, db.handleRemoval)
	db.OnOutbox(clearingKind, db.handleClearing)
	db.OnOutbox(bulkRemovalKind, db.handleRemoval)
	db.OnOutbox(heldKind, db.handleHeld)
	db.OnOutbox(leavingKind, db.handleRemoval)
	db.OnOutbox(keepingKind, db.handleKeeping)
	for _, option := range options {
		option(db)
	}
	return db
}

// AddTable adds a table that is no model's, for CreateTables and Plan to look after, and
// returns it. item is a struct whose dynamo tags have the table's key; with hasTTL, items go
// at the time of their attribute "ttl".
func (db *DB) AddTable(name string, item any, hasTTL bool, indexes ...Index) dynamo.Table {
	table := db.dynamo.Table(db.prefix + name)
	db.others = append(db.others, layout{Table: table, item: item, hasTTL: hasTTL, indexes: indexes})
	return table
}

// AddFields says what items of a table have that is no model's and was added before, for Plan to
// find what else they have: the fields of all these structs. enums and renames are as in
// [Definition].
func (db *DB) AddFields(table dynamo.Table, items []any, enums map[string][]string, renames []Rename) *Renames {
	i := slices.IndexFunc(db.others, func(l layout) bool { return l.Name() == table.Name() })
	l := &db.others[i]
	l.enums, l.renames = enums, renames
	for _, item := range items {
		l.types = append(l.types, reflect.TypeOf(item))
	}
	return newRenames(db, table.Name(), renames)
}

// loadNode begins to read the object of an id, and returns what waits for it.
type loadNode = func(ctx context.Context, caller Caller, id string) (wait func() (Node, error))

// AddNodes says how to find the nodes of a type that is no model, for [DB.LoadNodes].
func (db *DB) AddNodes(typeName string, load loadNode) { db.nodes[typeName] = load }

// WriteTx returns a transaction of any tables, which DynamoDB knows again when it is tried
// again. For transactions of models, see [DB.Transact].
func (db *DB) WriteTx() *dynamo.WriteTx { return db.dynamo.WriteTx().Idempotent(true) }

// Caller is who asks: the signed-in user's id and roles. The zero Caller is
// anonymous. One who comes by a service token has its scopes, see [Caller.Within].
type Caller struct {
	ID    string
	Roles []string

	VerifiedEmail string // canonical; empty: the caller has not proved to read any

	scopes   *Scopes // nil: everything
	isSystem bool
}

// System is the project itself, such as its work in the background: it may do everything, and
// what it makes has no owner.
var System = Caller{isSystem: true}

// IsSystem tells whether the caller is [System].
func (c Caller) IsSystem() bool { return c.isSystem }

// NewID returns a UUIDv7 (RFC 9562), whose text sorts by the time it was made.
func NewID() string {
	return uuid.Must(uuid.NewV7()).String()
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/store"
)

// A table is one of the store's, as DynamoDB describes it.
type table struct {
	*types.TableDescription
	ttl string // the attribute that has an item's end; empty: its items last
}

// storeTables has the store make its tables, on an engine that lasts no longer, and returns
// their descriptions, by name.
func storeTables(ctx context.Context) (tables []table, err error) {
	dir, err := os.MkdirTemp("", "samgen-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	engine, err := dynamolocal.Open(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	s := store.New(engine, "")
	if _, err := s.CreateTables(ctx); err != nil {
		return nil, err
	}
	lasting, expiring := s.TableNames()
	for _, name := range slices.Sorted(slices.Values(slices.Concat(lasting, expiring))) {
		table, err := describe(ctx, engine, name)
		if err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, err)
		}
		tables = append(tables, table)
	}
	return tables, nil
}

func describe(ctx context.Context, engine *dynamolocal.DB, name string) (table, error) {
	described, err := engine.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return table{}, err
	}
	ttl, err := engine.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return table{}, err
	}
	slices.SortFunc(described.Table.AttributeDefinitions, func(a, b types.AttributeDefinition) int {
		return cmp.Compare(*a.AttributeName, *b.AttributeName)
	})
	slices.SortFunc(described.Table.GlobalSecondaryIndexes, func(a, b types.GlobalSecondaryIndexDescription) int {
		return cmp.Compare(*a.IndexName, *b.IndexName)
	})
	return table{described.Table, aws.ToString(ttl.TimeToLiveDescription.AttributeName)}, nil
}

// LogicalID returns the table's name in the template, which is letters and digits alone:
// `blogPosts` as `BlogPostsTable`.
func (t table) LogicalID() string {
	var id strings.Builder
	isFirst := true
	for _, r := range *t.TableName {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			isFirst = true
		case isFirst:
			id.WriteRune(unicode.ToUpper(r))
			isFirst = false
		default:
			id.WriteRune(r)
		}
	}
	return id.String() + "Table"
}

// TTL returns the attribute that has an item's end, empty where items last.
func (t table) TTL() string { return t.ttl }

package dynamolocal

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestSnapshotIsOfOneMoment reads a table page by page while it is emptied and deleted.
func TestSnapshotIsOfOneMoment(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	if _, err := db.CreateTable(ctx, pairsTable()); err != nil {
		t.Fatal(err)
	}
	// Room in the file, so that no write has to wait for the snapshot.
	room := pair("room", 0)
	room["bytes"] = &types.AttributeValueMemberB{Value: make([]byte, 300<<10)}
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: room}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String("pairs"), Key: pairKey("room", 0)}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: pair("left", i)}); err != nil {
			t.Fatal(err)
		}
	}
	snapshot, err := db.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	scan := &dynamodb.ScanInput{TableName: aws.String("pairs"), Limit: aws.Int32(1)}
	var seen []item
	for {
		page, err := snapshot.Scan(ctx, scan)
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) == 0 {
			if _, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String("pairs")}); err != nil {
				t.Fatal(err)
			}
		}
		seen = append(seen, page.Items...)
		if scan.ExclusiveStartKey = page.LastEvaluatedKey; scan.ExclusiveStartKey == nil {
			break
		}
	}
	if len(seen) != 3 {
		t.Errorf("the snapshot has %v; want the 3 items that were there", seen)
	}
	described, err := snapshot.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("pairs")})
	if err != nil || aws.ToInt64(described.Table.ItemCount) != 3 {
		t.Errorf("describe: %v, %v; want 3 items", described, err)
	}
	if err := snapshot.Close(); err != nil {
		t.Fatal(err)
	}
	if err := snapshot.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	if _, err := snapshot.Scan(ctx, scan); !errors.Is(err, ErrClosed) {
		t.Errorf("scan after Close: %v; want %v", err, ErrClosed)
	}

	after, err := db.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	if _, err := after.Scan(ctx, scan); !errors.As(err, new(*types.ResourceNotFoundException)) {
		t.Errorf("scan of a later snapshot: %v; want no such table", err)
	}
}

// TestSnapshotOfAClosedDB shows that there is none.
func TestSnapshotOfAClosedDB(t *testing.T) {
	db := openTemp(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Snapshot(); !errors.Is(err, ErrClosed) {
		t.Errorf("%v; want %v", err, ErrClosed)
	}
}

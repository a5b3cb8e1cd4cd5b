package dynamolocal_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/dynamolocal"
)

// A widget is a type as the store has them.
type widget struct {
	UserID string    `dynamo:",hash" index:"Kind-UserID-index,range"`
	Time   time.Time `dynamo:",range"`
	Kind   string    `index:"Kind-UserID-index,hash"`
	Count  int
	Tags   []string `dynamo:",set"`
}

func open(t *testing.T) *dynamolocal.DB {
	t.Helper()
	db, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestGureguRoundTrip(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	db := dynamo.NewFromIface(open(t))
	if err := db.CreateTable("widgets", widget{}).Wait(ctx); err != nil {
		t.Fatal(err)
	}
	widgets := db.Table("widgets")
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	want := widget{UserID: "u1", Time: at, Kind: "round", Count: 1, Tags: []string{"a", "b"}}
	put := widgets.Put(want).If("attribute_not_exists(UserID)")
	if err := put.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := put.Run(ctx); !dynamo.IsCondCheckFailed(err) {
		t.Errorf("second put: %v; want a failed condition", err)
	}

	var got widget
	if err := widgets.Get("UserID", "u1").Range("Time", dynamo.Equal, at).One(ctx, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	want.Count = 3
	if err := widgets.Update("UserID", "u1").Range("Time", at).Add("Count", 2).Value(ctx, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("updated item (-want +got):\n%s", diff)
	}

	err := db.WriteTx().
		Put(widgets.Put(widget{UserID: "u2", Time: at, Kind: "round"})).
		Check(widgets.Check("UserID", "u1").Range("Time", at).If("'Count' = ?", 7)).
		Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		t.Errorf("transaction: %v; want a failed condition", err)
	}
	if _, err := widgets.Batch("UserID", "Time").Write().
		Put(widget{UserID: "u3", Time: at, Kind: "round"}, widget{UserID: "u4", Time: at, Kind: "square"}).
		Run(ctx); err != nil {
		t.Fatal(err)
	}
	var round []widget
	if err := widgets.Get("Kind", "round").Index("Kind-UserID-index").Order(dynamo.Descending).All(ctx, &round); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]widget{{UserID: "u3", Time: at, Kind: "round"}, want}, round); diff != "" {
		t.Errorf("query of the index (-want +got):\n%s", diff)
	}
	var pair []widget
	if err := widgets.Batch("UserID", "Time").Get(dynamo.Keys{"u4", at}, dynamo.Keys{"u9", at}).Consistent(true).All(ctx, &pair); err != nil {
		t.Fatal(err)
	}
	if len(pair) != 1 || pair[0].UserID != "u4" {
		t.Errorf("batch get: %v; want u4 alone", pair)
	}
	d, err := widgets.Describe().Run(ctx)
	if err != nil || d.Items != 3 || len(d.GSI) != 1 || d.GSI[0].Status != dynamo.ActiveStatus {
		t.Errorf("describe: %+v, %v; want 3 items and an active index", d, err)
	}
	if err := widgets.DeleteTable().Wait(ctx); err != nil {
		t.Fatal(err)
	}
	if err := widgets.Get("UserID", "u1").One(ctx, &got); err == nil || errors.Is(err, dynamo.ErrNotFound) {
		t.Errorf("get from a deleted table: %v; want a ResourceNotFoundException", err)
	}
}

package command

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
)

// A leaf is what the data directory of TestPrepare has.
type leaf struct {
	model.Object
	Color *string `dynamo:"color"`
}

func (*leaf) IsNode() {}

func (l *leaf) GlobalID() string { return model.GlobalID("Leaf", l.ID) }

// TestPrepare starts a server with another schema than the last, whose index old items are not in, and
// which knows nothing of an attribute of theirs.
func TestPrepare(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	engine, err := dynamolocal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	open := func(joined ...model.Joined) *model.Model[leaf] {
		t.Helper()
		db := model.Open(engine, "")
		leaves := model.New[leaf](db, "Leaf", "leaves")
		model.Define(leaves, model.Definition[leaf]{
			Joined: joined,
			Rules:  []model.Rule{model.Allow(model.OnCreate|model.OnRead|model.OnUpdate, model.Owner)},
		})
		if err := prepare(ctx, db, dir); err != nil {
			t.Fatal(err)
		}
		return leaves
	}
	ada := model.Caller{ID: model.NewID()}
	old, err := open().Create(ctx, ada, func(*leaf) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := dynamo.NewFromIface(engine).Table("leaves").Update("id", old.ID).Set("colour", "red").Run(ctx); err != nil {
		t.Fatal(err)
	}

	var log bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	byColor := model.Joined{Hash: []string{"ownerId", "color"}}
	leaves := open(byColor)
	page, err := leaves.List(ctx, ada, byColor.Index(), model.JoinedKey(ada.ID, nil), model.Page{})
	if err != nil || len(page.Edges) != 1 {
		t.Errorf("listed %v, %v; want the old leaf", page, err)
	}
	if said := log.String(); strings.Count(said, "stray colour of table leaves") != 1 {
		t.Errorf("logged %q, want a warning of the attribute", said)
	}
	log.Reset()
	open(byColor)
	if log.Len() > 0 {
		t.Errorf("with the same schema, logged %q", log.String())
	}
	all, err := open(byColor, model.OfAll).All(ctx, model.System, model.Page{})
	if err != nil || len(all.Edges) != 1 {
		t.Errorf("of all listed %v, %v; want the old leaf", all, err)
	}
}

// TestPrepareKeeps: whoever serves the embedded engine is the only one, so what outlives its owner is kept at once,
// also for commands that come by the socket.
func TestPrepareKeeps(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	engine, err := dynamolocal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	open := func(kept model.OnOwnerDelete) (*model.DB, *model.Model[leaf]) {
		t.Helper()
		db := model.Open(engine, "")
		leaves := model.New[leaf](db, "Leaf", "leaves")
		model.Define(leaves, model.Definition[leaf]{OnOwnerDelete: kept, Rules: []model.Rule{model.Allow(model.OnCreate|model.OnRead, model.Authenticated)}})
		if err := prepare(ctx, db, dir); err != nil {
			t.Fatal(err)
		}
		return db, leaves
	}
	ada := model.Caller{ID: model.NewID()}
	_, leaves := open(model.GoesWithOwner)
	if _, err := leaves.Create(ctx, ada, func(*leaf) {}); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []model.OnOwnerDelete{model.OutlivesOwner, model.GoesWithOwner, model.OutlivesOwner} {
		db, _ := open(kept)
		steps, err := db.Plan(ctx)
		if err != nil || slices.ContainsFunc(steps, db.IsOfKeeping) {
			t.Errorf("there is still to do: %v, %v", steps, err)
		}
		if err := db.Leave(ada.ID).MayBegin(ctx); err != nil {
			t.Errorf("the owner may not leave: %v", err)
		}
	}
}

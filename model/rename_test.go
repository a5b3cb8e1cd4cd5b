package model

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/testclient"
)

// A record is what becomes an entry: all of its fields get other names.
type record struct {
	Object
	Code   string   `dynamo:"code,allowempty"`
	Text   *string  `dynamo:"text,allowempty"`
	Weight float64  `dynamo:"weight"`
	Rooms  *[]place `dynamo:"rooms"`
	Shelf  string   `dynamo:"shelf"`
}

// An entry is a record under other names.
type entry struct {
	Object
	Slug   string   `dynamo:"slug,allowempty"`
	Body   *string  `dynamo:"body,allowempty"`
	Size   float64  `dynamo:"size"`
	Places *[]place `dynamo:"places"`
	Board  string   `dynamo:"board"`
}

func (*record) IsNode() {}
func (*entry) IsNode()  {}

func (r *record) GlobalID() string { return GlobalID("Record", r.ID) }
func (e *entry) GlobalID() string  { return GlobalID("Record", e.ID) }

var renamesOfEntry = []Rename{{"code", "slug"}, {"text", "body"}, {"weight", "size"}, {"rooms", "places"}, {"shelf", "board"}}

var byBoard = Index{"board", "size"}

// generations are the servers of a project that renames a type with its fields: before, meanwhile,
// and once the directives are gone.
type generations struct {
	client    *testclient.Client // of meanwhile
	before    *Model[record]
	meanwhile *Model[entry]
	after     *Model[entry]
}

func newGenerations(t testing.TB) *generations {
	t.Helper()
	client, prefix := testclient.Open(t, NewDynamoDB), "test-"+uuid.NewString()+"-"
	everything := []Rule{Allow(OnCreate|OnRead|OnUpdate|OnDelete, Owner)}
	g := &generations{before: New[record](Open(client, prefix, Alone()), "Record", "records")}
	Define(g.before, Definition[record]{
		Required: []string{"code", "weight"},
		Defaults: func(r *record) { r.Shelf = "top" },
		Uniques:  []Unique[record]{{Field: "code", Value: func(r *record) string { return r.Code }}},
		Rules:    everything,
	})
	definition := Definition[entry]{
		Required: []string{"slug", "size"},
		Defaults: func(e *entry) { e.Board = "top" },
		Formerly: "Record",
		Uniques:  []Unique[entry]{{Field: "slug", Value: func(e *entry) string { return e.Slug }}},
		Indexes:  []Index{byBoard},
		Rules:    everything,
	}
	g.after = New[entry](Open(client, prefix, Alone()), "Entry", "records")
	Define(g.after, definition)
	g.client = &testclient.Client{DynamoDBAPI: client}
	g.meanwhile = meanwhileOn(g.client, prefix, definition)
	if _, err := g.before.core.db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, layout := range g.before.core.db.layouts() {
			if err := layout.DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return g
}

func meanwhileOn(client dynamodbiface.DynamoDBAPI, prefix string, definition Definition[entry]) *Model[entry] {
	definition.Renames = renamesOfEntry
	definition.Uniques = []Unique[entry]{{Field: "slug", Formerly: "code", Value: func(e *entry) string { return e.Slug }}}
	m := New[entry](Open(client, prefix, Alone()), "Entry", "records")
	Define(m, definition)
	return m
}

// planned returns what the plan says, less prefixes and reasons.
func (g *generations) planned(t testing.TB, of *DB) (steps []TableStep, short []string) {
	t.Helper()
	steps, err := of.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		text, _, _ := strings.Cut(step.String(), ":")
		short = append(short, strings.ReplaceAll(text, of.prefix, ""))
	}
	return steps, short
}

// do carries out what is planned, with what finishes renames or without.
func (g *generations) do(t testing.TB, isLast bool) {
	t.Helper()
	steps, _ := g.planned(t, g.meanwhile.core.db)
	for _, step := range steps {
		if step.Action == StepCreate || step.Action == StepFill || step.Action == StepFinish && isLast {
			if err := g.meanwhile.core.db.Do(t.Context(), step); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestRenameIsReadByAll has servers of neighbouring generations change objects by turns, at random,
// each from what it reads: none of them may ever read what is not the last.
func TestRenameIsReadByAll(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	ctx, g := t.Context(), newGenerations(t)
	ids, want := []string{}, map[string]entry{}
	change := func(e *entry) {
		switch random.IntN(5) {
		case 0:
			e.Slug = fmt.Sprint(random.IntN(1_000_000_000))
		case 1:
			e.Body = nil
			if random.IntN(2) == 0 {
				text := []string{"", "one", "two"}[random.IntN(3)]
				e.Body = &text
			}
		case 2:
			e.Size = []float64{0, -0.5, 1e21, 3, 1.0 / 3}[random.IntN(5)]
		case 3:
			e.Places = nil
			if floor := random.IntN(3); floor > 0 {
				e.Places = &[]place{{Room: "hall", Floor: &floor}, {}}
			}
		case 4:
			e.Board = []string{"top", "low", "mid"}[random.IntN(3)]
		}
	}
	// step has a server make an object, or change one, and wants every other to read it so.
	step := func(write func(entry, string) (entry, error), read ...func(string) (entry, error)) {
		t.Helper()
		now, id := entry{Slug: fmt.Sprint("new", random.IntN(1_000_000_000)), Size: 1, Board: "top"}, ""
		if len(ids) > 0 && random.IntN(4) > 0 {
			id = ids[random.IntN(len(ids))]
			now = want[id]
		}
		change(&now)
		written, err := write(now, id)
		if err != nil {
			t.Fatal(err)
		}
		if id == "" {
			id = written.ID
			ids = append(ids, id)
		}
		written.Object = Object{}
		want[id] = written
		for _, id := range ids {
			for i, read := range read {
				got, err := read(id)
				if err != nil {
					t.Fatal(err)
				}
				if got.Object = (Object{}); !reflect.DeepEqual(got, want[id]) {
					t.Fatalf("server %d reads %+v, want %+v", i, got, want[id])
				}
			}
		}
	}
	writeOld := func(now entry, id string) (entry, error) { return writeRecord(ctx, g.before, now, id) }
	writeBoth := func(now entry, id string) (entry, error) { return writeEntry(ctx, g.meanwhile, now, id) }
	writeNew := func(now entry, id string) (entry, error) { return writeEntry(ctx, g.after, now, id) }
	readOld := func(id string) (entry, error) { return readRecord(ctx, g.before, id) }
	readBoth := func(id string) (entry, error) { return readEntry(ctx, g.meanwhile, id) }
	readNew := func(id string) (entry, error) { return readEntry(ctx, g.after, id) }
	for range 20 {
		step(writeOld, readOld, readBoth)
	}
	for i := range 60 {
		if i == 30 {
			g.do(t, false) // the new index, and the values of the renamed unique field
		}
		step([]func(entry, string) (entry, error){writeOld, writeBoth}[random.IntN(2)], readOld, readBoth)
	}
	g.do(t, true)
	g.meanwhile.core.renames.askedAt = time.Time{} // it asks again after a while
	for range 60 {
		step([]func(entry, string) (entry, error){writeBoth, writeNew}[random.IntN(2)], readBoth, readNew)
	}
	_, plan := g.planned(t, g.meanwhile.core.db)
	if want := []string{"leave slug of table records", "leave body of table records", "leave size of table records", "leave places of table records", "leave board of table records"}; !slices.Equal(plan, want) {
		t.Errorf("planned %q, want %q", plan, want)
	}
	if _, plan := g.planned(t, g.after.core.db); len(plan) > 0 {
		t.Errorf("without the directives, planned %q", plan)
	}
	var found int
	for _, board := range []string{"top", "low", "mid"} {
		page, err := g.after.List(ctx, ada, byBoard, board, Page{First: new(100)})
		if err != nil {
			t.Fatal(err)
		}
		found += len(page.Edges)
	}
	if found != len(ids) {
		t.Errorf("the new index has %d of %d", found, len(ids))
	}
}

func toRecord(e entry) record {
	return record{Code: e.Slug, Text: e.Body, Weight: e.Size, Rooms: e.Places, Shelf: e.Board}
}

func toEntry(r *record, err error) (entry, error) {
	if err != nil {
		return entry{}, err
	}
	return entry{r.Object, r.Code, r.Text, r.Weight, r.Rooms, r.Shelf}, nil
}

func valueOf(e *entry, err error) (entry, error) {
	if err != nil {
		return entry{}, err
	}
	return *e, nil
}

func writeRecord(ctx context.Context, m *Model[record], now entry, id string) (entry, error) {
	change := func(r *record) {
		object := r.Object
		*r = toRecord(now)
		r.Object = object
	}
	if id == "" {
		return toEntry(m.Create(ctx, ada, change))
	}
	return toEntry(m.Update(ctx, ada, GlobalID("Record", id), nil, change))
}

func writeEntry(ctx context.Context, m *Model[entry], now entry, id string) (entry, error) {
	change := func(e *entry) {
		object := e.Object
		*e = now
		e.Object = object
	}
	if id == "" {
		return valueOf(m.Create(ctx, ada, change))
	}
	if id[len(id)-1]%2 == 0 { // in a transaction
		var after *entry
		err := m.core.db.Transact(ctx, func(tx *Tx) (err error) {
			after, err = m.In(tx).Update(ctx, ada, GlobalID("Entry", id), nil, change)
			return err
		})
		return valueOf(after, err)
	}
	return valueOf(m.Update(ctx, ada, GlobalID("Record", id), nil, change))
}

func readRecord(ctx context.Context, m *Model[record], id string) (entry, error) {
	return toEntry(m.Get(ctx, ada, id))
}

func readEntry(ctx context.Context, m *Model[entry], id string) (entry, error) {
	return valueOf(m.Get(ctx, ada, id))
}

// TestRenameFinishes moves what a table has, and tells what is left.
func TestRenameFinishes(t *testing.T) {
	ctx, g := t.Context(), newGenerations(t)
	var ids []string
	for i := range 5 {
		made, err := writeRecord(ctx, g.before, entry{Slug: fmt.Sprint("s", i), Size: float64(i), Board: "low"}, "")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
	}
	if _, plan := g.planned(t, g.after.core.db); !slices.Contains(plan, "refuse slug of table records") || !slices.Contains(plan, "stray code of table records") {
		t.Errorf("without the directive, planned %q", plan)
	}
	steps, plan := g.planned(t, g.meanwhile.core.db)
	for _, want := range []string{"fill board of table records", "fill size of table records", "create index board-size of table records", "finish slug of table records", "fill records of table uniques"} {
		if !slices.Contains(plan, want) {
			t.Errorf("planned %q, want %q among it", plan, want)
		}
	}
	if i := slices.IndexFunc(steps, func(s TableStep) bool { return s.Action == StepFinish }); i >= 0 && !strings.Contains(steps[i].Why, "5 items have it as code") {
		t.Errorf("planned %q, want it to count 5 items", steps[i])
	}
	g.do(t, false)
	if page, err := g.meanwhile.List(ctx, ada, byBoard, "low", Page{First: new(10)}); err != nil || len(page.Edges) != 5 {
		t.Errorf("the new index lists %v, %v; want all 5", page, err)
	}
	if _, err := writeRecord(ctx, g.before, entry{Slug: "s0", Board: "low"}, ids[0]); err != nil {
		t.Errorf("an older server cannot write any more: %v", err)
	}
	if _, err := writeEntry(ctx, g.meanwhile, entry{Slug: "early", Size: 7, Board: "mid"}, ids[1]); err != nil {
		t.Fatal(err)
	}
	g.do(t, true)
	var items []dynamo.Item
	if err := g.before.core.table.Scan().Consistent(true).All(ctx, &items); err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		for _, rename := range renamesOfEntry {
			if rename.isLeft(item) {
				t.Errorf("item %v has %s still", item["id"], rename.From)
			}
		}
		if version := item["version"].(*types.AttributeValueMemberN).Value; version != "1" && !slices.Contains(ids[:2], item["id"].(*types.AttributeValueMemberS).Value) {
			t.Errorf("the item has version %s: what is moved changes for nobody", version)
		}
	}
	// A server that has not heard of it writes both names once more.
	if _, err := writeEntry(ctx, g.meanwhile, entry{Slug: "late", Size: 7, Board: "mid"}, ids[1]); err != nil {
		t.Fatal(err)
	}
	if _, plan := g.planned(t, g.meanwhile.core.db); !slices.Contains(plan, "finish slug of table records") {
		t.Errorf("planned %q, want it to tell what is left", plan)
	}
	g.do(t, true)
	g.meanwhile.core.renames.askedAt = time.Time{}
	if _, err := writeEntry(ctx, g.meanwhile, entry{Slug: "later", Size: 8, Board: "mid"}, ids[1]); err != nil {
		t.Fatal(err)
	}
	if _, plan := g.planned(t, g.meanwhile.core.db); slices.ContainsFunc(plan, func(step string) bool { return !strings.HasPrefix(step, "leave ") }) {
		t.Errorf("planned %q, want that nothing is left", plan)
	}
	if got, err := readEntry(ctx, g.after, ids[1]); err != nil || got.Slug != "later" {
		t.Errorf("read %+v, %v", got, err)
	}
}

// TestRenameMovesWhatIsNewest writes an item between the read and the write of what moves it.
func TestRenameMovesWhatIsNewest(t *testing.T) {
	ctx, g := t.Context(), newGenerations(t)
	made, err := writeRecord(ctx, g.before, entry{Slug: "one", Size: 1, Board: "low"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for i, isOpen := range []bool{true, false} {
		size := float64(i + 2)
		g.client.AtFirst("UpdateItem", func() {
			if _, err := writeRecord(ctx, g.before, entry{Slug: "one", Size: size, Board: "low"}, made.ID); err != nil {
				t.Error(err)
			}
		})
		if err := g.meanwhile.core.layout().move(ctx, Rename{"weight", "size"}, isOpen); err != nil {
			t.Fatal(err)
		}
		if g.client.Before != nil {
			t.Fatal("nothing was written")
		}
		var item dynamo.Item
		if err := g.before.core.table.Get("id", made.ID).Consistent(true).One(ctx, &item); err != nil {
			t.Fatal(err)
		}
		want := &types.AttributeValueMemberN{Value: fmt.Sprint(size)}
		if isLeft := item["weight"] != nil; !reflect.DeepEqual(item["size"], want) || isLeft != isOpen {
			t.Errorf("open %t: the item is %v", isOpen, item)
		}
	}
}

// TestRenamedUnique has servers that know one name each take the same value.
func TestRenamedUnique(t *testing.T) {
	ctx, g := t.Context(), newGenerations(t)
	if _, err := writeRecord(ctx, g.before, entry{Slug: "old", Board: "low"}, ""); err != nil {
		t.Fatal(err)
	}
	_, err := writeEntry(ctx, g.meanwhile, entry{Slug: "old", Board: "low"}, "")
	wantErrorOf(t, err, ErrTaken, "slug")
	made, err := writeEntry(ctx, g.meanwhile, entry{Slug: "new", Board: "low"}, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = writeRecord(ctx, g.before, entry{Slug: "new", Board: "low"}, "")
	wantErrorOf(t, err, ErrTaken, "code")
	for _, slug := range []string{"old", "new"} {
		if found, err := g.meanwhile.ByUnique(ctx, ada, "slug", slug); err != nil || found.Slug != slug {
			t.Errorf("by slug %s: %+v, %v", slug, found, err)
		}
	}
	if _, err := writeEntry(ctx, g.meanwhile, entry{Slug: "newer", Board: "low"}, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := writeRecord(ctx, g.before, entry{Slug: "new", Board: "low"}, ""); err != nil {
		t.Errorf("what was given up is not free: %v", err)
	}
	g.do(t, true)
	if found, err := g.after.ByUnique(ctx, ada, "slug", "old"); err != nil || found.Slug != "old" {
		t.Errorf("by slug old: %+v, %v", found, err)
	}
}

// TestRenamedType has objects under the ids that they had before.
func TestRenamedType(t *testing.T) {
	ctx, g := t.Context(), newGenerations(t)
	old, err := writeRecord(ctx, g.before, entry{Slug: "old", Board: "low"}, "")
	if err != nil {
		t.Fatal(err)
	}
	g.do(t, true)
	for _, typeName := range []string{"Record", "Entry"} {
		node, err := g.meanwhile.core.db.LoadNodes(ctx, ada, typeName, old.ID)(0)
		if err != nil {
			t.Fatal(err)
		}
		if e, isEntry := node.(*entry); !isEntry || e.GlobalID() != GlobalID("Record", old.ID) {
			t.Errorf("by the name %s: %+v", typeName, node)
		}
		if got := g.meanwhile.core.localID(GlobalID(typeName, old.ID)); got != old.ID {
			t.Errorf("the local id by the name %s is %q", typeName, got)
		}
	}
	if got := g.meanwhile.core.localID(GlobalID("Post", old.ID)); got != "none" {
		t.Errorf("the local id by the name of another type is %q", got)
	}
	if _, err := g.meanwhile.Delete(ctx, ada, GlobalID("Record", old.ID), nil); err != nil {
		t.Error(err)
	}
	if g.meanwhile.core.db.modelOf("Record") == nil || g.meanwhile.core.db.modelOf("Entry") == nil {
		t.Error("what the outbox has of the one name or of the other is of no type")
	}
}

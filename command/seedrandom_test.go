package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2"

	tracker "github.com/ownql/ownql/examples/tracker/graph"
	trackerstore "github.com/ownql/ownql/examples/tracker/store"
	notesgraph "github.com/ownql/ownql/internal/notes/graph"
	notesstore "github.com/ownql/ownql/internal/notes/store"
)

// made returns all objects of a data directory by their types, without the times at which they were made, and with
// a hash of what it says in place of the id of each.
func made[S any](t *testing.T, app App[S], data string) map[string][]string {
	t.Helper()
	f := &storeFlags{Store: data}
	c, err := f.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	o := f.opened(&environment{project: app.project()}, c)
	objects, names := map[string][]map[string]any{}, map[string]string{}
	tables, _ := o.db.TableNames()
	for _, table := range tables {
		if !slices.Contains([]string{"uniques", "logins", "members", "outbox", "audit", "tokens"}, table) {
			objects[table] = itemsOf(t, c, table)
		}
	}
	for range 4 { // each time, what things belong to tells more of those that are alike apart
		further := map[string]string{}
		for table, items := range objects {
			for _, item := range items {
				further[item["id"].(string)] = fmt.Sprintf("%s %.4x", table, sha256.Sum256([]byte(withNames(item, names))))
			}
		}
		names = further
	}
	told := map[string][]string{}
	for table, items := range objects {
		for _, item := range items {
			told[table] = append(told[table], withNames(item, names))
		}
		slices.Sort(told[table])
	}
	return told
}

// itemsOf returns the items of a table.
func itemsOf(t *testing.T, c *connection, table string) (items []map[string]any) {
	t.Helper()
	for input := (&dynamodb.ScanInput{TableName: &table}); ; {
		out, err := c.Scan(t.Context(), input)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range out.Items {
			item := map[string]any{}
			if err := dynamo.UnmarshalItem(row, &item); err != nil {
				t.Fatal(err)
			}
			items = append(items, item)
		}
		if input.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil {
			return items
		}
	}
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// own tells whether an attribute is one that each run sets otherwise: a time, or a key that has one.
func own(name string) bool {
	return name == "createdAt" || name == "updatedAt" || strings.HasPrefix(name, "in-") || strings.HasPrefix(name, "by-") || name == "list-of-all" || name == "raised"
}

// withNames is what an item says, with names in place of ids.
func withNames(item map[string]any, names map[string]string) string {
	kept := maps.Clone(item)
	maps.DeleteFunc(kept, func(name string, _ any) bool { return own(name) })
	delete(kept, "id")
	text, _ := json.Marshal(kept)
	return uuids.ReplaceAllStringFunc(string(text), func(id string) string { return names[id] })
}

// run carries out a command line of a project.
func run[S any](t *testing.T, app App[S], args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := Run(context.Background(), app, args, func(string) string { return "" }, strings.NewReader(""), &out, &out); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out.String())
	}
	return out.String()
}

// TestSeedRandom makes data of two schemas twice: what there is is whole, and, of the same seed, the same.
func TestSeedRandom(t *testing.T) {
	t.Run("tracker", func(t *testing.T) {
		testSeedRandom(t, App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}, 150)
	})
	t.Run("notes", func(t *testing.T) {
		testSeedRandom(t, App[*notesstore.Store]{Store: notesstore.New, Schema: notesgraph.New}, 100)
	})
}

func testSeedRandom[S any](t *testing.T, app App[S], least int) {
	dir := t.TempDir()
	first, again, other := filepath.Join(dir, "first"), filepath.Join(dir, "again"), filepath.Join(dir, "other")
	said := run(t, app, "seed", "--random", "200", "--store", first)
	run(t, app, "seed", "--random", "200", "--store", again)
	run(t, app, "seed", "--random", "200", "--seed", "2", "--store", other)
	for _, data := range []string{first, again, other} {
		if whole := run(t, app, "check", "--store", data); !strings.Contains(whole, "is whole") {
			t.Error(whole)
		}
		if plan := run(t, app, "tables", "--plan", "--store", data); !strings.Contains(plan, "every table is there, as the schema needs it") {
			t.Errorf("the data contradicts the schema: %s", plan)
		}
		if swept := run(t, app, "sweep", "--store", data); !strings.Contains(swept, "gone: 0\n") {
			t.Errorf("something belongs to nothing: %s", swept)
		}
	}
	count := 0
	fmt.Sscanf(regexp.MustCompile(`(?m)^(\d+) objects in`).FindString(said), "%d", &count)
	if count < least {
		t.Errorf("%d objects, want at least %d:\n%s", count, least, said)
	}
	if diff := cmp.Diff(made(t, app, first), made(t, app, again)); diff != "" {
		t.Errorf("the same seed makes something else: %s", diff)
	}
	if cmp.Equal(made(t, app, first), made(t, app, other)) {
		t.Error("another seed makes the same")
	}
}

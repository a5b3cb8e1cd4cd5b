package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen"
	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/samgen"
)

// Data is what a change of the schema comes to for what is kept.
type Data struct {
	Tables         []string // tables and indexes, to come and to go
	Contradictions []string // what the data there is may contradict, and `ownql tables` refuses then
	Notes          []string // what becomes of data otherwise
	Run            []string // what is to be run, in that order
}

// dataReader gathers Data.
type dataReader struct {
	Data
	before, now *schema.Schema
	names       *names

	needsTables, needsFill, needsFillAgain, needsFinish bool
}

// compareData returns what becomes of data.
func compareData(before, now *schema.Schema) Data {
	d := &dataReader{before: before, now: now, names: namesIn(before, now)}
	d.tables()
	for _, model := range now.Models {
		if old := formerOf(before, now, model); old != nil {
			d.model(old, model)
		}
	}
	for _, old := range goneModels(before, now) {
		d.Tables = append(d.Tables, fmt.Sprintf("the table `%s` is of no type any more, now that `%s` is gone", old.Table(), old.Name))
		d.Contradictions = append(d.Contradictions, fmt.Sprintf("**`%s` is gone.** While its table `%s` has objects, `ownql tables` refuses: delete or export them first, or, if the type has another name now, write `@model(formerly: \"%[1]s\")`.", old.Name, old.Table()))
	}
	d.fields("User", before.User.Fields, now.User.Fields, func(name string) string { return name })
	for _, object := range now.Objects {
		for _, old := range before.Objects {
			if old.Name == object.Name {
				d.fields(object.Name, old.Fields, object.Fields, func(name string) string { return name })
			}
		}
	}
	d.enums()
	d.run()
	return d.Data
}

func (d *dataReader) table(format string, args ...any) {
	d.Tables = append(d.Tables, fmt.Sprintf(format, args...))
}

func (d *dataReader) contradiction(format string, args ...any) {
	d.Contradictions = append(d.Contradictions, fmt.Sprintf(format, args...))
}

func (d *dataReader) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// tables compares the tables and their indexes by what they are called.
func (d *dataReader) tables() {
	was, is := modelgen.Tables(d.before), modelgen.Tables(d.now)
	find := func(list []samgen.Table, name string) *samgen.Table {
		if i := slices.IndexFunc(list, func(t samgen.Table) bool { return t.Name == name }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	for _, table := range is {
		old := find(was, table.Name)
		if old == nil {
			d.needsTables = true
			d.table("**+** the table `%s`%s", table.Name, withIndexes(table))
			continue
		}
		for _, index := range table.Indexes {
			if !hasIndex(*old, index) {
				d.needsTables = true
				d.table("**+** an index of `%s`: `%s`", table.Name, index.Name())
			}
		}
		for _, index := range old.Indexes {
			if !hasIndex(table, index) {
				d.table("**−** an index of `%s`, `%s`: it stays, and costs, until you delete it by UpdateTable, once no server of the older version runs", table.Name, index.Name())
			}
		}
	}
}

func withIndexes(table samgen.Table) string {
	if len(table.Indexes) == 0 {
		return ""
	}
	return fmt.Sprintf(", with %s", counted(len(table.Indexes), "index", "indexes"))
}

func counted(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

func hasIndex(table samgen.Table, index samgen.Index) bool {
	return slices.ContainsFunc(table.Indexes, func(other samgen.Index) bool { return other == index })
}

// model compares what a type keeps.
func (d *dataReader) model(old, model *schema.Model) {
	if is, was := model.IDName(), old.IDName(); is != was {
		d.contradiction("**The global ids of `%s` are made of `%s` now, and were of `%s`**: those that clients have lead nowhere: leave `formerly` as it was.", model.Name, is, was)
	}
	if old.Table() != model.Table() {
		d.contradiction("**The table of `%s` was `%s`, and is `%s` now**, where nothing of what there is will be: write `@model(table: %[2]q)`.", model.Name, old.Table(), model.Table())
	}
	d.fields(model.Name, old.Fields, model.Fields, func(name string) string { return d.names.ofField(old, name) })
	d.uniques(old, model)
	d.indexes(old, model)
	if old.OnOwnerDelete != model.OnOwnerDelete {
		d.note("when the account of the owner is deleted, `%s` is %s now, and was %s", model.Name, ownerDelete[model.OnOwnerDelete], ownerDelete[old.OnOwnerDelete])
		d.needsFinish = true
	}
	paths := func(m *schema.Model, name func(string) string) (all []string) {
		for _, path := range m.Ancestors {
			all = append(all, path.String())
		}
		return all
	}
	same := func(name string) string { return name }
	for _, path := range paths(model, same) {
		if !slices.Contains(paths(old, same), path) {
			d.note("each `%s` keeps the id of its `%s` now, for the rules", model.Name, path)
			d.needsFill = true
		}
	}
	if model.Membership != nil && old.Membership == nil {
		d.note("each `%s` is entered into the table `members`", model.Name)
		d.needsFill = true
	}
}

var ownerDelete = map[schema.OnOwnerDelete]string{
	schema.GoesWithOwner: "deleted with it", schema.OutlivesOwner: "kept, as nobody's", schema.GoesToSuccessor: "given to another",
}

// fields compares what is kept of a type's fields.
func (d *dataReader) fields(of string, before, now schema.Fields, name func(string) string) {
	for _, field := range now.Stored() {
		path := of + "." + field.Name
		was := d.former(before, field, name)
		if was == nil {
			if !field.Nullable && !field.List && field.Default == nil {
				d.contradiction("**`%s` is new, and never null**, and no `%s` that there is has one: if it had another name, add `@renamed(from: \"…\")`; else give it a `@default`, or let it be null.", path, of)
			}
			continue
		}
		if was.Name != field.Name {
			d.note("`%s` was called `%s`, and has its values", path, was.Name)
			d.needsFill, d.needsFinish = true, true
		}
		switch {
		case kept(was) != kept(field):
			d.contradiction("**`%s` keeps %s now, and kept %s**: give it another name, or convert what there is.", path, kept(field), kept(was))
		case was.Nullable && !field.Nullable && field.Default == nil && !field.List:
			d.contradiction("**`%s` is never null now, and could be**: where it is, give it a value first, or a `@default`.", path)
		}
		if was.Kind == schema.KindBelongsTo && field.Kind == schema.KindBelongsTo && was.OnDelete != field.OnDelete {
			d.note("`%s` has `onDelete: %s` now, and had `%s`: %s", path, field.OnDelete, was.OnDelete, onDelete[field.OnDelete])
		}
		if field.Movable && !was.Movable {
			d.note("`%s` may move: nothing is to be moved until no server of the older version runs", path)
			d.needsFill, d.needsFillAgain = true, true
		}
		if from, to := limits(was), limits(field); from != to {
			d.note("`%s` takes %s now, and took %s; what is there stays as it is", path, to, from)
		}
	}
	for _, was := range before.Stored() {
		isLeft := !slices.ContainsFunc(now.Stored(), func(field *schema.Field) bool { return d.former(before, field, name) == was })
		if isLeft {
			d.note("`%s.%s` is gone; what it has stays in the items, where nothing reads it, and `ownql tables --plan` counts it as `stray`", of, was.Name)
		}
	}
}

// former returns the field that it was before; nil: it is new.
func (d *dataReader) former(before schema.Fields, field *schema.Field, name func(string) string) *schema.Field {
	for _, was := range before.Stored() {
		if name(was.Name) == field.Name || field.Formerly == was.Name {
			return was
		}
	}
	return nil
}

// onDelete says what becomes of an object when what it belongs to is deleted.
var onDelete = map[schema.OnDelete]string{
	schema.Cascade:  "it is deleted with what it belongs to",
	schema.Restrict: "while it is there, what it belongs to cannot be deleted",
	schema.SetNull:  "it stays when what it belongs to is deleted, and has none then",
}

// kept is what an item has of a field.
func kept(f *schema.Field) string {
	text := "`" + f.TypeName + "`"
	if f.Kind == schema.KindBelongsTo {
		text = "the id of one " + text
	}
	if f.List {
		return "a list of " + text
	}
	return text
}

// limits are what values must be.
func limits(f *schema.Field) string {
	var all []string
	for _, validation := range f.Validations {
		all = append(all, code(validation.Type+" "+validation.Value))
	}
	slices.Sort(all)
	if len(all) == 0 {
		return "anything"
	}
	return and(all)
}

// uniques compares what no two objects have the same of.
func (d *dataReader) uniques(old, model *schema.Model) {
	var was []string
	for _, field := range old.Uniques() {
		was = append(was, d.names.ofField(old, field.Name))
	}
	for _, unique := range old.TypeUniques {
		was = append(was, d.together(old, unique))
	}
	for _, field := range model.Uniques() {
		if !slices.Contains(was, field.Name) && slices.ContainsFunc(old.Stored(), func(f *schema.Field) bool { return d.names.ofField(old, f.Name) == field.Name }) {
			d.unique(model, field.Name)
		}
	}
	for _, unique := range model.TypeUniques {
		if !slices.Contains(was, unique.Name()) {
			d.unique(model, strings.ReplaceAll(unique.Name(), "+", "` and `"))
		}
	}
	var is []string
	for _, field := range model.Uniques() {
		is = append(is, field.Name)
	}
	for _, unique := range model.TypeUniques {
		is = append(is, unique.Name())
	}
	for _, name := range was {
		isKept := strings.Contains(name, "+") || slices.ContainsFunc(model.Stored(), func(f *schema.Field) bool { return f.Name == name })
		isSame := func(other string) bool { return sortedParts(other) == sortedParts(name) }
		if isKept && !slices.ContainsFunc(is, isSame) {
			d.note("several `%s` may have the same `%s` now", model.Name, strings.ReplaceAll(name, "+", "` and `"))
		}
	}
}

// sortedParts are the fields that are unique together, in whatever order.
func sortedParts(name string) string {
	parts := strings.Split(name, "+")
	slices.Sort(parts)
	return strings.Join(parts, "+")
}

func (d *dataReader) together(of *schema.Model, unique *schema.TypeUnique) string {
	var all []string
	for _, part := range unique.Fields {
		all = append(all, d.names.ofField(of, part.Name))
	}
	return strings.Join(all, "+")
}

func (d *dataReader) unique(model *schema.Model, what string) {
	d.needsFill, d.needsFillAgain = true, true
	d.contradiction("**No two `%s` have the same `%s` now**: where two have, change one first; `ownql tables --fill` enters the values that there are.", model.Name, what)
}

// indexes says what must be written before an index of the type finds all.
func (d *dataReader) indexes(old, model *schema.Model) {
	joined := func(of *schema.Model) (all []string) {
		for _, index := range of.JoinedIndexes() {
			hash, sort := index.Keys()
			all = append(all, hash+" "+sort)
		}
		return all
	}
	for _, keys := range joined(model) {
		if !slices.Contains(joined(old), keys) {
			d.needsFill, d.needsFillAgain = true, true
		}
	}
	isKey := func(of *schema.Model, name string) bool {
		return slices.ContainsFunc(of.Stored(), func(f *schema.Field) bool { return d.names.ofField(of, f.Name) == name && f.IsKey() })
	}
	for _, field := range model.Stored() {
		if !field.IsKey() || isKey(old, field.Name) {
			continue
		}
		if field.Default != nil || field.Formerly != "" {
			d.needsFill = true
		}
		if field.IsText() && slices.ContainsFunc(old.Stored(), func(f *schema.Field) bool { return f.Name == field.Name }) {
			d.contradiction("**`%s.%s` has an index now**: where it is empty text, which no index holds, give it another first.", model.Name, field.Name)
		}
	}
}

// enums compares the values that are kept.
func (d *dataReader) enums() {
	for _, enum := range d.now.Enums {
		for _, old := range d.before.Enums {
			if old.Name != enum.Name {
				continue
			}
			for _, value := range old.Values {
				if !slices.Contains(enum.Values, value) {
					d.contradiction("**`%s` has no `%s` any more**: objects that have it keep it, and clients get it; `ownql tables --plan` counts them as `stray`.", enum.Name, value)
				}
			}
		}
	}
}

// run says what to run.
func (d *dataReader) run() {
	switch {
	case d.needsFill:
		d.Run = append(d.Run, "`ownql tables --fill` before the new version serves")
	case d.needsTables:
		d.Run = append(d.Run, "`ownql tables` before the new version serves")
	}
	if d.needsFillAgain {
		d.Run = append(d.Run, "`ownql tables --fill` once more when no server of the older version runs")
	}
	if d.needsFinish {
		d.Run = append(d.Run, "`ownql tables --fill --finish` when no server of the older version runs, and none is to come back")
	}
}

package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// A TableStep is one thing in which the live tables are not what the schema needs.
type TableStep struct {
	Action    StepAction
	Table     string
	Index     string // empty: it is about the table itself
	Attribute string // empty: it is about none; of the tables uniques and members, the table whose values they lack
	Why       string // for the operator; where nothing can be done, with the way out
}

// A StepAction is what a TableStep takes.
type StepAction string

const (
	StepCreate StepAction = "create" // a table or an index is missing
	StepFill   StepAction = "fill"   // items lack an attribute that a new index needs, or the uniques table lacks their values
	StepRefuse StepAction = "refuse" // the data contradicts the schema: one of the two has to change first
	StepOrphan StepAction = "orphan" // a table holds items of a type that the schema has no more
	StepLeave  StepAction = "leave"  // an index, or an empty table, is in no use any more
	StepStray  StepAction = "stray"  // items have an attribute that no field reads, or a value that an enum has not
	StepFinish StepAction = "finish" // a field is kept under its former name, too, see Rename
)

// IsOfKeys tells whether a StepFill writes what the models make themselves of items' fields: keys of indexes, ids
// of ancestors, rows of members.
func (db *DB) IsOfKeys(s TableStep) bool {
	return s.Action == StepFill && (strings.HasPrefix(s.Attribute, joinedHashPrefix) || db.isAncestor(s) || db.isOfMembers(s))
}

// isOfMembers tells whether a step is of the rows of members.
func (db *DB) isOfMembers(s TableStep) bool {
	return db.members.Name() != "" && s.Table == db.members.Name()
}

func (s TableStep) String() string {
	text := string(s.Action)
	if s.Attribute != "" {
		text += " " + s.Attribute + " of"
	}
	if s.Index != "" {
		text += " index " + s.Index + " of"
	}
	text += " table " + s.Table
	if s.Why != "" {
		text += ": " + s.Why
	}
	return text
}

// Plan returns what the schema needs of the live tables, in the order in which it is
// to be done. It reads the tables of the schema's types whole, to see whether an item
// lacks what none may lack, has a value that is to be unique and is not known to be, or has
// what the schema knows nothing of, and changes nothing.
func (db *DB) Plan(ctx context.Context) ([]TableStep, error) {
	var steps []TableStep
	for _, layout := range db.layouts() {
		missing, err := layout.steps(ctx)
		if err != nil {
			return nil, fmt.Errorf("plan table %s: %w", layout.Name(), err)
		}
		steps = append(steps, missing...)
		if layout.isMissing(missing) {
			continue
		}
		for _, attribute := range layout.required {
			lacking, err := layout.isLacking(ctx, attribute)
			if err != nil {
				return nil, fmt.Errorf("plan table %s: %w", layout.Name(), err)
			}
			if lacking {
				steps = append(steps, TableStep{StepRefuse, layout.Name(), "", attribute,
					`the schema wants it of every item, and some have none: if it had another name, add @renamed(from: "…"); else give it a @default, or let it be null`})
			}
		}
	}
	for _, layout := range db.others {
		if len(layout.types) == 0 || layout.isMissing(steps) {
			continue
		}
		found, err := layout.surveyOwn(ctx, db)
		if err != nil {
			return nil, fmt.Errorf("plan table %s: %w", layout.Name(), err)
		}
		steps = append(steps, found...)
	}
	for _, model := range db.models {
		if model.layout().isMissing(steps) {
			continue
		}
		unreadable, found, err := model.survey(ctx)
		if err != nil {
			return nil, fmt.Errorf("plan table %s: %w", model.layout().Name(), err)
		}
		steps = append(steps, found...)
		kept, err := db.keepingSteps(ctx, model.layout())
		if err != nil {
			return nil, fmt.Errorf("plan table %s: %w", model.layout().Name(), err)
		}
		steps = append(steps, kept...)
		if unreadable != "" {
			steps = append(steps, TableStep{StepRefuse, model.layout().Name(), "", "",
				unreadable + ": give the field another name, let it be null, or convert what the items have"})
			continue
		}
		claims, err := db.claimSteps(ctx, model)
		if err != nil {
			return nil, err
		}
		steps = append(steps, claims...)
		lacking, err := model.enterAllRows(ctx, true)
		if err != nil {
			return nil, fmt.Errorf("plan table %s: %w", model.layout().Name(), err)
		}
		if lacking > 0 {
			steps = append(steps, TableStep{StepFill, db.members.Name(), "", model.layout().Name(),
				"it does not know of all memberships who is a member of what: enter that"})
		}
	}
	dropped, err := db.droppedTypes(ctx)
	return append(steps, dropped...), err
}

// claimSteps returns a step for the fields that are @unique, while items have values of
// which nobody knows.
func (db *DB) claimSteps(ctx context.Context, model anyModel) ([]TableStep, error) {
	var (
		table       = model.layout().Name()
		refused     *notUniqueError
		missing     *types.ResourceNotFoundException
		fields, err = model.claimAll(ctx, true)
	)
	switch {
	case errors.As(err, &missing):
		return nil, nil // there is no uniques table yet, and a step for it
	case errors.As(err, &refused):
		return []TableStep{{StepRefuse, table, "", refused.field, "it is to be unique, and " + refused.why + ": change that first"}}, nil
	case err != nil:
		return nil, fmt.Errorf("plan table %s: %w", table, err)
	case len(fields) > 0:
		return []TableStep{{StepFill, db.uniques.Name(), "", table, "fields of it are unique that were not: enter the values that its items have"}}, nil
	}
	return nil, nil
}

// Do carries out a StepCreate, a StepFill or a StepFinish, and waits until it is done.
func (db *DB) Do(ctx context.Context, step TableStep) error {
	i := slices.IndexFunc(db.layouts(), func(l layout) bool { return l.Name() == step.Table })
	if i < 0 {
		return fmt.Errorf("%s: the schema has no such table", step)
	}
	var (
		layout = db.layouts()[i]
		err    error
	)
	switch {
	case step.Action == StepCreate && step.Index == "":
		_, err = db.createTable(ctx, layout)
	case step.Action == StepCreate:
		err = layout.createIndex(ctx, step.Index)
	case step.Action == StepFill && step.Table == db.uniques.Name():
		for _, model := range db.models {
			if model.layout().Name() == step.Attribute {
				_, err = model.claimAll(ctx, false)
			}
		}
	case step.Action == StepFill && db.isOfMembers(step):
		for _, model := range db.models {
			if model.layout().Name() == step.Attribute {
				_, err = model.enterAllRows(ctx, false)
			}
		}
	case step.Action == StepFill && (layout.isJoined(step.Attribute) || db.isAncestor(step)):
		for _, model := range db.models {
			if model.layout().Name() == step.Table {
				err = model.writeKeys(ctx)
			}
		}
	case step.Action == StepFill:
		err = layout.fillIn(ctx, step.Attribute)
	case db.IsOfKeeping(step):
		err = db.sayKept(ctx, layout)
	case step.Action == StepFinish:
		if rename, isRenamed := layout.renamed(step.Attribute); isRenamed {
			err = db.finish(ctx, layout, rename)
		}
	default:
		return errors.New(step.String())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	return nil
}

// isAncestor tells whether a step is of the ids of ancestors.
func (db *DB) isAncestor(step TableStep) bool {
	return slices.ContainsFunc(db.models, func(m anyModel) bool {
		return m.layout().Name() == step.Table && m.isAncestor(step.Attribute)
	})
}

func (l layout) isMissing(steps []TableStep) bool {
	return slices.Contains(steps, TableStep{Action: StepCreate, Table: l.Name()})
}

// steps returns what the table and its indexes need.
func (l layout) steps(ctx context.Context) ([]TableStep, error) {
	live, err := l.Describe().Run(ctx)
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		return []TableStep{{Action: StepCreate, Table: l.Name()}}, nil
	}
	if err != nil {
		return nil, err
	}
	if hash := l.hashKey(); live.HashKey != hash || live.HashKeyType != dynamo.StringType {
		return []TableStep{{StepRefuse, l.Name(), "", "", fmt.Sprintf(
			"its key is %s, and has to be %s, of text: choose another --table-prefix, and copy what you need", live.HashKey, hash)}}, nil
	}
	live.GSI = slices.DeleteFunc(live.GSI, func(x dynamo.Index) bool { return x.Status == dynamo.DeletingStatus })
	var steps []TableStep
	for _, x := range l.indexes {
		more, err := l.indexSteps(ctx, live, x)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	for _, have := range live.GSI {
		if !slices.ContainsFunc(l.indexes, func(x Index) bool { return x.name() == have.Name }) {
			steps = append(steps, TableStep{StepLeave, l.Name(), have.Name, "",
				"the schema does not use it any more: when no running version does, delete it by UpdateTable"})
		}
	}
	return steps, nil
}

func (l layout) indexSteps(ctx context.Context, live dynamo.Description, x Index) (steps []TableStep, err error) {
	want := l.definition(x)
	for _, have := range live.GSI {
		if have.Name != want.Name {
			continue
		}
		if have.HashKey != want.HashKey || have.HashKeyType != want.HashKeyType ||
			have.RangeKey != want.RangeKey || have.RangeKeyType != want.RangeKeyType {
			return []TableStep{{StepRefuse, l.Name(), want.Name, "",
				"its key has changed its type: give the field another name, or convert what the items have, delete the index by UpdateTable, and run this again"}}, nil
		}
		return nil, nil
	}
	for _, attribute := range []string{x.Hash, x.Sort} {
		if l.isJoined(attribute) {
			continue // whether items have it right, the survey tells
		}
		isEmpty, err := l.isEmpty(ctx, attribute)
		if err != nil {
			return nil, err
		}
		if isEmpty {
			return []TableStep{{StepRefuse, l.Name(), want.Name, attribute,
				"some items have an empty text there, which no index holds: give them another"}}, nil
		}
		if rename, isRenamed := l.renamed(attribute); isRenamed {
			isBehind, err := hasNext(ctx, l.Scan().Consistent(true).Project("id").
				Filter("attribute_exists($) AND attribute_not_exists($)", rename.From, attribute).Iter())
			if err != nil {
				return nil, err
			}
			if isBehind {
				steps = append(steps, TableStep{StepFill, l.Name(), "", attribute,
					fmt.Sprintf("some items have it as %s, and would be missing from index %s: write it under both names first", rename.From, want.Name)})
				continue
			}
		}
		if l.fill[attribute] == nil {
			continue // no item lacks it, or those that do are not meant to be in the index
		}
		lacking, err := l.isLacking(ctx, attribute)
		if err != nil {
			return nil, err
		}
		if lacking {
			steps = append(steps, TableStep{StepFill, l.Name(), "", attribute,
				fmt.Sprintf("some items have none, and would be missing from index %s: write the default into them first", want.Name)})
		}
	}
	return append(steps, TableStep{Action: StepCreate, Table: l.Name(), Index: want.Name}), nil
}

// isLacking tells whether an item lacks the attribute, and under its former name, too.
func (l layout) isLacking(ctx context.Context, attribute string) (bool, error) {
	return hasNext(ctx, l.lacking(attribute))
}

func (l layout) lacking(attribute string) dynamo.PagingIter {
	condition, arguments := l.lacks(attribute)
	return l.Scan().Consistent(true).Project("id").Filter(condition, arguments...).Iter()
}

// lacks is the condition that an item lacks the attribute.
func (l layout) lacks(attribute string) (condition string, arguments []any) {
	if rename, isRenamed := l.renamed(attribute); isRenamed {
		return "attribute_not_exists($) AND attribute_not_exists($)", []any{attribute, rename.From}
	}
	return "attribute_not_exists($)", []any{attribute}
}

// renamed returns the rename that gave the attribute its name.
func (l layout) renamed(attribute string) (rename Rename, isRenamed bool) {
	i := slices.IndexFunc(l.renames, func(r Rename) bool { return r.To == attribute })
	if i < 0 {
		return Rename{}, false
	}
	return l.renames[i], true
}

// isEmpty tells whether an item has empty text as the attribute.
func (l layout) isEmpty(ctx context.Context, attribute string) (bool, error) {
	return hasNext(ctx, l.Scan().Consistent(true).Project("id").Filter("$ = ?", attribute, emptyText).Iter())
}

// emptyText is what package dynamo would leave out if it were "".
var emptyText = &types.AttributeValueMemberS{}

func hasNext(ctx context.Context, items dynamo.PagingIter) (bool, error) {
	next := items.Next(ctx, &dynamo.Item{})
	return next, items.Err()
}

// fillIn writes what items have of an attribute under its former name under both, and its default
// into those that lack it. To those who read them nothing changes, so their versions stay.
func (l layout) fillIn(ctx context.Context, attribute string) error {
	rename, isRenamed := l.renamed(attribute)
	if isRenamed {
		if err := l.move(ctx, rename, true); err != nil {
			return err
		}
	}
	value := l.fill[attribute]
	if value == nil {
		if isRenamed {
			return nil
		}
		return fmt.Errorf("%s has no @default", attribute)
	}
	condition, arguments := l.lacks(attribute)
	items := l.lacking(attribute)
	for item := (dynamo.Item{}); items.Next(ctx, &item); item = nil {
		err := l.Update("id", item["id"]).
			SetExpr("$ = ?", attribute, value).
			If("attribute_exists(id) AND "+condition, arguments...).
			Run(ctx)
		if err != nil && !dynamo.IsCondCheckFailed(err) {
			return err
		}
	}
	return items.Err()
}

// createIndex adds the index, which DynamoDB fills, one at a time of a table, and
// waits until it is ACTIVE: on AWS that can take hours.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
func (l layout) createIndex(ctx context.Context, name string) error {
	i := slices.IndexFunc(l.indexes, func(x Index) bool { return x.name() == name })
	if i < 0 {
		return errors.New("the schema has no such index")
	}
	if err := l.waitForIndexes(ctx); err != nil {
		return err
	}
	if _, err := l.UpdateTable().CreateIndex(l.definition(l.indexes[i])).Run(ctx); err != nil {
		// DynamoDB refuses to do it twice: an earlier try may have lost its answer.
		live, asked := l.Describe().Run(ctx)
		isThere := func(x dynamo.Index) bool { return x.Name == name }
		if asked != nil || !slices.ContainsFunc(live.GSI, isThere) {
			return err
		}
	}
	return l.waitForIndexes(ctx)
}

// waitForIndexes waits until the table and its indexes are ACTIVE.
func (l layout) waitForIndexes(ctx context.Context) error {
	const longest = 5 * time.Second
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, longest) {
		live, err := l.Describe().Run(ctx)
		if err != nil {
			return err
		}
		isBusy := func(index dynamo.Index) bool { return index.Status != dynamo.ActiveStatus }
		if live.Active() && !slices.ContainsFunc(live.GSI, isBusy) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// droppedTypes returns a step for each table under the prefix that was of a type which
// the schema no longer has. Such a table has the key and the index of every model.
func (db *DB) droppedTypes(ctx context.Context) ([]TableStep, error) {
	names, err := db.dynamo.ListTables().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	var steps []TableStep
	for _, name := range names {
		isKnown := slices.ContainsFunc(db.layouts(), func(l layout) bool { return l.Name() == name })
		if isKnown || !strings.HasPrefix(name, db.prefix) {
			continue
		}
		table := db.dynamo.Table(name)
		live, err := table.Describe().Run(ctx)
		if err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, err)
		}
		isModel := live.HashKey == "id" && slices.ContainsFunc(live.GSI, func(x dynamo.Index) bool { return x.Name == ByOwner.name() })
		if !isModel {
			continue
		}
		items := table.Scan().Project("id").Iter()
		step := TableStep{StepLeave, name, "", "", "the schema has no such type any more, and it is empty: delete it by DeleteTable"}
		if items.Next(ctx, &dynamo.Item{}) {
			step.Action, step.Why = StepOrphan, "it holds items of a type that the schema has no more: put the type back, or say of its new name what it was by @model(formerly:), or, if you can do without them, delete the table by DeleteTable"
		}
		if err := items.Err(); err != nil {
			return nil, fmt.Errorf("scan table %s: %w", name, err)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

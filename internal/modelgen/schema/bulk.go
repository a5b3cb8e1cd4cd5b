package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// This file is about @model(bulk: true): the mutations of several objects of a type, each in one
// transaction, and how many objects fit into one.

// maxTxActions is how many actions DynamoDB takes in one transaction.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const maxTxActions = 100

// BulkMutation is a mutation of several objects of a model.
type BulkMutation struct {
	Operation string // Create, Update or Delete
	Model     *Model
}

// BulkMutations returns those of the model; none where it does not ask for them.
func (m *Model) BulkMutations() []BulkMutation {
	if !m.bulk || m.isOwnPlural() {
		return nil
	}
	all := []BulkMutation{{"Create", m}}
	if len(m.Updatable()) > 0 {
		all = append(all, BulkMutation{"Update", m})
	}
	return append(all, BulkMutation{"Delete", m})
}

// isOwnPlural tells whether the mutations of one object and of several would have one name.
func (m *Model) isOwnPlural() bool {
	return BulkMutation{"Create", m}.Name() == m.WriteMethod("Create")
}

// Name is the mutation, a method of Store and a part of its types' names: `CreatePosts`.
func (b BulkMutation) Name() string {
	if b.Model.plural {
		return b.Operation + UpperFirst(b.Model.Plural)
	}
	return b.Operation + pluralOf(b.Model.Name)
}

// Field is the mutation's name in the schema: `createPosts`.
func (b BulkMutation) Field() string { return strings.ToLower(b.Operation[:1]) + b.Name()[1:] }

// InputName is its input: `CreatePostsInput`.
func (b BulkMutation) InputName() string { return b.Name() + "Input" }

// PayloadName is what it answers: `CreatePostsPayload`.
func (b BulkMutation) PayloadName() string { return b.Name() + "Payload" }

// ElementName is the input of one object: `CreatePostInput`.
func (b BulkMutation) ElementName() string { return b.Operation + b.Model.Name + "Input" }

// IsDelete tells whether the input has ids, and the payload too.
func (b BulkMutation) IsDelete() bool { return b.Operation == "Delete" }

// DeletedIDs is the payload's field that has those: `deletedPostIds`.
func (b BulkMutation) DeletedIDs() string { return "deleted" + b.Model.Name + "Ids" }

// GoInput is the Go type of the input, GoPayload that of the payload, and GoElement that of an element.
func (b BulkMutation) GoInput() string   { return GoTypeName(b.InputName()) }
func (b BulkMutation) GoPayload() string { return GoTypeName(b.PayloadName()) }
func (b BulkMutation) GoElement() string { return GoTypeName(b.ElementName()) }

// Limit is how many objects the mutation takes, so that they fit into one transaction whatever they are:
// each is an action; each unique value that it takes is one, under each name that the field has, and each
// that it gives up; and so is the check that each parent that it gets is there. Where something may belong to
// what is deleted, one action for all promises to see to that.
func (b BulkMutation) Limit() int {
	each, once := 1, 0
	switch b.Operation {
	case "Create":
		each += b.Model.createActions()
	case "Update":
		isHooked := slices.ContainsFunc(b.Model.OwnHooks(), func(h Hook) bool { return h.Name == "BeforeUpdate" }) // which may set any
		mayChange := func(f *Field) bool { return isHooked || f.updatable() }
		each += b.Model.memberActions()
		each += 2*b.Model.uniqueActions(mayChange) + len(b.Model.Parents().selected(mayChange))
	case "Delete":
		each += b.Model.uniqueActions(func(*Field) bool { return true }) + b.Model.memberActions()
		if len(b.Model.Children) > 0 {
			once = 1
		}
	}
	return (maxTxActions - once) / each
}

// createActions counts the actions that come with a new object: what is unique, its parents, and the
// memberships of whoever makes it, with theirs, but for the check that the object is there.
func (m *Model) createActions() int {
	actions := m.uniqueActions(func(*Field) bool { return true }) + len(m.Parents()) + m.memberActions()
	if m.Invitation != nil {
		actions++ // the promise of its mail
	}
	for _, by := range m.Memberships() {
		actions += by.createActions() - 1
	}
	return actions
}

// memberActions counts the actions that come with each write of a membership: the row of the member, and the
// count of those in the highest role.
func (m *Model) memberActions() int {
	if m.Membership == nil {
		return 0
	}
	return 2
}

// uniqueActions counts the actions that unique values are, of which one of the fields may change.
func (m *Model) uniqueActions(mayChange func(*Field) bool) (actions int) {
	names := func(former string) int {
		if former != "" {
			return 2
		}
		return 1
	}
	for _, field := range m.Uniques() {
		if mayChange(field) {
			actions += names(field.Formerly)
		}
	}
	for _, unique := range m.TypeUniques {
		if slices.ContainsFunc(unique.Fields, func(part IndexPart) bool { return part.Field != nil && mayChange(part.Field) }) {
			actions += names(unique.FormerName())
		}
	}
	return actions
}

// isReplaced tells whether code of the project carries out the mutation.
func (b BulkMutation) isReplaced() bool {
	return b.Model.byHand.declares("Store."+b.Name()) || b.Model.byHand.resolves("Mutation", templates.ToGo(b.Field()))
}

// BulkNotes says, a line a type, how many objects its mutations of several take at most.
func (s *Schema) BulkNotes() (notes []string) {
	for _, model := range s.Models {
		if !model.bulk {
			continue
		}
		var parts []string
		for _, b := range model.BulkMutations() {
			parts = append(parts, fmt.Sprintf("%d in %s", b.Limit(), b.Field()))
		}
		notes = append(notes, model.Name+": at most "+strings.Join(parts, ", "))
	}
	return notes
}

// types returns the types of the mutation.
func (b BulkMutation) types() []*ast.Definition {
	prose, list := b.Model.ProsePlural(), field(b.Model.Plural, "["+b.ElementName()+"!]!", "")
	about := map[string]string{"Create": "What to make the %s of", "Update": "What to change of the %s, each once", "Delete": "The global ids of the %s, each once"}
	if b.IsDelete() {
		list = field("ids", "[ID!]!", "")
	}
	list.Description = fmt.Sprintf(about[b.Operation]+", at most %d.", prose, b.Limit())
	input := inputOf(b.InputName(), "What `"+b.Field()+"` takes.", list, anyText)
	payload := object(b.PayloadName(), "What `"+b.Field()+"` answers.")
	after := map[string]string{"Create": "the new %s", "Update": "the %s as they are after the change", "Delete": "the %s as they were"}[b.Operation]
	if b.IsDelete() {
		payload.Fields = append(payload.Fields, field(b.DeletedIDs(), "[ID!]!", "The global ids of the "+prose+", for Relay's @deleteEdge and @deleteRecord."))
	}
	payload.Fields = append(payload.Fields,
		field(b.Model.Plural, "["+b.Model.Name+"!]!", sentence(fmt.Sprintf(after, prose)+", in the order of the input")), repeated)
	return []*ast.Definition{input, payload}
}

// describe says what the mutation does.
func (b BulkMutation) describe() string {
	prose := b.Model.ProsePlural()
	switch b.Operation {
	case "Create":
		return fmt.Sprintf("Makes several %s, all or none, at most %d. %s", prose, b.Limit(), b.Model.describeOwner("their owner"))
	case "Update":
		return fmt.Sprintf("Changes several %s, all or none, at most %d.", prose, b.Limit())
	default:
		return fmt.Sprintf("Deletes several %s, all or none, at most %d.%s", prose, b.Limit(), b.Model.describeGoing("them"))
	}
}

// checkBulk reports mutations of several objects that would have the name of that of one, or go past
// what code of the project does for one.
func (r *reader) checkBulk() {
	for _, model := range r.schema.Models {
		at := model.definition.Directives.ForName("model").Position
		if model.bulk && model.isOwnPlural() {
			r.Report(at, `create%s would make one %s, and several: write another plural, @model(bulk: true, plural: "…"), or remove bulk`, model.Name, model.Prose())
		}
		for _, b := range model.BulkMutations() {
			if model.isReplaced(b.Operation) && !b.isReplaced() {
				r.Report(at, "code of the project carries out %s%s, which %s would go past: write the method %s of Store as well, or have a hook such as %s%s do what yours does, or remove bulk",
					strings.ToLower(b.Operation), model.Name, b.Field(), b.Name(), "Before"+b.Operation, model.Name)
			}
		}
	}
}

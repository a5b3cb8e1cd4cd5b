package gogen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// answersGo returns the field Answers of gql.Schema, as Go: how the fields are answered that cost
// something. methods are the resolvers that are generated, own the fields that have one by hand.
func answersGo(s *schema.Schema, methods []method, own []string) string {
	var lists, writes strings.Builder
	for _, m := range methods {
		r, ok := s.Resolver(m.typeName, m.field)
		if !ok || r.Model == nil {
			continue
		}
		name := m.typeName + "." + m.field
		if s.Declares("Store."+r.Method) || r.Kind == schema.ResolveAccept {
			own = append(own, name)
			continue
		}
		if list := listAnswer(r); list != "" {
			fmt.Fprintf(&lists, "%q: {%s},\n", name, list)
		}
		if operation := writeOperation(r); operation != "" {
			several := ""
			if r.Kind == schema.ResolveBulk {
				several = ", Several: true"
			}
			fmt.Fprintf(&writes, "%q: {Of: r.Store.%s, Op: model.On%s%s},\n", name, r.Model.GoPlural(), operation, several)
		}
	}
	own = append(own, s.ComputedFields()...)
	slices.Sort(own)
	own = slices.Compact(own)
	if len(s.Models) == 0 && len(own) == 0 {
		return ""
	}
	var text strings.Builder
	text.WriteString("\nAnswers: gql.Answers{\n")
	if len(s.Models) > 0 {
		fmt.Fprintf(&text, "DB: r.Store.DB,\nLists: map[string]gql.ListAnswer{\n%s},\nWrites: map[string]gql.WriteAnswer{\n%s},\n", lists.String(), writes.String())
	}
	if len(own) > 0 {
		fmt.Fprintf(&text, "Own: %#v,\n", own)
	}
	return text.String() + "},"
}

// listAnswer returns the fields of a gql.ListAnswer; empty: the resolver is of no list.
func listAnswer(r schema.Resolver) string {
	models := "r.Store." + r.Model.GoPlural()
	list := func(index string) string { return fmt.Sprintf("Of: %s, Index: %s", models, index) }
	keys := func(hash, sort string) string {
		return list(fmt.Sprintf("model.Index{Hash: %q, Sort: %q}", hash, sort))
	}
	parent := func(attribute string) string { return list(fmt.Sprintf("%s.ParentIndex(%q)", models, attribute)) }
	switch r.Kind {
	case schema.ResolveOwned:
		return list("model.ByOwner")
	case schema.ResolveReceived:
		return list(models + ".ReceivedIndex()")
	case schema.ResolveAll:
		return list("model.OfAll.Index()")
	case schema.ResolveChildren:
		return parent(r.Relation.Attribute())
	case schema.ResolveLinked:
		return parent(r.Relation.Inverse.Attribute()) + ", To: r.Store." + r.Relation.Target.GoPlural()
	case schema.ResolveIndex:
		if hash, sort, isByOwner := r.Index.OwnerKeys(); isByOwner {
			return keys(hash, sort)
		}
		return list("model.Index" + indexLiteral(r.Index))
	case schema.ResolveTypeIndex:
		return keys(r.TypeIndex.Keys())
	default:
		return ""
	}
}

// writeOperation returns what a mutation does; empty: the resolver is of none.
func writeOperation(r schema.Resolver) string {
	switch r.Kind {
	case schema.ResolveCreate:
		return "Create"
	case schema.ResolveUpdate:
		return "Update"
	case schema.ResolveDelete:
		return "Delete"
	case schema.ResolveTransfer:
		return "Transfer"
	case schema.ResolveBulk:
		return r.Bulk.Operation
	default:
		return ""
	}
}

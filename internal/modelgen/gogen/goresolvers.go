package gogen

import (
	"fmt"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// answer returns the statements by which the generator answers a field, or none where that
// is left to the project. arguments are the names of the field's own, in Go.
func answer(s *schema.Schema, typeName, field string, arguments []string) string {
	if resolver, ok := s.Resolver(typeName, field); ok {
		return body(resolver, s.Declares("Store."+resolver.Method), arguments)
	}
	if !s.HasAccounts() {
		return ""
	}
	if typeName == "Query" && !s.AnswersQuery(field) {
		return ""
	}
	if typeName == "Mutation" && field == "updateViewer" && len(s.User.Updatable()) > 0 {
		return "update, own := r.resolver.Store.ViewerUpdate(input)\n" +
			"return gql.UpdateViewer(ctx, r.resolver.Store.Users, update, own)"
	}
	return accountAnswers[typeName+"."+field]
}

// accountAnswers are the bodies of the resolvers that every project has.
var accountAnswers = map[string]string{
	"Query.node":   "return gql.Node(ctx, r.resolver.Store.DB, r.resolver.Accounts, id)",
	"Query.nodes":  "return gql.Nodes(ctx, r.resolver.Store.DB, r.resolver.Accounts, ids)",
	"Query.viewer": "return gql.Viewer(ctx, r.resolver.Store.Users)",

	"User.sessions":   "return gql.Sessions(ctx, r.resolver.Store.Users, obj, gql.Page(first, after, last, before, nil))",
	"User.tokens":     "return gql.Tokens(ctx, r.resolver.Store.Users, obj, gql.Page(first, after, last, before, nil))",
	"Session.current": "return gql.IsCurrent(ctx, obj), nil",

	"Mutation.updateViewer":          "return gql.UpdateViewer(ctx, r.resolver.Store.Users, input, nil)",
	"Mutation.changePassword":        "return gql.ChangePassword(ctx, r.resolver.Accounts, r.resolver.Store.Users, input)",
	"Mutation.changeEmail":           "return gql.ChangeEmail(ctx, r.resolver.Accounts, r.resolver.Store.Users, input)",
	"Mutation.deleteViewer":          "return gql.DeleteViewer(ctx, r.resolver.Accounts, input)",
	"Mutation.revokeSession":         "return gql.RevokeSession(ctx, r.resolver.Accounts, input)",
	"Mutation.revokeOtherSessions":   "return gql.RevokeOtherSessions(ctx, r.resolver.Accounts, r.resolver.Store.Users, input)",
	"Mutation.createToken":           "return gql.CreateToken(ctx, r.resolver.Accounts, input)",
	"Mutation.revokeToken":           "return gql.RevokeToken(ctx, r.resolver.Accounts, input)",
	"Mutation.sendVerificationEmail": "return gql.SendVerificationEmail(ctx, r.resolver.Accounts, r.resolver.Store.Users, input)",
}

// body is what answers the resolver: the runtime, or its Method where the project has that.
func body(r schema.Resolver, isOwn bool, arguments []string) string {
	page := "gql.Page(first, after, last, before, sortDirection).Where(filter)"
	if r.HasOrders() {
		page += ".OrderedBy(orderBy)"
	}
	var models string
	if r.Model != nil {
		models = "r.resolver.Store." + r.Model.GoPlural()
	}
	own := func(asked string) string {
		return fmt.Sprintf("r.resolver.Store.%s(ctx, gql.Caller(ctx), %s)", r.Method, asked)
	}
	switch r.Kind {
	case schema.ResolveOwner:
		return "return r.resolver.Store.Users.Load(ctx, gql.Caller(ctx), obj.OwnerID)"
	case schema.ResolveParent:
		return fmt.Sprintf("return %s.Load(ctx, gql.Caller(ctx), obj.%s)", models, r.Relation.GoName())
	case schema.ResolveLinked:
		return "return " + own("obj.ID, "+page)
	case schema.ResolveChildren, schema.ResolveOwned:
		switch {
		case isOwn:
			return "return " + own("obj.ID, "+page)
		case r.Kind == schema.ResolveOwned:
			return fmt.Sprintf("return %s.ByOwner(ctx, gql.Caller(ctx), obj.ID, %s)", models, page)
		default:
			return fmt.Sprintf("return %s.ByParent(ctx, gql.Caller(ctx), %q, obj.ID, %s)", models, r.Relation.Attribute(), page)
		}
	case schema.ResolveAll:
		if isOwn {
			return "return " + own(page)
		}
		return fmt.Sprintf("return %s.All(ctx, gql.Caller(ctx), %s)", models, page)
	case schema.ResolveUnique:
		if isOwn {
			return fmt.Sprintf("return gql.OrNull(%s)", own(arguments[0]))
		}
		return fmt.Sprintf("return gql.OrNull(%s.ByUnique(ctx, gql.Caller(ctx), %q, %s))", models, r.Unique.Name, asText(r.Unique, arguments[0]))
	case schema.ResolveIndex:
		if isOwn {
			return "return " + own(arguments[0]+", "+page)
		}
		if hash, sort, isByOwner := r.Index.OwnerKeys(); isByOwner {
			return fmt.Sprintf("return %s.List(ctx, gql.Caller(ctx), model.Index{Hash: %q, Sort: %q}, model.JoinedKey(gql.Caller(ctx).ID, %s), %s)", models, hash, sort, arguments[0], page)
		}
		return fmt.Sprintf("return %s.List(ctx, gql.Caller(ctx), model.Index%s, %s, %s)", models, indexLiteral(r.Index), arguments[0], page)
	case schema.ResolveTypeIndex:
		hash, sort := r.TypeIndex.Keys()
		return fmt.Sprintf("return %s.List(ctx, gql.Caller(ctx), model.Index{Hash: %q, Sort: %q}, model.JoinedKey(%s), %s)", models, hash, sort, joinedValues(r.TypeIndex, arguments), page)
	case schema.ResolveReceived:
		if isOwn {
			return "return " + own("obj.ID, "+page)
		}
		return fmt.Sprintf("return %s.Received(ctx, gql.Caller(ctx), obj.ID, %s)", models, page)
	case schema.ResolveAccept:
		return fmt.Sprintf("item, err := %s\nreturn r.resolver.Store.%s.Payload(gql.Caller(ctx), item, input.ClientMutationID), err", own("input"), r.Model.Invitation.To.GoPlural())
	case schema.ResolveBulk:
		return fmt.Sprintf("items, err := %s\nreturn %s.BulkPayload(items, input.ClientMutationID), err", own("input"), models)
	default:
		return fmt.Sprintf("item, err := %s\nreturn %s.Payload(gql.Caller(ctx), item, input.ClientMutationID), err", own("input"), models)
	}
}

// joinedValues returns the expressions of what an index finds objects by. arguments are those of
// the fields that are given.
func joinedValues(index *schema.TypeIndex, arguments []string) string {
	var values []string
	for _, part := range index.Fields {
		if part.Field == nil { // the owner
			values = append(values, "obj.ID")
			continue
		}
		value := arguments[0]
		arguments = arguments[1:]
		if part.Field.Kind == schema.KindBelongsTo {
			value = localIDOf("model.LocalID", part.Field, value)
		}
		values = append(values, value)
	}
	return strings.Join(values, ", ")
}

// method is a resolver that package graph is to have.
type method struct {
	typeName, field string // in the schema
	goField         string
	declaration     string // `(ctx context.Context, id string) (model.Node, error)`
	body            string
}

func (m method) String() string {
	return fmt.Sprintf("// %[1]s is the resolver for the %[2]s field.\nfunc (r *%[3]s) %[1]s%[4]s {\n%[5]s\n}\n", m.goField, m.field, schema.ResolverType(m.typeName), m.declaration, m.body)
}

// resolversGo returns the generated resolvers as Go. typeNames are the types that have
// resolvers, whoever wrote them; guards wrap those of some; scalars are those of ownql's that a project may have of its own; answers
// is the field of gql.Schema.
func resolversGo(typeNames []string, guards map[string]string, scalars []string, answers string, methods []method) string {
	var out strings.Builder
	out.WriteString("package graph\n\nconst _ = model.RunGoGenerate_ThisCodeIsForRuntime3\n")
	out.WriteString(strings.NewReplacer("SCALARS", scalarsLine(scalars), "ANSWERS", answers).Replace(newSchemaGo))
	out.WriteString("\n// resolvers are those of each type.\ntype resolvers struct{ of *Resolver }\n\n")
	for _, name := range typeNames {
		resolver := fmt.Sprintf("&%s{r.of}", schema.ResolverType(name))
		if guards[name] != "" {
			resolver = fmt.Sprintf("guarded%s{%s, r.of}", name, resolver)
		}
		fmt.Fprintf(&out, "func (r resolvers) %[1]s() %[1]sResolver { return %[2]s }\n", schema.UpperFirst(name), resolver)
	}
	out.WriteString("\n// What each type's resolvers have at hand; resolver is a name that no field's method has.\ntype (\nresolver = Resolver\n")
	for _, name := range typeNames {
		fmt.Fprintf(&out, "%s struct{ *resolver }\n", schema.ResolverType(name))
	}
	out.WriteString(")\n")
	for _, name := range typeNames {
		out.WriteString(guards[name])
	}
	for _, method := range methods {
		fmt.Fprintf(&out, "\n%s", method)
	}
	return out.String()
}

// scalarsLine is the field Scalars of gql.Schema, empty where there are none.
func scalarsLine(scalars []string) string {
	if len(scalars) == 0 {
		return ""
	}
	return fmt.Sprintf("\nScalars: %#v,", scalars)
}

const newSchemaGo = `
// newSchema returns the schema, which the resolvers answer and the directives guard.
func newSchema(r *Resolver, directives DirectiveRoot) gql.Schema {
	return gql.Schema{
		Sources: sources,
		Parsed:  parsedSchema,SCALARS
		Executable: func(schema *ast.Schema) graphql.ExecutableSchema {
			return NewExecutableSchema(Config{Schema: schema, Resolvers: resolvers{r}, Directives: directives})
		},ANSWERS
	}
}
`

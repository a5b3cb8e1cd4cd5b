// Package schemadiff tells how one GraphQL schema differs from an earlier one, and what of it breaks clients:
// breaking and dangerous as graphql-js and GraphQL Inspector have the words, and safe what is left.
//
// https://github.com/graphql/graphql-js/blob/16.x.x/src/utilities/findBreakingChanges.ts
package schemadiff

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Class tells what a change does to clients of the earlier schema.
type Class int

const (
	Breaking  Class = iota // documents that were good are refused, or get what they do not expect
	Dangerous              // documents stay good, and a client that is not ready for it may go wrong
	Safe
)

func (c Class) String() string { return [...]string{"breaking", "dangerous", "safe"}[c] }

// Change is one difference.
type Change struct {
	Class Class
	Path  string // `Query.posts(filter:)`, `@transaction`
	Text  string // what has changed, and what a client sees of it
}

func (c Change) String() string { return c.Path + ": " + c.Text }

// Changes are sorted: by class, then by path.
type Changes []Change

// Of returns the changes of a class.
func (c Changes) Of(class Class) Changes {
	return slices.DeleteFunc(slices.Clone(c), func(change Change) bool { return change.Class != class })
}

// Print writes the changes as text, under a line for each class.
func (c Changes) Print(w io.Writer) error {
	if len(c) == 0 {
		_, err := fmt.Fprintln(w, "nothing changes")
		return err
	}
	var out strings.Builder
	for _, class := range []Class{Breaking, Dangerous, Safe} {
		of := c.Of(class)
		if len(of) == 0 {
			continue
		}
		fmt.Fprintf(&out, "%s: %d\n", class, len(of))
		for _, change := range of {
			fmt.Fprintf(&out, "  %s\n", change)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// comparison is of one schema with another.
type comparison struct {
	old, new *ast.Schema
	changes  Changes
}

// Compare returns what is different in the new schema.
func Compare(old, new *ast.Schema) Changes {
	c := &comparison{old: old, new: new}
	c.roots()
	c.types()
	c.directives()
	slices.SortStableFunc(c.changes, func(a, b Change) int {
		return cmp.Or(int(a.Class)-int(b.Class), strings.Compare(a.Path, b.Path), strings.Compare(a.Text, b.Text))
	})
	return c.changes
}

func (c *comparison) add(class Class, path, format string, args ...any) {
	c.changes = append(c.changes, Change{class, path, fmt.Sprintf(format, args...)})
}

// roots compares the types by which operations begin.
func (c *comparison) roots() {
	for _, root := range []struct {
		operation string
		old, new  *ast.Definition
	}{
		{"query", c.old.Query, c.new.Query},
		{"mutation", c.old.Mutation, c.new.Mutation},
		{"subscription", c.old.Subscription, c.new.Subscription},
	} {
		switch {
		case root.old == nil || root.new != nil && root.new.Name == root.old.Name:
		case root.new == nil:
			c.add(Breaking, "schema."+root.operation, "there are none any more: every %s is refused", root.operation)
		default:
			c.add(Breaking, "schema."+root.operation, "it begins by %s, and no more by %s: fragments on %[2]s are refused", root.new.Name, root.old.Name)
		}
	}
}

// isOwn tells whether a type is neither GraphQL's nor introspection's.
func isOwn(definition *ast.Definition) bool {
	return !definition.BuiltIn && !strings.HasPrefix(definition.Name, "__") && !slices.Contains(builtInScalars, definition.Name)
}

var builtInScalars = []string{"Int", "Float", "String", "Boolean", "ID"}

func (c *comparison) types() {
	for _, was := range c.old.Types {
		if !isOwn(was) {
			continue
		}
		is := c.new.Types[was.Name]
		switch {
		case is == nil:
			c.add(Breaking, was.Name, "the %s is gone: documents that name it are refused", kindOf(was))
		case is.Kind != was.Kind:
			c.add(Breaking, was.Name, "it was %s, and is %s now", withArticle(kindOf(was)), withArticle(kindOf(is)))
		default:
			c.described(was.Name, was.Description, is.Description)
			c.sameKind(was, is)
		}
	}
	for _, is := range c.new.Types {
		if isOwn(is) && c.old.Types[is.Name] == nil {
			c.add(Safe, is.Name, "the %s is new", kindOf(is))
		}
	}
}

func kindOf(definition *ast.Definition) string {
	switch definition.Kind {
	case ast.Object:
		return "type"
	case ast.InputObject:
		return "input"
	default:
		return strings.ToLower(string(definition.Kind))
	}
}

func withArticle(word string) string {
	if strings.Contains("aeiou", word[:1]) && word != "union" {
		return "an " + word
	}
	return "a " + word
}

func (c *comparison) sameKind(was, is *ast.Definition) {
	switch was.Kind {
	case ast.Scalar:
		c.scalar(was, is)
	case ast.Object, ast.Interface:
		c.interfaces(was, is)
		c.fields(was, is)
	case ast.Union:
		c.members(was, is)
	case ast.Enum:
		c.values(was, is)
	case ast.InputObject:
		c.inputFields(was, is)
	}
}

func (c *comparison) described(path, was, is string) {
	switch {
	case was == is:
	case was == "":
		c.add(Safe, path, "it is described now")
	case is == "":
		c.add(Safe, path, "it is not described any more")
	default:
		c.add(Safe, path, "the description has changed")
	}
}

func (c *comparison) deprecated(path string, was, is ast.DirectiveList) {
	before, now := reasonOf(was), reasonOf(is)
	switch {
	case before == now:
	case before == "":
		c.add(Safe, path, "it is deprecated now: %s", now)
	case now == "":
		c.add(Safe, path, "it is not deprecated any more")
	default:
		c.add(Safe, path, "why it is deprecated is told otherwise now: %s", now)
	}
}

// reasonOf returns why something is deprecated; empty: it is not.
func reasonOf(directives ast.DirectiveList) string {
	deprecated := directives.ForName("deprecated")
	if deprecated == nil {
		return ""
	}
	if reason := deprecated.Arguments.ForName("reason"); reason != nil && reason.Value.Raw != "" {
		return reason.Value.Raw
	}
	return "No longer supported"
}

// asWarned says of what is gone that it was deprecated.
func asWarned(directives ast.DirectiveList) string {
	if reason := reasonOf(directives); reason != "" {
		return "; it was deprecated: " + reason
	}
	return ""
}

func (c *comparison) scalar(was, is *ast.Definition) {
	url := func(of *ast.Definition) string {
		if specified := of.Directives.ForName("specifiedBy"); specified != nil && specified.Arguments.ForName("url") != nil {
			return specified.Arguments.ForName("url").Value.Raw
		}
		return ""
	}
	if url(was) != url(is) {
		c.add(Safe, was.Name, "it is specified by %q now, and was by %q", url(is), url(was))
	}
}

func (c *comparison) interfaces(was, is *ast.Definition) {
	for _, name := range was.Interfaces {
		if !slices.Contains(is.Interfaces, name) {
			c.add(Breaking, was.Name, "it is no %s any more: fragments on it where %[1]s stands are refused", name)
		}
	}
	for _, name := range is.Interfaces {
		if !slices.Contains(was.Interfaces, name) {
			c.add(Dangerous, was.Name, "it is a %s now: where %[1]s stands, clients may get it", name)
		}
	}
}

func (c *comparison) fields(was, is *ast.Definition) {
	for _, before := range was.Fields {
		path := was.Name + "." + before.Name
		now := is.Fields.ForName(before.Name)
		if strings.HasPrefix(before.Name, "__") {
			continue // introspection's
		}
		if now == nil {
			c.add(Breaking, path, "the field is gone: documents that select it are refused%s", asWarned(before.Directives))
			continue
		}
		c.described(path, before.Description, now.Description)
		c.deprecated(path, before.Directives, now.Directives)
		if from, to := before.Type.String(), now.Type.String(); from != to && isSafeOutput(before.Type, now.Type) {
			c.add(Safe, path, "it is %s now, and was %s: it is never null where it could be", to, from)
		} else if from != to {
			c.add(Breaking, path, "it is %s now, and was %s: %s", to, from, whyOutput(before.Type, now.Type))
		}
		c.arguments(path, before.Arguments, now.Arguments)
	}
	for _, now := range is.Fields {
		if !strings.HasPrefix(now.Name, "__") && was.Fields.ForName(now.Name) == nil {
			c.add(Safe, was.Name+"."+now.Name, "the field is new")
		}
	}
}

// isSafeOutput tells whether clients that expect values of one type can take those of the other.
func isSafeOutput(old, new *ast.Type) bool {
	switch {
	case old.NonNull && !new.NonNull:
		return false
	case old.Elem != nil || new.Elem != nil:
		return old.Elem != nil && new.Elem != nil && isSafeOutput(old.Elem, new.Elem)
	}
	return old.NamedType == new.NamedType
}

func whyOutput(old, new *ast.Type) string {
	switch {
	case old.Elem != nil && new.Elem == nil:
		return "clients expect a list"
	case old.Elem == nil && new.Elem != nil:
		return "clients expect one value, not a list"
	case old.Name() != new.Name():
		return "clients expect another type"
	}
	return "clients may get null where they never did"
}

// isSafeInput tells whether what clients give for one type is good for the other.
func isSafeInput(old, new *ast.Type) bool {
	switch {
	case !old.NonNull && new.NonNull:
		return false
	case old.Elem != nil || new.Elem != nil:
		return old.Elem != nil && new.Elem != nil && isSafeInput(old.Elem, new.Elem)
	}
	return old.NamedType == new.NamedType
}

func whyInput(old, new *ast.Type) string {
	if old.Name() != new.Name() || (old.Elem == nil) != (new.Elem == nil) {
		return "variables of the type that it was are refused"
	}
	return "documents that leave it out, give it as null or by a variable that may be null are refused"
}

func (c *comparison) arguments(of string, was, is ast.ArgumentDefinitionList) {
	for _, before := range was {
		path := of + "(" + before.Name + ":)"
		now := is.ForName(before.Name)
		if now == nil {
			c.add(Breaking, path, "the argument is gone: documents that give it are refused%s", asWarned(before.Directives))
			continue
		}
		c.input(path, value{before.Type, before.DefaultValue, before.Description, before.Directives}, value{now.Type, now.DefaultValue, now.Description, now.Directives})
	}
	for _, now := range is {
		path := of + "(" + now.Name + ":)"
		switch {
		case was.ForName(now.Name) != nil:
		case now.Type.NonNull && now.DefaultValue == nil:
			c.add(Breaking, path, "the argument is new, and must be given: documents without it are refused")
		default:
			c.add(Dangerous, path, "the argument is new%s", leftOut(now.DefaultValue))
		}
	}
}

func leftOut(byDefault *ast.Value) string {
	if byDefault == nil {
		return ", and may be left out"
	}
	return fmt.Sprintf(", and %s where it is left out", byDefault)
}

// value is what an argument or a field of an input takes.
type value struct {
	typ         *ast.Type
	byDefault   *ast.Value
	description string
	directives  ast.DirectiveList
}

// input compares what was and is given.
func (c *comparison) input(path string, was, is value) {
	c.described(path, was.description, is.description)
	c.deprecated(path, was.directives, is.directives)
	if from, to := was.typ.String(), is.typ.String(); from != to && !isSafeInput(was.typ, is.typ) {
		c.add(Breaking, path, "it is %s now, and was %s: %s", to, from, whyInput(was.typ, is.typ))
		return
	} else if from != to {
		c.add(Safe, path, "it is %s now, and was %s: it takes what it took, and null", to, from)
	}
	if wasRequired := was.typ.NonNull && was.byDefault == nil; wasRequired || sameValue(was.byDefault, is.byDefault) {
		return
	}
	switch {
	case is.byDefault == nil && is.typ.NonNull:
		c.add(Breaking, path, "it must be given now, and was %s where it was left out: documents and inputs without it are refused", was.byDefault)
	case is.byDefault == nil:
		c.add(Dangerous, path, "it has no default any more, which was %s: who does not give it has none", was.byDefault)
	case was.byDefault == nil:
		c.add(Dangerous, path, "it is %s by default now, and had none before: who does not give it has that", is.byDefault)
	default:
		c.add(Dangerous, path, "it is %s by default now, and was %s: who does not give it has another", is.byDefault, was.byDefault)
	}
}

// sameValue tells whether two values are the same; fields of an object have no order.
func sameValue(a, b *ast.Value) bool {
	if a == nil || b == nil {
		return a == b
	}
	isText := func(v *ast.Value) bool { return v.Kind == ast.StringValue || v.Kind == ast.BlockValue }
	if a.Kind != b.Kind && !(isText(a) && isText(b)) || len(a.Children) != len(b.Children) {
		return false
	}
	for i, child := range a.Children {
		other := b.Children[i].Value
		if a.Kind == ast.ObjectValue {
			other = b.Children.ForName(child.Name)
		}
		if !sameValue(child.Value, other) {
			return false
		}
	}
	return a.Raw == b.Raw || len(a.Children) > 0
}

func (c *comparison) members(was, is *ast.Definition) {
	for _, name := range was.Types {
		if !slices.Contains(is.Types, name) {
			c.add(Breaking, was.Name, "%s is not of it any more: fragments on that where %s stands are refused", name, was.Name)
		}
	}
	for _, name := range is.Types {
		if !slices.Contains(was.Types, name) {
			c.add(Dangerous, was.Name, "%s is of it now: clients that know the others alone may get that", name)
		}
	}
}

func (c *comparison) values(was, is *ast.Definition) {
	for _, before := range was.EnumValues {
		path := was.Name + "." + before.Name
		now := is.EnumValues.ForName(before.Name)
		if now == nil {
			c.add(Breaking, path, "the value is gone: documents and variables that give it are refused%s", asWarned(before.Directives))
			continue
		}
		c.described(path, before.Description, now.Description)
		c.deprecated(path, before.Directives, now.Directives)
	}
	for _, now := range is.EnumValues {
		if was.EnumValues.ForName(now.Name) == nil {
			c.add(Dangerous, was.Name+"."+now.Name, "the value is new: clients that know the others alone may get it")
		}
	}
}

func (c *comparison) inputFields(was, is *ast.Definition) {
	for _, before := range was.Fields {
		path := was.Name + "." + before.Name
		now := is.Fields.ForName(before.Name)
		if now == nil {
			c.add(Breaking, path, "the field is gone: inputs that give it are refused%s", asWarned(before.Directives))
			continue
		}
		c.input(path, value{before.Type, before.DefaultValue, before.Description, before.Directives}, value{now.Type, now.DefaultValue, now.Description, now.Directives})
	}
	for _, now := range is.Fields {
		path := was.Name + "." + now.Name
		switch {
		case was.Fields.ForName(now.Name) != nil:
		case now.Type.NonNull && now.DefaultValue == nil:
			c.add(Breaking, path, "the field is new, and must be given: inputs without it are refused")
		default:
			c.add(Dangerous, path, "the field is new%s", leftOut(now.DefaultValue))
		}
	}
	oneOf := func(of *ast.Definition) bool { return of.Directives.ForName("oneOf") != nil }
	switch {
	case oneOf(is) && !oneOf(was):
		c.add(Breaking, was.Name, "it is @oneOf now: inputs that give not just one field are refused")
	case oneOf(was) && !oneOf(is):
		c.add(Safe, was.Name, "it is not @oneOf any more")
	}
}

// specified are the directives that every server has.
var specified = []string{"include", "skip", "defer", "stream", "deprecated", "specifiedBy", "oneOf"}

func (c *comparison) directives() {
	for _, was := range c.old.Directives {
		if slices.Contains(specified, was.Name) {
			continue
		}
		path := "@" + was.Name
		is := c.new.Directives[was.Name]
		if is == nil {
			c.add(Breaking, path, "the directive is gone: documents that have it are refused")
			continue
		}
		c.described(path, was.Description, is.Description)
		c.arguments(path, was.Arguments, is.Arguments)
		switch {
		case was.IsRepeatable && !is.IsRepeatable:
			c.add(Breaking, path, "it may not be repeated any more: documents that have it twice in a place are refused")
		case is.IsRepeatable && !was.IsRepeatable:
			c.add(Safe, path, "it may be repeated now")
		}
		for _, location := range was.Locations {
			if !slices.Contains(is.Locations, location) {
				c.add(Breaking, path, "it may not stand on %s any more: documents that have it there are refused", location)
			}
		}
		for _, location := range is.Locations {
			if !slices.Contains(was.Locations, location) {
				c.add(Safe, path, "it may stand on %s now", location)
			}
		}
	}
	for _, is := range c.new.Directives {
		if !slices.Contains(specified, is.Name) && c.old.Directives[is.Name] == nil {
			c.add(Safe, "@"+is.Name, "the directive is new")
		}
	}
}

package model

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/itembytes"
)

// Object is what every object of a model has: a generated type embeds it.
type Object struct {
	ID        string   `dynamo:"id,hash"`
	OwnerID   string   `dynamo:"ownerId"` // empty: made by an anonymous caller
	Version   int      `dynamo:"version"` // 1 when made, one more with each change
	CreatedAt DateTime `dynamo:"createdAt"`
	UpdatedAt DateTime `dynamo:"updatedAt"`

	deleting string  // the attribute of that name; empty: it is not being deleted, see delete.go
	inputTag string  // the attribute of that name; empty: it was made by Create, see createonce.go
	givenID  *string // global; see GiveID
}

// AttributeOf returns the attribute that a field of a type is kept in: its name, unless that is
// one that the object has for itself.
func AttributeOf(field string) string {
	switch field {
	case "id", "ownerId", "version", "createdAt", "updatedAt", "deleting":
		return field + "_"
	}
	return field
}

// note takes the value of the attribute deleting or inputTag, which has another type each; nil: the item has none.
func (o *Object) note(value types.AttributeValue) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		o.deleting = value.Value
	case *types.AttributeValueMemberB:
		o.inputTag = string(value.Value)
	}
}

// keptObject is an Object that takes its attributes from items as the engine keeps them. No type of a project's has its method.
type keptObject Object

// TakeAttribute is of [itembytes.Taker].
func (o *keptObject) TakeAttribute(name string, value itembytes.Scalar) (ok bool) {
	switch name {
	case "id":
		o.ID, ok = value.Text()
	case "ownerId":
		o.OwnerID, ok = value.Text()
	case "version":
		number, isNumber := value.Number()
		version, err := strconv.Atoi(number)
		o.Version, ok = version, isNumber && err == nil
	case "createdAt":
		ok = o.CreatedAt.take(value)
	case "updatedAt":
		ok = o.UpdatedAt.take(value)
	case "deleting":
		o.deleting, ok = value.Text()
	case inputTag:
		o.inputTag, ok = value.Bytes()
	}
	return ok
}

// base is how models get at it.
func (o *Object) base() *Object { return o }

// unchanged is the condition that the item is as it was read: no other write has come
// between.
func (o *Object) unchanged() (condition string, arguments []any) {
	if o.deleting == "" {
		return "version = ? AND attribute_not_exists(deleting)", []any{o.Version}
	}
	return "version = ? AND deleting = ?", []any{o.Version, o.deleting}
}

// objectOf is a *T that embeds Object.
type objectOf[T any] interface {
	*T
	Node
	base() *Object
	GlobalID() string
}

// Node is the schema's interface of that name, which every model's type is of.
// https://relay.dev/graphql/objectidentification.htm
type Node interface{ IsNode() }

package itembytes

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An Answer takes the items of a Query as the engine keeps them: the items themselves
// are not in its output then. Only an engine in this process knows of it, and only where it answers whole
// items that nothing but their keys chooses; otherwise the items are in the output, as of any client.
type Answer struct {
	// Take is called for each item, within the transaction that reads it. An error ends the call.
	Take func(table, item string) error
	// Memory is by estimate how many bytes of memory the items that were taken would have.
	Memory int
}

type answerKey struct{}

// With returns a context for one call, whose items the answer takes.
func With(ctx context.Context, a *Answer) context.Context {
	return context.WithValue(ctx, answerKey{}, a)
}

// From returns the context's answer; nil: it has none.
func From(ctx context.Context) *Answer {
	a, _ := ctx.Value(answerKey{}).(*Answer)
	return a
}

// A Found item is one that a client has read: as the engine keeps it, or as of any client.
type Found struct {
	bytes string // empty: item is it
	item  Item
}

// FoundItem returns an item that a client has answered.
func FoundItem(item Item) Found { return Found{item: item} }

// FoundBytes returns an item that an [Answer] has taken.
func FoundBytes(bytes string) Found { return Found{bytes: bytes} }

// IsNone tells whether there is no item.
func (f Found) IsNone() bool { return f.bytes == "" && f.item == nil }

// Bytes returns the item as the engine keeps it; false: another client has read it.
func (f Found) Bytes() (string, bool) { return f.bytes, f.bytes != "" }

// Item returns the item, which is not to be changed.
func (f Found) Item() (Item, error) {
	if f.bytes == "" {
		return f.item, nil
	}
	return Decode(f.bytes)
}

// Attribute returns an attribute of the item; nil: it has none of that name.
func (f Found) Attribute(name string) types.AttributeValue {
	if f.bytes == "" {
		return f.item[name]
	}
	return Attribute(f.bytes, name)
}

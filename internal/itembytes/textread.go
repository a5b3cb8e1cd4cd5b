package itembytes

import "context"

// A TextKey is the key of an item of a table whose key is of texts alone.
type TextKey struct {
	Table       string
	Hash, Range TextAttribute // Range without a Name: the table has none
}

// A TextAttribute is an attribute with a text.
type TextAttribute struct{ Name, Value string }

// A TextRead is a strongly consistent read of items of one moment by their keys.
type TextRead struct {
	Keys []TextKey // at most 100, none twice
	// IsUsual says that the same items are read again and again, so that the reader keeps them at hand.
	IsUsual bool
	// Take is called for each item that there is, as the engine keeps it. An error ends the read.
	Take func(table, item string) error
}

// A TextAnswer tells what a TextRead has used.
type TextAnswer struct {
	ReadUnits []float64 // of each item that was read for
	Memory    int       // bytes, by estimate, that the items would have as an Item
	// Unread are those of the keys, the last, for which there was no room in one answer, as in a BatchGetItem's.
	Unread []TextKey
}

// A TextReader reads items as it keeps them: the engine in this process does, other clients do not.
type TextReader interface {
	ReadTexts(ctx context.Context, in *TextRead) (*TextAnswer, error)
}

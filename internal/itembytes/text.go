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
	Keys []TextKey // none twice
	// Take is called for each item that there is, as the engine keeps it. An error ends the read.
	Take func(table, item string) error
}

// A TextAnswer tells what a TextRead has used.
type TextAnswer struct {
	ReadUnits float64
	Memory    int // bytes, by estimate, that the items would have as an Item
}

// A TextReader reads items as it keeps them: the engine in this process does, other clients do not.
type TextReader interface {
	ReadTexts(ctx context.Context, in *TextRead) (*TextAnswer, error)
}

package dynamolocal

import (
	"bytes"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A key's attributes are encoded one after the other, so that the bytes sort as DynamoDB
// sorts the values (strings and binaries by byte, numbers by size) and no value's bytes
// begin another's.

// appendKeyValue appends the encoding of v: an S, B or N with a valid number.
func appendKeyValue(b []byte, v types.AttributeValue) []byte {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return appendKeyText(b, v.Value)
	case *types.AttributeValueMemberB:
		return appendKeyText(b, string(v.Value))
	case *types.AttributeValueMemberN:
		n, _ := scanNumber(v.Value)
		return n.appendKey(b)
	}
	return b
}

// appendKeyText appends the encoding of an S or a B with these bytes.
func appendKeyText(b []byte, text string) []byte {
	return append(appendEscaped(b, text), 0, 0)
}

// appendKeyPrefix appends what the encodings of all strings or binaries that begin with v begin with.
func appendKeyPrefix(b []byte, v types.AttributeValue) []byte {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return appendEscaped(b, v.Value)
	case *types.AttributeValueMemberB:
		return appendEscaped(b, string(v.Value))
	}
	return b
}

// appendEscaped writes a zero byte as 00 FF, so that 00 00 can end the value.
func appendEscaped(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		b = append(b, s[i])
		if s[i] == 0 {
			b = append(b, 0xff)
		}
	}
	return b
}

// after is the least key that is greater than every key that begins with prefix, nil if there is none.
func after(prefix []byte) []byte {
	for n := len(prefix); n > 0; n-- {
		if prefix[n-1] < 0xff {
			k := bytes.Clone(prefix[:n])
			k[n-1]++
			return k
		}
	}
	return nil
}

// A keySchema names the attributes of a table's or an index's key. A table has one Hash and
// at most one Range attribute, an index up to four of each.
type keySchema struct {
	Hash  []string
	Range []string `json:",omitempty"`
}

// attributes are all of the key's, hash first.
func (k keySchema) attributes() []string {
	return append(k.Hash[:len(k.Hash):len(k.Hash)], k.Range...)
}

// each is attributes, without a list of them: every item that is read is held to them.
func (k keySchema) each() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i, name := range k.Hash {
			if !yield(i, name) {
				return
			}
		}
		for i, name := range k.Range {
			if !yield(len(k.Hash)+i, name) {
				return
			}
		}
	}
}

// encode appends the key of it, which must have all the key's attributes.
func (k keySchema) encode(b []byte, it item) []byte {
	for _, name := range k.Hash {
		b = appendKeyValue(b, it[name])
	}
	for _, name := range k.Range {
		b = appendKeyValue(b, it[name])
	}
	return b
}

// of is the part of it that is its key.
func (k keySchema) of(it item) item {
	key := make(item, len(k.Hash)+len(k.Range))
	for _, name := range k.Hash {
		key[name] = it[name]
	}
	for _, name := range k.Range {
		key[name] = it[name]
	}
	return key
}

// isHash is whether the attribute is of the key's hash part.
func (k keySchema) isHash(name string) bool { return slices.Contains(k.Hash, name) }

// contains is whether the attribute is a part of the key.
func (k keySchema) contains(name string) bool {
	return slices.Contains(k.Hash, name) || slices.Contains(k.Range, name)
}

package model

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/decimal"
)

// A Joined is an index of several attributes, of Booleans, of what may be absent, or in an order of
// several: the model writes its two keys, which are attributes of their own, with the item.
//
// The hash key is text: the values, each told from being absent. The sort key is text that sorts
// as its parts do, one after the other, and by the item's id at last, so that no two are equal. What
// is absent comes last, whether a part is descending or not.
type Joined struct {
	Name string   // of its order, as lists that have it offer it, see [Page.Order]; empty: none does
	Hash []string // attributes; none: it has all items of the type, see OfAll
	Sort []SortPart
}

// A SortPart is an attribute by which a Joined sorts.
type SortPart struct {
	Attribute  string
	Enum       []string // the values in their order, where they are an enum's
	Decimal    bool     `json:",omitempty"` // the values are Decimals, which have more digits than a float64
	Descending bool
}

func (p SortPart) name() string {
	if p.Descending {
		return p.Attribute + ".desc"
	}
	return p.Attribute
}

// Index returns the index as DynamoDB has it. No field has an attribute of such a name.
func (j Joined) Index() Index {
	names := make([]string, len(j.Sort))
	for i, part := range j.Sort {
		names[i] = part.name()
	}
	sort := "id"
	if len(names) > 0 {
		sort = joinedSortPrefix + strings.Join(names, "-")
	}
	if j.isOfAll() {
		return Index{Hash: shardAttribute, Sort: sort}
	}
	return Index{Hash: joinedHashPrefix + strings.Join(j.Hash, "-"), Sort: sort}
}

const (
	joinedHashPrefix = "by-"
	joinedSortPrefix = "in-"
)

// isJoinedName tells whether an attribute is a key that a Joined has the model write, or had: items
// keep those of indexes that are gone.
func isJoinedName(attribute string) bool {
	return strings.HasPrefix(attribute, joinedHashPrefix) || strings.HasPrefix(attribute, joinedSortPrefix)
}

// JoinedKey returns the hash key of the items that have these values, in the order of Joined.Hash. A
// nil is an attribute that is absent.
func JoinedKey(values ...any) string {
	attributes := make([]types.AttributeValue, len(values))
	for i, value := range values {
		switch rv := reflect.Indirect(reflect.ValueOf(value)); rv.Kind() {
		case reflect.Invalid: // it is nil
		case reflect.String: // package dynamo would leave out an empty one
			attributes[i] = &types.AttributeValueMemberS{Value: rv.String()}
		default:
			attribute, err := dynamo.Marshal(value)
			if err != nil {
				panic(fmt.Sprintf("key of %T: %v", value, err)) // generated code has values of fields
			}
			attributes[i] = attribute
		}
	}
	return joinedText(attributes)
}

var (
	joinedEscapes   = strings.NewReplacer("%", "%25", "#", "%23")
	joinedUnescapes = strings.NewReplacer("%23", "#", "%25", "%")
)

func joinedText(values []types.AttributeValue) string {
	parts := make([]string, len(values)) // none is empty, since a key may not be
	for i, value := range values {
		switch value := value.(type) {
		case *types.AttributeValueMemberS:
			parts[i] = "=" + joinedEscapes.Replace(value.Value)
		case *types.AttributeValueMemberN:
			parts[i] = "=" + numberText(value)
		case *types.AttributeValueMemberBOOL:
			parts[i] = "=" + strconv.FormatBool(value.Value)
		default:
			parts[i] = "~"
		}
	}
	return strings.Join(parts, "#")
}

// numberText returns a number as text, one for each value: as Go writes the float64 that it is, or where
// it has more digits, which only a Decimal has, with all of them.
func numberText(value *types.AttributeValueMemberN) string {
	text := strconv.FormatFloat(floatOf(value), 'g', -1, 64)
	exact, err := decimal.Parse(value.Value)
	if short, errShort := decimal.Parse(text); err != nil || errShort == nil && short == exact {
		return text
	}
	return exact.String()
}

// floatOf returns a number that was Go's int or float64; of the two zeros, that which DynamoDB has.
func floatOf(value *types.AttributeValueMemberN) float64 {
	number, _ := strconv.ParseFloat(value.Value, 64)
	if number == 0 {
		return 0
	}
	return number
}

// SetKeys writes the two keys into an item. Code BAD_USER_INPUT: one is longer than DynamoDB takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-partition-sort-keys
func (j Joined) SetKeys(item dynamo.Item) error {
	index, hash := j.Index(), j.hashKey(item)
	if len(hash.Value) > maxKeySize {
		return tooLongFor(item, j.Hash)
	}
	item[index.Hash] = hash
	if len(j.Sort) == 0 {
		return nil
	}
	sort := sortText(j.sortBytes(item))
	if len(sort) > maxSortKeySize {
		var attributes []string
		for _, part := range j.Sort {
			attributes = append(attributes, part.Attribute)
		}
		return tooLongFor(item, attributes)
	}
	item[index.Sort] = &types.AttributeValueMemberS{Value: sort}
	return nil
}

func (j Joined) hashKey(item dynamo.Item) *types.AttributeValueMemberS {
	if j.isOfAll() {
		_, id := keyText(item["id"])
		return shardKeyOf(id)
	}
	values := make([]types.AttributeValue, len(j.Hash))
	for i, attribute := range j.Hash {
		values[i] = item[attribute]
	}
	return &types.AttributeValueMemberS{Value: joinedText(values)}
}

// tooLongFor refuses the longest of the texts.
func tooLongFor(item dynamo.Item, attributes []string) error {
	longest := slices.MaxFunc(attributes, func(a, b string) int { return itemSize(dynamo.Item{"": item[a]}) - itemSize(dynamo.Item{"": item[b]}) })
	field := strings.TrimSuffix(longest, "_")
	return BadInput(field, field+" is too long for a list that is ordered or found by it")
}

// What begins a part of the sort key.
const (
	partThere  = 1
	partAbsent = 2
)

// textEnds is behind a text in the sort key. No text has it within.
var textEnds = []byte{0, 0}

// sortBytes returns bytes that sort as the item does.
func (j Joined) sortBytes(item dynamo.Item) []byte {
	var all []byte
	for _, part := range j.Sort {
		all = part.append(all, item[part.Attribute])
	}
	id, _ := item["id"].(*types.AttributeValueMemberS)
	if id == nil {
		return all
	}
	if parsed, err := uuid.Parse(id.Value); err == nil {
		return append(all, parsed[:]...)
	}
	return append(all, id.Value...)
}

// append appends what sorts as a value of the part.
func (p SortPart) append(to []byte, value types.AttributeValue) []byte {
	var part []byte
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		if p.Enum != nil {
			place := slices.Index(p.Enum, value.Value)
			if place < 0 {
				place = math.MaxUint16 // a value that the enum has no more is behind the others
			}
			part = binary.BigEndian.AppendUint16(part, uint16(place))
			break
		}
		part = append(bytes.ReplaceAll([]byte(value.Value), []byte{0}, []byte{0, 0xff}), textEnds...)
	case *types.AttributeValueMemberN:
		if p.Decimal {
			number, _ := decimal.Parse(value.Value) // of what is none, as of the floats: 0
			part = number.AppendSortable(part)
			break
		}
		bits := math.Float64bits(floatOf(value))
		if bits>>63 == 1 {
			bits = ^bits
		} else {
			bits |= 1 << 63
		}
		part = binary.BigEndian.AppendUint64(part, bits)
	case *types.AttributeValueMemberBOOL:
		part = append(part, 0)
		if value.Value {
			part[0] = 1
		}
	default:
		return append(to, partAbsent)
	}
	if p.Descending {
		for i := range part {
			part[i] = ^part[i]
		}
	}
	return append(append(to, partThere), part...)
}

// appendPrefix appends what every text sorts behind that begins with value.
func (p SortPart) appendPrefix(to []byte, value types.AttributeValue) []byte {
	whole := p.append(to, value)
	return whole[:len(whole)-len(textEnds)]
}

// sortText returns bytes as text that sorts as they do: base64 whose alphabet is in the order of ASCII.
func sortText(b []byte) string { return sortEncoding.EncodeToString(b) }

var sortEncoding = base64.NewEncoding("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz").WithPadding(base64.NoPadding)

// isSortTextOf tells whether it is the sort key of the item with that id.
func isSortTextOf(sort types.AttributeValue, id string) bool {
	text, isText := sort.(*types.AttributeValueMemberS)
	if !isText || len(text.Value) > maxSortKeySize {
		return false
	}
	parsed, err := uuid.Parse(id)
	decoded, bad := sortEncoding.Strict().DecodeString(text.Value)
	return err == nil && bad == nil && bytes.HasSuffix(decoded, parsed[:])
}

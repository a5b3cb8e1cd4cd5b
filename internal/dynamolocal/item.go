package dynamolocal

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/itembytes"
)

// An item's values are normalized (value.go): the numbers in it are printed as AWS prints them.
type item = itembytes.Item

// maxItemSize is 400 KB, as itemSize counts it.
const maxItemSize = itembytes.MaxItemSize

// errCorrupt is of an item that cannot be read.
var errCorrupt = itembytes.ErrCorrupt

func appendItem(b []byte, it item) []byte { return itembytes.Append(b, it) }

// decodeItem reads what appendItem wrote. The item shares one copy of b, not b itself.
func decodeItem(b []byte) (item, error) {
	if len(b) > itembytes.MaxEncodedSize {
		return nil, errCorrupt
	}
	return itembytes.Decode(string(b))
}

// itemSize is the size of it in bytes as AWS counts it: names and values in UTF-8, a number
// about half a byte a digit and one more, three bytes for a list or map and one for each of its
// elements.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func itemSize(it item) int {
	size := 0
	for name, v := range it {
		size += len(name) + valueSize(v)
	}
	return size
}

func valueSize(v types.AttributeValue) int {
	size := 0
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return numberSize(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberSS:
		for _, e := range v.Value {
			size += len(e)
		}
	case *types.AttributeValueMemberNS:
		for _, e := range v.Value {
			size += numberSize(e)
		}
	case *types.AttributeValueMemberBS:
		for _, e := range v.Value {
			size += len(e)
		}
	case *types.AttributeValueMemberM:
		size = 3 + len(v.Value) + itemSize(v.Value)
	case *types.AttributeValueMemberL:
		size = 3 + len(v.Value)
		for _, e := range v.Value {
			size += valueSize(e)
		}
	default: // BOOL and NULL
		return 1
	}
	return size
}

func numberSize(s string) int {
	n, _ := scanNumber(s)
	if n.digits == "" {
		return 1
	}
	size := (len(n.digits)+1)/2 + 1
	if n.negative {
		size++
	}
	return size
}

// itemMemory estimates how many bytes of this process's memory an item takes, which is more than its
// size: 25 times as much for many small values.
func itemMemory(it item) int {
	const ofMap, ofAttribute = 256, 64
	bytes := ofMap
	for name, v := range it {
		bytes += ofAttribute + len(name) + valueMemory(v)
	}
	return bytes
}

func valueMemory(v types.AttributeValue) int {
	const ofElement = 48
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		return itemMemory(v.Value)
	case *types.AttributeValueMemberL:
		bytes := 0
		for _, e := range v.Value {
			bytes += ofElement + valueMemory(e)
		}
		return bytes
	case *types.AttributeValueMemberSS:
		return ofElement*len(v.Value) + valueSize(v)
	case *types.AttributeValueMemberNS:
		return ofElement*len(v.Value) + 2*valueSize(v)
	case *types.AttributeValueMemberBS:
		return ofElement*len(v.Value) + valueSize(v)
	default:
		return valueSize(v)
	}
}

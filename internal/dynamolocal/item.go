package dynamolocal

import (
	"encoding/binary"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An item's values are normalized (value.go): the numbers in it are printed as AWS prints them.
type item = map[string]types.AttributeValue

// maxItemSize is 400 KB, as itemSize counts it.
const maxItemSize = 400 << 10

// Kinds of value in an encoded item.
const (
	kindS = iota + 1
	kindN
	kindB
	kindSS
	kindNS
	kindBS
	kindM
	kindL
	kindTrue
	kindFalse
	kindNull
)

// appendItem appends it in the engine's own form: the number of attributes, then each name
// and value. A value is a byte for its kind and its content; every length is a uvarint.
func appendItem(b []byte, it item) []byte {
	b = binary.AppendUvarint(b, uint64(len(it)))
	for name, v := range it {
		b = appendString(b, name)
		b = appendValue(b, v)
	}
	return b
}

func appendValue(b []byte, v types.AttributeValue) []byte {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		b = appendString(append(b, kindS), v.Value)
	case *types.AttributeValueMemberN:
		b = appendString(append(b, kindN), v.Value)
	case *types.AttributeValueMemberB:
		b = appendString(append(b, kindB), string(v.Value))
	case *types.AttributeValueMemberSS:
		b = appendStrings(append(b, kindSS), v.Value)
	case *types.AttributeValueMemberNS:
		b = appendStrings(append(b, kindNS), v.Value)
	case *types.AttributeValueMemberBS:
		b = binary.AppendUvarint(append(b, kindBS), uint64(len(v.Value)))
		for _, e := range v.Value {
			b = appendString(b, string(e))
		}
	case *types.AttributeValueMemberM:
		b = appendItem(append(b, kindM), v.Value)
	case *types.AttributeValueMemberL:
		b = binary.AppendUvarint(append(b, kindL), uint64(len(v.Value)))
		for _, e := range v.Value {
			b = appendValue(b, e)
		}
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			return append(b, kindTrue)
		}
		return append(b, kindFalse)
	case *types.AttributeValueMemberNULL:
		b = append(b, kindNull)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendStrings(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

var errCorrupt = errors.New("an item cannot be read")

// maxEncodedSize is more than any item takes in the file: names and values with their kinds and
// lengths. What is longer is not even copied.
const maxEncodedSize = 8 * maxItemSize

// decodeItem reads what appendItem wrote. The item shares one copy of b, not b itself.
func decodeItem(b []byte) (item, error) {
	if len(b) > maxEncodedSize {
		return nil, errCorrupt
	}
	d := decoder{rest: string(b)}
	it := d.item()
	if d.corrupt || d.rest != "" {
		return nil, errCorrupt
	}
	return it, nil
}

// A decoder takes an item apart from the front. Once corrupt, it reads only zero values.
type decoder struct {
	rest    string
	depth   int // of lists and maps
	corrupt bool
}

func (d *decoder) length() int {
	var n uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen32; i++ {
		n |= uint64(d.rest[i]&0x7f) << (7 * i)
		if d.rest[i] < 0x80 {
			d.rest = d.rest[i+1:]
			if n <= uint64(len(d.rest)) { // everything counted takes at least a byte
				return int(n)
			}
			break
		}
	}
	d.rest, d.corrupt = "", true
	return 0
}

func (d *decoder) string() string {
	n := d.length()
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

func (d *decoder) strings() []string {
	list := make([]string, d.length())
	for i := range list {
		list[i] = d.string()
	}
	return list
}

func (d *decoder) item() item {
	n := d.length()
	it := make(item, n)
	for range n {
		name := d.string()
		it[name] = d.value()
	}
	return it
}

func (d *decoder) value() types.AttributeValue {
	if d.rest == "" {
		d.corrupt = true
		return nil
	}
	kind := d.rest[0]
	d.rest = d.rest[1:]
	if d.depth++; d.depth > 2*maxDepth {
		d.rest, d.corrupt = "", true
		return nil
	}
	defer func() { d.depth-- }()
	switch kind {
	case kindS:
		return &types.AttributeValueMemberS{Value: d.string()}
	case kindN:
		return &types.AttributeValueMemberN{Value: d.string()}
	case kindB:
		return &types.AttributeValueMemberB{Value: []byte(d.string())}
	case kindSS:
		return &types.AttributeValueMemberSS{Value: d.strings()}
	case kindNS:
		return &types.AttributeValueMemberNS{Value: d.strings()}
	case kindBS:
		list := make([][]byte, d.length())
		for i := range list {
			list[i] = []byte(d.string())
		}
		return &types.AttributeValueMemberBS{Value: list}
	case kindM:
		return &types.AttributeValueMemberM{Value: d.item()}
	case kindL:
		list := make([]types.AttributeValue, d.length())
		for i := range list {
			list[i] = d.value()
		}
		return &types.AttributeValueMemberL{Value: list}
	case kindTrue, kindFalse:
		return &types.AttributeValueMemberBOOL{Value: kind == kindTrue}
	case kindNull:
		return &types.AttributeValueMemberNULL{Value: true}
	}
	d.corrupt = true
	return nil
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

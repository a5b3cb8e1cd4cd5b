// Package itembytes is items as the embedded engine keeps them: the bytes of each in its file, what
// makes Go's values of these without the SDK's in between, and how whoever asks the engine in this
// process gets at them ([Answer]).
package itembytes

import (
	"encoding/binary"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An Item is an item of the DynamoDB API.
type Item = map[string]types.AttributeValue

// MaxItemSize is 400 KB, as DynamoDB counts it.
const MaxItemSize = 400 << 10

// maxDepth is how deep lists and maps may nest in an item, itself included.
const maxDepth = 32

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

// Append appends an item: the number of attributes, then each name and value. A value is a byte
// for its kind and its content; every length is a uvarint.
func Append(b []byte, it Item) []byte {
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
		b = Append(append(b, kindM), v.Value)
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

// ErrCorrupt is of bytes that are not what Append makes.
var ErrCorrupt = errors.New("an item cannot be read")

// MaxEncodedSize is more than any item takes in the file: names and values with their kinds and
// lengths. What is longer is not to be copied.
const MaxEncodedSize = 8 * MaxItemSize

// Decode reads what Append wrote. The item shares b.
func Decode(b string) (Item, error) {
	if len(b) > MaxEncodedSize {
		return nil, ErrCorrupt
	}
	d := decoder{rest: b}
	it := d.item()
	if d.corrupt || d.rest != "" {
		return nil, ErrCorrupt
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
	if len(d.rest) > 0 && d.rest[0] < 0x80 && int(d.rest[0]) < len(d.rest) { // as nearly always
		n := int(d.rest[0])
		d.rest = d.rest[1:]
		return n
	}
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
	d.fail()
	return 0
}

func (d *decoder) fail() { d.rest, d.corrupt = "", true }

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

func (d *decoder) item() Item {
	n := d.length()
	it := make(Item, n)
	for range n {
		name := d.string()
		it[name] = d.value()
	}
	return it
}

// kind takes the byte before a value's content.
func (d *decoder) kind() byte {
	if d.rest == "" {
		d.fail()
		return 0
	}
	kind := d.rest[0]
	d.rest = d.rest[1:]
	return kind
}

func (d *decoder) value() types.AttributeValue {
	kind := d.kind()
	if d.depth++; d.depth > 2*maxDepth {
		d.fail()
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
	d.fail()
	return nil
}

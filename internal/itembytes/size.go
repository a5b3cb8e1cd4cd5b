package itembytes

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// A Measure is what an item has, without being made into one.
type Measure struct {
	Size   int // in bytes, as DynamoDB counts it
	Memory int // of this process, by estimate, that the item would take as an Item
}

// A KeyAttribute is one that the items of a table must have.
type KeyAttribute struct {
	Name string
	Type types.ScalarAttributeType
}

// Measured returns the measure of the item that Append has made b of. ErrCorrupt: it did not, or lacks an
// attribute of the key, of which none is there twice.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func Measured(b string, key []KeyAttribute) (Measure, error) {
	if len(b) > MaxEncodedSize {
		return Measure{}, ErrCorrupt
	}
	m := measurer{decoder: decoder{rest: b}}
	n := m.length()
	m.Memory = memoryOfMap + n*memoryOfAttribute
	keys := 0
	for range n {
		name := m.string()
		m.count(len(name))
		for i := range key {
			if key[i].Name == name && m.rest != "" && isKind(m.rest[0], key[i].Type) {
				keys++
			}
		}
		m.value()
	}
	if m.corrupt || m.rest != "" || keys != len(key) {
		return Measure{}, ErrCorrupt
	}
	return m.Measure, nil
}

func isKind(kind byte, of types.ScalarAttributeType) bool {
	switch kind {
	case kindS:
		return of == types.ScalarAttributeTypeS
	case kindN:
		return of == types.ScalarAttributeTypeN
	case kindB:
		return of == types.ScalarAttributeTypeB
	}
	return false
}

// What an Item takes of memory beside its texts.
const (
	memoryOfMap       = 256
	memoryOfAttribute = 64
	memoryOfElement   = 48
)

type measurer struct {
	decoder
	Measure
}

// count counts so many bytes of text.
func (m *measurer) count(bytes int) {
	m.Size += bytes
	m.Memory += bytes
}

func (m *measurer) value() {
	kind := m.kind()
	if m.depth++; m.depth > 2*maxDepth {
		m.fail()
		return
	}
	defer func() { m.depth-- }()
	switch kind {
	case kindS, kindB:
		m.count(len(m.string()))
	case kindN:
		m.count(numberSize(m.string()))
	case kindSS, kindBS:
		n := m.length()
		m.Memory += n * memoryOfElement
		for range n {
			m.count(len(m.string()))
		}
	case kindNS:
		n := m.length()
		m.Memory += n * memoryOfElement
		for range n {
			size := numberSize(m.string())
			m.count(size)
			m.Memory += size
		}
	case kindM:
		n := m.length()
		m.Size += 3 + n
		m.Memory += memoryOfMap + n*memoryOfAttribute
		for range n {
			m.count(len(m.string()))
			m.value()
		}
	case kindL:
		n := m.length()
		m.Size += 3 + n
		m.Memory += n * memoryOfElement
		for range n {
			m.value()
		}
	case kindTrue, kindFalse, kindNull:
		m.count(1)
	default:
		m.fail()
	}
}

// numberSize is about half a byte a significant digit and one more, and one for a sign. The number is
// written in full, without an exponent.
func numberSize(number string) int {
	digits, zeros, sign := 0, 0, 0
	for i := 0; i < len(number); i++ {
		switch c := number[i]; {
		case c == '-':
			sign = 1
		case c == '0':
			zeros++ // which count where a digit comes before and behind
		case c >= '1' && c <= '9':
			if digits > 0 {
				digits += zeros
			}
			digits, zeros = digits+1, 0
		}
	}
	if digits == 0 {
		return 1
	}
	return (digits+1)/2 + 1 + sign
}

package itembytes

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// A Plan makes values of a struct type of items' bytes, as package dynamo makes them of Items, by the
// same tags. What it does not know how to make it leaves to that package, errors included.
type Plan struct {
	of     reflect.Type
	fields []field
	byName map[string]int // in fields; isTold: it is told of
	lacks  []string       // by field: the bytes of the value that an item without it is read as; empty: none
}

// isTold is in the place of a field where there is none for an attribute, which is told of.
const isTold = -1

// A field is one that an attribute is decoded into.
type field struct {
	index []int
	set   setter
}

// A setter takes a value from the decoder and puts it into a field. false: the value is not what the field
// mostly has.
type setter func(d *decoder, v reflect.Value) bool

// NewPlan returns the plan of a struct type; nil: it has something that only package dynamo knows. Items that
// lack an attribute are read as if they had that of lacking, unless it is told of: those of others, which belong to no field, and
// those of the fields of told, a struct that the type embeds, or nil. See [Plan.Decode].
func NewPlan(of reflect.Type, lacking Item, told reflect.Type, others ...string) *Plan {
	p := &Plan{of: of, byName: map[string]int{}}
	if of.Kind() != reflect.Struct || decodesItself(of) || !p.add(of, nil, told) {
		return nil
	}
	p.lacks = make([]string, len(p.fields))
	for name, value := range lacking {
		if i, isField := p.byName[name]; isField && i != isTold {
			p.lacks[i] = string(appendValue(nil, value))
		}
	}
	for _, name := range others {
		p.byName[name] = isTold
	}
	return p
}

// decodesItself tells whether package dynamo asks a struct's own methods to decode an item.
func decodesItself(of reflect.Type) bool {
	pointer := reflect.PointerTo(of)
	return pointer.Implements(reflect.TypeFor[dynamo.ItemUnmarshaler]())
}

// add adds the fields of a struct, in the order in which package dynamo looks at them: of two of one name
// the first counts.
func (p *Plan) add(of reflect.Type, within []int, told reflect.Type) bool {
	for i := range of.NumField() {
		f := of.Field(i)
		name, flags, _ := strings.Cut(f.Tag.Get("dynamo"), ",")
		if name == "" {
			name = f.Name
		}
		if _, isSeen := p.byName[name]; isSeen || name == "-" {
			continue
		}
		index := append(within[:len(within):len(within)], i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			if !p.add(f.Type, index, told) {
				return false
			}
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct || strings.Contains(flags, "unixtime") {
			return false
		}
		if !f.IsExported() {
			continue
		}
		if of == told {
			p.byName[name] = isTold
			continue
		}
		p.byName[name] = len(p.fields)
		p.fields = append(p.fields, field{index, setterOf(f.Type)})
	}
	return len(p.fields) <= maxFields
}

// maxFields is how many fields a Plan can tell apart.
const maxFields = 64

// A Scalar is the value of an attribute that is a text, a number or bytes.
type Scalar struct {
	kind byte
	text string
}

// Text returns the text that it is, if it is one.
func (s Scalar) Text() (string, bool) { return s.text, s.kind == kindS }

// Number returns the number that it is, if it is one.
func (s Scalar) Number() (string, bool) { return s.text, s.kind == kindN }

// Bytes returns the bytes that it is, if it is some.
func (s Scalar) Bytes() (string, bool) { return s.text, s.kind == kindB }

// scalar returns a value that is one; false: it is not.
func (d *decoder) scalar() (Scalar, bool) {
	switch kind := d.kind(); kind {
	case kindS, kindN, kindB:
		return Scalar{kind, d.string()}, true
	default:
		return Scalar{}, false
	}
}

// A Taker is told of attributes that a [Plan] has no field for.
type Taker interface {
	// TakeAttribute takes a value, which is not null; false: it is none that the attribute mostly has.
	TakeAttribute(name string, value Scalar) bool
}

// Decode puts an item into a new struct, and tells of the attributes that the plan has to tell of. false: it could not, the struct is
// in no state to be used, and what was told is void.
func (p *Plan) Decode(b string, into reflect.Value, tell Taker) bool {
	d := decoder{rest: b}
	var seen uint64
	for range d.length() {
		name := d.string()
		i, isField := p.byName[name]
		switch {
		case !isField:
			d.skip()
		case i == isTold:
			if d.take(kindNull) {
				continue
			}
			if value, isScalar := d.scalar(); !isScalar || !tell.TakeAttribute(name, value) {
				return false
			}
		default:
			f := &p.fields[i]
			seen |= 1 << i
			if !f.set(&d, fieldAt(into, f.index)) {
				return false
			}
		}
	}
	if d.corrupt || d.rest != "" {
		return false
	}
	for i, value := range p.lacks {
		if value != "" && seen&(1<<i) == 0 {
			d := decoder{rest: value}
			if f := &p.fields[i]; !f.set(&d, fieldAt(into, f.index)) {
				return false
			}
		}
	}
	return true
}

func fieldAt(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		v = v.Field(i)
	}
	return v
}

// skip passes over a value.
func (d *decoder) skip() {
	m := measurer{decoder: *d}
	m.value()
	*d = m.decoder
}

// Attribute returns an attribute of an item; nil: it has none of that name.
func Attribute(b, name string) types.AttributeValue {
	d := decoder{rest: b}
	for range d.length() {
		if d.string() == name {
			return d.value()
		}
		d.skip()
	}
	return nil
}

// take takes a value's kind if it is that one.
func (d *decoder) take(kind byte) bool {
	if d.rest == "" || d.rest[0] != kind {
		return false
	}
	d.rest = d.rest[1:]
	return true
}

// setterOf returns what puts a value into a field of that type.
func setterOf(of reflect.Type) setter {
	if of.Kind() == reflect.Pointer {
		return pointerSetter(of.Elem())
	}
	switch pointer := reflect.PointerTo(of); {
	case pointer.Implements(reflect.TypeFor[dynamo.Unmarshaler]()), pointer.Implements(reflect.TypeFor[attributevalue.Unmarshaler]()):
		return setAny
	case of == reflect.TypeFor[types.AttributeValue]():
		return setAny
	case pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		if strings.HasPrefix(of.PkgPath(), "time") {
			return setAny
		}
		return orNull(setText)
	}
	switch of.Kind() {
	case reflect.String:
		return orNull(func(d *decoder, v reflect.Value) bool {
			if !d.take(kindS) {
				return false
			}
			v.SetString(d.string())
			return true
		})
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return orNull(func(d *decoder, v reflect.Value) bool {
			if !d.take(kindN) {
				return false
			}
			n, err := strconv.ParseInt(d.string(), 10, 64)
			v.SetInt(n)
			return err == nil
		})
	case reflect.Float32, reflect.Float64:
		return orNull(func(d *decoder, v reflect.Value) bool {
			if !d.take(kindN) {
				return false
			}
			n, err := strconv.ParseFloat(d.string(), 64)
			v.SetFloat(n)
			return err == nil
		})
	case reflect.Bool:
		return orNull(func(d *decoder, v reflect.Value) bool {
			isTrue := d.take(kindTrue)
			v.SetBool(isTrue)
			return isTrue || d.take(kindFalse)
		})
	case reflect.Slice:
		switch elem := of.Elem(); {
		case elem == reflect.TypeFor[byte]():
			return orNull(func(d *decoder, v reflect.Value) bool {
				if !d.take(kindB) {
					return false
				}
				v.SetBytes([]byte(d.string()))
				return true
			})
		case elem.Kind() == reflect.String && !reflect.PointerTo(elem).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) &&
			!reflect.PointerTo(elem).Implements(reflect.TypeFor[dynamo.Unmarshaler]()) &&
			!reflect.PointerTo(elem).Implements(reflect.TypeFor[attributevalue.Unmarshaler]()):
			return orNull(func(d *decoder, v reflect.Value) bool { return setTexts(d, v) })
		}
	}
	return setAny
}

// orNull is a setter that leaves a field as it is, which is empty, where the value is a null.
func orNull(set setter) setter {
	return func(d *decoder, v reflect.Value) bool { return d.take(kindNull) || set(d, v) }
}

func pointerSetter(to reflect.Type) setter {
	if to.Kind() == reflect.Pointer {
		return setAny
	}
	set := setterOf(to)
	return orNull(func(d *decoder, v reflect.Value) bool {
		value := reflect.New(to)
		if !set(d, value.Elem()) {
			return false
		}
		v.Set(value)
		return true
	})
}

func setText(d *decoder, v reflect.Value) bool {
	if !d.take(kindS) {
		return false
	}
	return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(d.string())) == nil
}

// setTexts makes a list of texts of a list or a set of them.
func setTexts(d *decoder, v reflect.Value) bool {
	isSet := d.take(kindSS)
	if !isSet && !d.take(kindL) {
		return false
	}
	n := d.length()
	list := reflect.MakeSlice(v.Type(), n, n)
	for i := range n {
		if !isSet && !d.take(kindS) {
			return false
		}
		list.Index(i).SetString(d.string())
	}
	v.Set(list)
	return true
}

// setAny has package dynamo put a value into a field.
func setAny(d *decoder, v reflect.Value) bool {
	value := d.value()
	return !d.corrupt && dynamo.Unmarshal(value, v.Addr().Interface()) == nil
}

package model

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Field is what filters have to know of a field of the schema.
type Field struct {
	Name      string // in the schema
	Attribute string // empty: as Name
	Type      FieldType
	List      bool // of Type
	Nullable  bool
	Object    string // the type of an ObjectField, see [DB.DefineObjects]
}

// A FieldType tells what a field's values are in a table.
type FieldType uint8

// The types of fields.
const (
	TextField    FieldType = iota // String and ID
	EnumField                     // an enum
	NumberField                   // Int and Float
	BooleanField                  // Boolean
	TimeField                     // DateTime
	ObjectField                   // a plain object
	ParentField                   // the id of a Parent, whose Field is the attribute
	DateField                     // Date
	DecimalField                  // Decimal
	JSONField                     // JSON, and what else can be asked for nothing but whether it is there
	LinkField                     // what is linked with the item, see Link
	ownIDField                    // the id of the item
)

// ownFields are those that every model has, as far as a filter may have conditions on them.
var ownFields = []Field{
	{Name: "id", Type: ownIDField},
	{Name: "createdAt", Type: TimeField},
	{Name: "updatedAt", Type: TimeField},
}

// DefineObjects says which fields the plain objects have that fields of models are of, by type.
func (db *DB) DefineObjects(fields map[string][]Field) { db.objects = fields }

// attribute is where an item, or an object in one, has the field.
func (f *Field) attribute() string {
	if f.Attribute != "" {
		return f.Attribute
	}
	return f.Name
}

// zero is what a field that is not null is read as where the item lacks it: the zero of its Go type,
// nil where that is no value.
func (f *Field) zero() types.AttributeValue {
	switch {
	case f.Nullable, f.Type == EnumField, f.Type == ParentField:
		return nil
	case f.List:
		return &types.AttributeValueMemberL{}
	case f.Type == ObjectField:
		return &types.AttributeValueMemberM{}
	case f.Type == NumberField, f.Type == DecimalField:
		return &types.AttributeValueMemberN{Value: "0"}
	case f.Type == BooleanField:
		return &types.AttributeValueMemberBOOL{}
	case f.Type == TimeField:
		return &types.AttributeValueMemberS{Value: DateTime{}.String()}
	case f.Type == DateField:
		return &types.AttributeValueMemberS{Value: Date{}.String()}
	default:
		return &types.AttributeValueMemberS{}
	}
}

// A fieldPath leads to a field: of the item, or of an object in it.
type fieldPath []*Field

func (p fieldPath) last() *Field { return p[len(p)-1] }

// isOf tells whether the path is the item's attribute of that name.
func (p fieldPath) isOf(attribute string) bool { return len(p) == 1 && p[0].attribute() == attribute }

// valueIn returns what an item has there, as it is read: nil is null.
func (p fieldPath) valueIn(item map[string]types.AttributeValue) types.AttributeValue {
	for _, field := range p[:len(p)-1] {
		object, _ := field.valueIn(item).(*types.AttributeValueMemberM)
		if object == nil {
			return nil
		}
		item = object.Value
	}
	return p.last().valueIn(item)
}

func (f *Field) valueIn(item map[string]types.AttributeValue) types.AttributeValue {
	value := item[f.attribute()]
	if _, isNull := value.(*types.AttributeValueMemberNULL); isNull || value == nil {
		return f.zero()
	}
	return value
}

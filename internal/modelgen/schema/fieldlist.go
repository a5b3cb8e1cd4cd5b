package schema

// Fields are those of a type, in the file's order.
type Fields []*Field

// Field returns the field of that name, or nil.
func (list Fields) Field(name string) *Field {
	for _, field := range list {
		if field.Name == name {
			return field
		}
	}
	return nil
}

// selected returns the fields that a condition holds for.
func (list Fields) selected(condition func(*Field) bool) Fields {
	var fields Fields
	for _, field := range list {
		if condition(field) {
			fields = append(fields, field)
		}
	}
	return fields
}

// Stored returns the fields that the table has, beside what @model or accounts add.
func (list Fields) Stored() Fields { return list.selected((*Field).Stored) }

// Creatable returns the fields that the create input has.
func (list Fields) Creatable() Fields {
	return list.selected(func(f *Field) bool { return f.Stored() && !f.ReadOnly })
}

// Updatable returns the fields that the update input has. Where there is none, a model has
// no update mutation.
func (list Fields) Updatable() Fields { return list.selected((*Field).updatable) }

// bound returns the fields for which gqlgen looks into the Go type.
func (list Fields) bound() Fields {
	return list.selected(func(f *Field) bool { return f.Stored() || f.Kind == KindComputed })
}

// Computed returns the fields that code of the project answers.
func (list Fields) Computed() Fields {
	return list.selected(func(f *Field) bool { return f.Kind == KindComputed })
}

// Parents returns the belongsTo fields.
func (list Fields) Parents() Fields {
	return list.selected(func(f *Field) bool { return f.Kind == KindBelongsTo })
}

// HasMany returns the hasMany fields.
func (list Fields) HasMany() Fields {
	return list.selected(func(f *Field) bool { return f.Kind == KindHasMany })
}

// Uniques returns the @unique fields.
func (list Fields) Uniques() Fields {
	return list.selected(func(f *Field) bool { return f.Unique })
}

// Indexes returns every @index.
func (list Fields) Indexes() []*Index {
	var indexes []*Index
	for _, field := range list {
		indexes = append(indexes, field.Indexes...)
	}
	return indexes
}

// Stored tells whether the table has the field.
func (f *Field) Stored() bool {
	return f.Kind != KindHasMany && f.Kind != KindManyToMany && f.Kind != KindComputed
}

// A belongsTo changes where the schema says so: who may see an object, and with what it is deleted, moves with it.
// By a user with SET_NULL nothing does.
func (f *Field) updatable() bool {
	if f.Model != nil && f.Model.Membership != nil && f == f.Model.Membership.User {
		return false // a member stays the same
	}
	if f.Model != nil && f.Model.Invitation.isFixed(f) {
		return false
	}
	return f.Stored() && (f.Kind != KindBelongsTo || f.OnDelete == SetNull || f.Movable) && !f.Immutable && !f.ReadOnly
}

// IsUser tells whether the field is a belongsTo whose parent is a user.
func (f *Field) IsUser() bool { return f.Kind == KindBelongsTo && f.TypeName == "User" }

// Optional tells whether a create input may lack the field.
func (f *Field) Optional() bool { return f.Nullable || f.Default != nil }

// InputName is the field's name in inputs: a belongsTo is given by its id.
func (f *Field) InputName() string {
	if f.Kind == KindBelongsTo {
		return f.Name + "Id"
	}
	return f.Name
}

// Attribute is the field's name in the table.
func (f *Field) Attribute() string { return f.InputName() + f.suffix }

// IsText tells whether the field's values are texts of any kind: of String or of ID.
func (f *Field) IsText() bool { return f.isScalar("String") || f.isScalar("ID") }

// IsKey tells whether an index has the field.
func (f *Field) IsKey() bool {
	if f.Model == nil {
		return false
	}
	if received := f.Model.Received(); received != nil && received.Field == f {
		return true
	}
	for _, index := range f.Model.Indexes() {
		if index.Field == f || index.SortField == f.Name {
			return true
		}
	}
	return false
}

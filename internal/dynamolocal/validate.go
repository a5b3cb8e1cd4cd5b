package dynamolocal

import (
	"reflect"
	"slices"
	"strings"
)

func join(names []string) string { return strings.Join(names, ", ") }

// oneOf refuses a value of an enumeration that the parameter does not have. None at all is
// the default.
func oneOf[T ~string](parameter string, value T, allowed ...T) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	slices.Sort(names)
	return constraint(string(value), parameter, "Member must satisfy enum value set: [%s]", join(names))
}

// refuseParameters refuses, by name, a parameter that is set and not among the supported.
func refuseParameters(in any, supported ...string) error {
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && !v.Field(i).IsZero() && !slices.Contains(supported, field.Name) {
			return unsupported(field.Name)
		}
	}
	return nil
}

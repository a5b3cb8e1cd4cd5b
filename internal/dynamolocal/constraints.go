package dynamolocal

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// constraints gathers what in a request is out of the bounds of AWS's model of the API. DynamoDB's
// framework tells all of that at once, ten at most, before DynamoDB looks at the request:
//
//	2 validation errors detected: Value null at 'key' failed to satisfy constraint: Member must not
//	be null; Value 'a' at 'tableName' failed to satisfy constraint: ...
//
// The bounds are those of the API reference, the page API_ and the operation's name:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations.html
//
// A request that is as it should be costs no memory.
type constraints struct {
	violations []string
}

// maxViolations is how many are told.
const maxViolations = 10

// violated notes that the value, as the message prints it, at the parameter is out of bounds.
func (c *constraints) violated(value, parameter, format string, args ...any) {
	if len(c.violations) < maxViolations {
		c.violations = append(c.violations, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, parameter, fmt.Sprintf(format, args...)))
	}
}

// err is the ValidationException for what is out of bounds, nil if nothing is.
func (c *constraints) err() error {
	switch n := len(c.violations); n {
	case 0:
		return nil
	case 1:
		return validation("1 validation error detected: %s", c.violations[0])
	default:
		return validation("%d validation errors detected: %s", n, strings.Join(c.violations, "; "))
	}
}

// constraint is the ValidationException for one value that is out of bounds.
func constraint(value, parameter, format string, args ...any) error {
	var c constraints
	c.violated(quoted(value), parameter, format, args...)
	return c.err()
}

// constraintOfNull is that for a parameter that is missing.
func constraintOfNull(parameter string) error {
	var c constraints
	c.notNull(parameter, true)
	return c.err()
}

func (c *constraints) notNull(parameter string, isNull bool) {
	if isNull {
		c.violated("null", parameter, "Member must not be null")
	}
}

// length holds a text to a number of characters.
func (c *constraints) length(parameter, text string, least, most int) {
	switch n := utf8.RuneCountInString(text); {
	case n < least:
		c.violated(quoted(text), parameter, "Member must have length greater than or equal to %d", least)
	case n > most:
		c.violated(quoted(text), parameter, "Member must have length less than or equal to %d", most)
	}
}

// count holds a list or a map to a number of elements. print prints it.
func (c *constraints) count(parameter string, n, least, most int, print func() string) {
	switch {
	case n < least:
		c.violated(quoted(print()), parameter, "Member must have length greater than or equal to %d", least)
	case n > most:
		c.violated(quoted(print()), parameter, "Member must have length less than or equal to %d", most)
	}
}

// value holds a number to its bounds.
func (c *constraints) value(parameter string, n, least, most int64) {
	switch {
	case n < least:
		c.violated(quoted(strconv.FormatInt(n, 10)), parameter, "Member must have value greater than or equal to %d", least)
	case n > most:
		c.violated(quoted(strconv.FormatInt(n, 10)), parameter, "Member must have value less than or equal to %d", most)
	}
}

// enum holds a value to the values of an enumeration, in the order in which AWS prints them. None
// at all is the default.
func (c *constraints) enum(parameter, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.violated(quoted(value), parameter, "Member must satisfy enum value set: [%s]", join(allowed))
	}
}

// requiredEnum is enum of what must be there.
func (c *constraints) requiredEnum(parameter, value string, allowed ...string) {
	c.notNull(parameter, value == "")
	c.enum(parameter, value, allowed...)
}

// name holds the name of a table or an index to what names are.
func (c *constraints) name(parameter string, name *string) {
	switch {
	case name == nil:
		c.notNull(parameter, true)
	case !isName(*name):
		if !isNameText(*name) {
			c.violated(quoted(*name), parameter, "Member must satisfy regular expression pattern: %s", namePattern)
		}
		c.length(parameter, *name, minName, maxName)
	}
}

// tableName is name of what may also be a table's ARN.
func (c *constraints) tableName(parameter string, name *string) {
	if name == nil || !isARN(*name) {
		c.name(parameter, name)
	}
}

// optionalName is name of what may be missing.
func (c *constraints) optionalName(parameter string, name *string) {
	if name != nil {
		c.name(parameter, name)
	}
}

// What the name of a table or an index may be.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
const (
	minName     = 3
	maxName     = 255
	namePattern = "[a-zA-Z0-9_.-]+"
)

func isName(name string) bool {
	return len(name) >= minName && len(name) <= maxName && isNameText(name)
}

// isNameText is whether the text has one character at least, and none that names cannot have.
func isNameText(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !isWord(c) && c != '-' && c != '.' {
			return false
		}
	}
	return name != ""
}

func quoted(text string) string { return "'" + strings.TrimSuffix(text, emptyEnum) + "'" }

// printed is a list or a map of a request as messages print it: [KeySchemaElement(attributeName=id,
// keyType=HASH)].
func printed(v any) string {
	var b strings.Builder
	printValueOf(&b, reflect.ValueOf(v))
	text := b.String()
	if len(text) <= maxPrinted {
		return text
	}
	closing := "]"
	if text[0] == '{' {
		closing = "}"
	}
	return strings.ToValidUTF8(text[:maxPrinted], "") + "..." + closing
}

// maxPrinted is how many bytes of a value are printed: a request may have 16 MB.
const maxPrinted = 1 << 10

// printValueOf prints no more than is shown, and one value.
func printValueOf(b *strings.Builder, v reflect.Value) {
	if b.Len() > maxPrinted {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("null")
			return
		}
		printValueOf(b, v.Elem())
	case reflect.Struct:
		name, member, isValue := strings.Cut(v.Type().Name(), "Member")
		b.WriteString(name + "(")
		separator := ""
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !v.Field(i).IsZero() {
				if !isValue {
					member = lowerFirst(field.Name)
				}
				b.WriteString(separator + member + "=")
				printValueOf(b, v.Field(i))
				separator = ", "
			}
		}
		b.WriteString(")")
	case reflect.Map:
		b.WriteString("{")
		names := make([]string, 0, v.Len())
		for _, key := range v.MapKeys() {
			names = append(names, key.String())
		}
		slices.Sort(names)
		for i, name := range names {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(name + "=")
			printValueOf(b, v.MapIndex(reflect.ValueOf(name)))
		}
		b.WriteString("}")
	case reflect.Slice:
		b.WriteString("[")
		for i := 0; i < v.Len() && b.Len() <= maxPrinted; i++ {
			if i > 0 {
				b.WriteString(", ")
			}
			printValueOf(b, v.Index(i))
		}
		b.WriteString("]")
	default:
		fmt.Fprint(b, v.Interface())
	}
}

// lowerFirst is the name of a parameter as AWS's messages have it.
func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }

package ownqltest

import "strings"

// What follows makes objects for which the conditions of rules on their fields are not what they are for the
// examples.

// beOtherwise gives the object, or something that it belongs to, other values: `status`, or `post.status`.
func (o *object) beOtherwise(name string) {
	if dot := strings.LastIndex(name, "."); dot >= 0 {
		o, name = o.at(name[:dot]), name[dot+1:]
	}
	for field, value := range o.Otherwise[name] {
		if o.values[field] = value; value == nil {
			delete(o.values, field)
		}
	}
}

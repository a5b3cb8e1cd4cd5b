package gql

import (
	"encoding/json"
	"strings"
)

// ReadPlain reads parameters as nearly all requests have them: JSON of an object with a query, variables and an operation's
// name, each once and by its name to the letter, whose texts have no \u. The text is UTF-8. false: nothing is read, and package
// encoding/json, which takes several times as long, is to read it, or to tell what is wrong. It is of [web.PlainReader].
func (p *requestParams) ReadPlain(text string) bool {
	var (
		j         = plainJSON{text: text}
		given     [3]bool
		query     string
		operation string
		variables map[string]any
	)
	if !j.take('{') {
		return false
	}
	for first := true; !j.take('}'); first = false {
		name, ok := j.name(first)
		if !ok {
			return false
		}
		which := 0
		switch name {
		case "query":
			query, ok = j.textOrNull()
		case "operationName":
			which = 1
			operation, ok = j.textOrNull()
		case "variables":
			which = 2
			if j.peek() == '{' {
				variables, ok = j.object(0)
			} else {
				ok = j.literal("null")
			}
		default:
			return false
		}
		if !ok || given[which] {
			return false
		}
		given[which] = true
	}
	if j.peek() != 0 {
		return false
	}
	// The variables share the body's memory. Documents, and the names in logs, may be kept beyond the request.
	p.Query, p.OperationName, p.Variables = strings.Clone(query), strings.Clone(operation), variables
	return true
}

// plainLevels is how many lists and objects there may be within one another.
const plainLevels = 50

// A plainJSON reads JSON from its beginning. What it takes, package encoding/json takes for the same, with its numbers as
// json.Number; what is ok in its methods is false where it does not.
type plainJSON struct {
	text string
	at   int
}

// peek returns the next byte behind white space; 0: there is none.
func (j *plainJSON) peek() byte {
	for ; j.at < len(j.text); j.at++ {
		switch c := j.text[j.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return max(c, 1) // no JSON has a 0 there
		}
	}
	return 0
}

// take passes over a byte, if it is the next one.
func (j *plainJSON) take(c byte) bool {
	if j.peek() != c {
		return false
	}
	j.at++
	return true
}

// literal passes over a literal.
func (j *plainJSON) literal(text string) (ok bool) {
	if j.peek(); !strings.HasPrefix(j.text[j.at:], text) {
		return false
	}
	j.at += len(text)
	return true
}

// name reads the name of an object's member, with the comma before and the colon behind it.
func (j *plainJSON) name(first bool) (name string, ok bool) {
	if !first && !j.take(',') {
		return "", false
	}
	name, ok = j.string()
	return name, ok && j.take(':')
}

func (j *plainJSON) textOrNull() (text string, ok bool) {
	if j.peek() == '"' {
		return j.string()
	}
	return "", j.literal("null")
}

func (j *plainJSON) string() (text string, ok bool) {
	if !j.take('"') {
		return "", false
	}
	for from := j.at; j.at < len(j.text); j.at++ {
		switch c := j.text[j.at]; {
		case c == '"':
			j.at++
			return j.text[from : j.at-1], true
		case c == '\\':
			return j.escaped(from)
		case c < ' ':
			return "", false
		}
	}
	return "", false
}

// escaped reads the rest of a string that begins at from, and has an escape here.
func (j *plainJSON) escaped(from int) (text string, ok bool) {
	var b strings.Builder
	for ; j.at < len(j.text); j.at++ {
		switch c := j.text[j.at]; {
		case c == '"':
			b.WriteString(j.text[from:j.at])
			j.at++
			return b.String(), true
		case c == '\\' && j.at+1 < len(j.text):
			b.WriteString(j.text[from:j.at])
			j.at++
			at := strings.IndexByte(`"\/bfnrt`, j.text[j.at])
			if at < 0 {
				return "", false
			}
			b.WriteByte("\"\\/\b\f\n\r\t"[at])
			from = j.at + 1
		case c < ' ' || c == '\\':
			return "", false
		}
	}
	return "", false
}

// value reads a value that stands in so many lists and objects.
func (j *plainJSON) value(level int) (value any, ok bool) {
	switch c := j.peek(); c {
	case '"':
		return j.string()
	case '{':
		return j.object(level)
	case '[':
		return j.list(level)
	case 't':
		return true, j.literal("true")
	case 'f':
		return false, j.literal("false")
	case 'n':
		return nil, j.literal("null")
	default:
		return j.number()
	}
}

func (j *plainJSON) object(level int) (object map[string]any, ok bool) {
	if level == plainLevels || !j.take('{') {
		return nil, false
	}
	object = map[string]any{}
	for first := true; !j.take('}'); first = false {
		name, ok := j.name(first)
		if !ok {
			return nil, false
		}
		if object[name], ok = j.value(level + 1); !ok {
			return nil, false
		}
	}
	return object, true
}

func (j *plainJSON) list(level int) (list []any, ok bool) {
	if level == plainLevels || !j.take('[') {
		return nil, false
	}
	list = []any{}
	for first := true; !j.take(']'); first = false {
		if !first && !j.take(',') {
			return nil, false
		}
		begin := j.at
		value, ok := j.value(level + 1)
		if !ok {
			return nil, false
		}
		if first { // mostly the others are as long
			const most = 100
			list = make([]any, 0, min((len(j.text)-j.at)/(j.at-begin+1)+1, most))
		}
		list = append(list, value)
	}
	return list, true
}

func (j *plainJSON) number() (value json.Number, ok bool) {
	from := j.at
	digits := func() bool {
		begin := j.at
		for j.at < len(j.text) && '0' <= j.text[j.at] && j.text[j.at] <= '9' {
			j.at++
		}
		return j.at > begin
	}
	is := func(characters string) bool {
		if j.at == len(j.text) || strings.IndexByte(characters, j.text[j.at]) < 0 {
			return false
		}
		j.at++
		return true
	}
	is("-")
	if !is("0") && !digits() || is(".") && !digits() {
		return "", false
	}
	if is("eE") {
		is("+-")
		if !digits() {
			return "", false
		}
	}
	return json.Number(j.text[from:j.at]), true
}

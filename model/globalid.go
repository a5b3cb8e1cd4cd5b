package model

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// GlobalID returns the id that Relay's Node interface has: base64 of `Type:id`,
// unique over all types.
// https://relay.dev/docs/guides/graphql-server-specification/
func GlobalID(typeName, id string) string {
	var text, encoded [96]byte // most ids fit, and only the result is allocated
	plain := append(append(append(text[:0], typeName...), ':'), id...)
	return string(base64.StdEncoding.AppendEncode(encoded[:0], plain))
}

// ParseGlobalID takes a global id apart. It is not ok unless this store would have
// written it so, to the letter.
func ParseGlobalID(global string) (typeName, id string, ok bool) {
	if len(global) > 256 {
		return "", "", false
	}
	text, err := base64.StdEncoding.Strict().DecodeString(global)
	if err != nil {
		return "", "", false
	}
	typeName, id, ok = strings.Cut(string(text), ":")
	if !ok || typeName == "" {
		return "", "", false
	}
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.String() != id || GlobalID(typeName, id) != global {
		return "", "", false
	}
	return typeName, id, true
}

// LocalIDOrNil is LocalID of what may be nil.
func LocalIDOrNil(typeName string, global *string, otherNames ...string) *string {
	if global == nil {
		return nil
	}
	id := LocalID(typeName, *global, otherNames...)
	return &id
}

// LocalID returns the id that is in a global id of a type of one of these names; of another text,
// an id that no object has.
func LocalID(typeName, global string, otherNames ...string) string {
	if of, id, ok := ParseGlobalID(global); ok && (of == typeName || slices.Contains(otherNames, of)) {
		return id
	}
	return "none"
}

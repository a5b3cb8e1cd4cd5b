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
	var encoded [96]byte // most ids fit, and only the result is allocated
	return string(AppendGlobalID(encoded[:0], typeName, id))
}

// AppendGlobalID appends GlobalID.
func AppendGlobalID(to []byte, typeName, id string) []byte {
	var text [96]byte
	return base64.StdEncoding.AppendEncode(to, append(append(append(text[:0], typeName...), ':'), id...))
}

// ParseGlobalID takes a global id apart. It is not ok unless this store would have
// written it so, to the letter.
func ParseGlobalID(global string) (typeName, id string, ok bool) {
	if len(global) > 256 {
		return "", "", false
	}
	var text [192]byte
	length, err := strictBase64.Decode(text[:], []byte(global))
	if err != nil || base64.StdEncoding.EncodedLen(length) != len(global) { // it passes over line breaks
		return "", "", false
	}
	typeName, id, ok = strings.Cut(string(text[:length]), ":")
	if !ok || typeName == "" || !isUUID(id) {
		return "", "", false
	}
	return typeName, id, true
}

// strictBase64 decodes each text of bytes from one text alone, but for line breaks.
var strictBase64 = base64.StdEncoding.Strict()

const uuidLength = 36 // in the form with four hyphens, of the four that package uuid takes

// isUUID tells whether a text is a UUID as they are written, in lower case.
// https://www.rfc-editor.org/rfc/rfc9562#section-4
func isUUID(text string) bool {
	return len(text) == uuidLength && uuid.Validate(text) == nil && strings.ToLower(text) == text
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

package model

import (
	"encoding/base64"
	"slices"
	"strings"
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

// isUUID tells whether a text is a UUID in lower case.
// https://www.rfc-editor.org/rfc/rfc9562#section-4
func isUUID(text string) bool {
	return len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' &&
		isHex(text[:8]) && isHex(text[9:13]) && isHex(text[14:18]) && isHex(text[19:23]) && isHex(text[24:])
}

// isHex tells whether a text is of hexadecimal digits in lower case.
func isHex(text string) bool {
	for i := range len(text) {
		if c := text[i]; c-'0' > 9 && c-'a' > 5 { // they wrap around
			return false
		}
	}
	return true
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

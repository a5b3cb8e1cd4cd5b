package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/guregu/dynamo/v2"
)

// planVersion is one more whenever Plan comes to look at more than it did.
const planVersion = 6

// Fingerprint returns a text that changes with whatever Plan compares with the tables:
// their names, keys and indexes, the attributes that items must have, their types, the
// defaults of those that they may lack, the values of their enums, what was renamed, and what is
// unique. Tables for which Plan had nothing to say need no other look by a store of the same fingerprint, while only such have written.
func (db *DB) Fingerprint() string {
	type table struct {
		Name, Key         string
		Indexes           []dynamo.Index
		Required, Uniques []string
		Types             []string // of the item's attributes, and of those of the objects inside
		Defaults          dynamo.Item
		Enums             map[string][]string
		Renames           []Rename
		Joined            []Joined
		Members           string // what the rows of its memberships begin with
		IsKept            bool
	}
	var tables []table
	for _, layout := range db.layouts() {
		t := table{Name: layout.Name(), Key: layout.hashKey(), Required: layout.required, Uniques: layout.uniques, Defaults: layout.fill, Enums: layout.enums, Renames: layout.renames, Joined: layout.joined, Members: layout.members, IsKept: layout.isKept}
		for _, of := range append(layout.types, reflect.TypeOf(layout.item)) {
			t.Types = append(t.Types, attributeTypes(of, map[reflect.Type]bool{})...)
		}
		for _, index := range layout.indexes {
			t.Indexes = append(t.Indexes, layout.definition(index))
		}
		tables = append(tables, t)
	}
	text, err := json.Marshal(tables)
	if err != nil {
		panic(fmt.Sprintf("layouts of tables: %v", err)) // they are texts, and attribute values
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", planVersion, text))
	return hex.EncodeToString(sum[:])
}

// attributeTypes returns what a type keeps, and then what the objects inside do, each type
// of seen once.
func attributeTypes(of reflect.Type, seen map[reflect.Type]bool) (all []string) {
	if of = structOf(of); of.Kind() != reflect.Struct || seen[of] {
		return nil
	}
	seen[of] = true
	for i := range of.NumField() {
		field := of.Field(i)
		all = append(all, of.String()+" "+field.Tag.Get("dynamo")+" "+field.Type.String())
		all = append(all, attributeTypes(field.Type, seen)...)
	}
	return all
}

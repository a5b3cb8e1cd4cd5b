package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/guregu/dynamo/v2"
)

// planVersion is one more whenever Plan comes to look at more than it did.
const planVersion = 2

// Fingerprint returns a text that changes with whatever Plan compares with the tables:
// their names, keys and indexes, the attributes that items must have, their types, the
// defaults of those that they may lack, and what is unique. Tables for which Plan had nothing to say
// need no other look by a store of the same fingerprint, while only such have written.
func (s *Store) Fingerprint() string {
	type table struct {
		Name, Key         string
		Indexes           []dynamo.Index
		Required, Uniques []string
		Types             []string // of the item's attributes
		Defaults          dynamo.Item
	}
	var tables []table
	for _, layout := range s.layouts() {
		t := table{Name: layout.Name(), Key: layout.hashKey(), Required: layout.required, Uniques: layout.uniques, Defaults: layout.fill}
		for _, field := range reflect.VisibleFields(reflect.TypeOf(layout.item)) {
			t.Types = append(t.Types, fmt.Sprintf("%s %s", field.Tag.Get("dynamo"), field.Type))
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

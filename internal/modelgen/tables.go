package modelgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/ownql/ownql/internal/modelgen/gogen"
	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/samgen"
)

// templateFile is CloudFormation's, in a project that is deployed by one.
const templateFile = "deploy/template.yaml"

// writeTemplate writes the project's tables into its template, where there is one.
func writeTemplate(s *schema.Schema, files *gogen.Files, root string) error {
	path := filepath.Join(root, filepath.FromSlash(templateFile))
	present, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	content, err := samgen.Fill(present, Tables(s))
	if err != nil {
		return fmt.Errorf("%s: %w", templateFile, err)
	}
	return files.Write(path, content)
}

// Tables returns the tables of the project.
func Tables(s *schema.Schema) []samgen.Table {
	tables := slices.Clone(samgen.AccountTables)
	if s.HasMemberships() {
		tables = append(tables, samgen.Members)
	}
	for _, model := range s.Models {
		tables = append(tables, tableOf(model))
	}
	return tables
}

func tableOf(m *schema.Model) samgen.Table {
	id := samgen.Key{Attribute: "id", Type: "S"}
	table := samgen.Table{Name: m.Table(), Keys: []samgen.Key{id}}
	add := func(hash, sort samgen.Key) {
		table.Indexes = append(table.Indexes, samgen.Index{Hash: hash, Sort: sort})
	}
	add(samgen.Key{Attribute: "ownerId", Type: "S"}, id)
	for _, parent := range m.Parents() {
		add(samgen.Key{Attribute: parent.Attribute(), Type: "S"}, id)
	}
	for _, index := range m.PlainIndexes() {
		add(keyOf(index.Field), sortKey(index))
	}
	for _, path := range m.AncestorIndexes() {
		add(samgen.Key{Attribute: path.Attribute(), Type: "S"}, id)
	}
	for _, index := range m.JoinedIndexes() {
		hash, sort := index.Keys()
		add(samgen.Key{Attribute: hash, Type: "S"}, samgen.Key{Attribute: sort, Type: "S"})
	}
	return table
}

// keyOf is the field as a key of an index.
func keyOf(f *schema.Field) samgen.Key {
	if f.IsNumber() {
		return samgen.Key{Attribute: f.Attribute(), Type: "N"}
	}
	return samgen.Key{Attribute: f.Attribute(), Type: "S"}
}

func sortKey(i *schema.Index) samgen.Key {
	if field := i.Field.Model.Field(i.SortField); field != nil {
		return keyOf(field)
	}
	return samgen.Key{Attribute: i.SortField, Type: "S"} // an id or a time
}

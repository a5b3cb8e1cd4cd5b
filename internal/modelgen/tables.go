package modelgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/ownql/ownql/internal/samgen"
)

// templateFile is CloudFormation's, in a project that is deployed by one.
const templateFile = "deploy/template.yaml"

// writeTemplate writes the project's tables into its template, where there is one.
func (s *Schema) writeTemplate(files *Files, root string) error {
	path := filepath.Join(root, filepath.FromSlash(templateFile))
	present, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	content, err := samgen.Fill(present, s.tables())
	if err != nil {
		return fmt.Errorf("%s: %w", templateFile, err)
	}
	return files.Write(path, content)
}

// tables returns the tables of the project.
func (s *Schema) tables() []samgen.Table {
	tables := slices.Clone(samgen.AccountTables)
	for _, model := range s.Models {
		tables = append(tables, model.table())
	}
	return tables
}

func (m *Model) table() samgen.Table {
	id := samgen.Key{Attribute: "id", Type: "S"}
	table := samgen.Table{Name: m.Table(), Keys: []samgen.Key{id}}
	add := func(hash, sort samgen.Key) {
		table.Indexes = append(table.Indexes, samgen.Index{Hash: hash, Sort: sort})
	}
	add(samgen.Key{Attribute: "ownerId", Type: "S"}, id)
	for _, parent := range m.Parents() {
		add(samgen.Key{Attribute: parent.Attribute(), Type: "S"}, id)
	}
	for _, index := range m.Indexes() {
		add(index.Field.key(), index.sortKey())
	}
	return table
}

// key is the field as a key of an index.
func (f *Field) key() samgen.Key {
	if f.TypeName == "Int" || f.TypeName == "Float" {
		return samgen.Key{Attribute: f.Attribute(), Type: "N"}
	}
	return samgen.Key{Attribute: f.Attribute(), Type: "S"}
}

func (i *Index) sortKey() samgen.Key {
	if field := i.Field.Model.Field(i.SortField); field != nil {
		return field.key()
	}
	return samgen.Key{Attribute: i.SortField, Type: "S"} // an id or a time
}

package samgen

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"text/template"
)

// tablesOfPolicy is how many tables one managed policy names. A policy has room for 6,144
// characters, and a table with indexes takes two ARNs; a role can have ten policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const tablesOfPolicy = 15

//go:embed tables.gotmpl
var tablesTemplate string

var resourcesTemplate = template.Must(template.New("tables").
	Funcs(template.FuncMap{"quoted": strconv.Quote}).
	Parse(tablesTemplate))

// A policy permits what `ownql serve` asks of its tables. They all belong to the function's
// role.
type policy struct {
	LogicalID string
	Tables    []Table
}

// HasIndexes tells whether one of its tables has an index.
func (p policy) HasIndexes() bool {
	return slices.ContainsFunc(p.Tables, func(t Table) bool { return len(t.Indexes) > 0 })
}

// render returns the template's resources for the tables.
func render(tables []Table) ([]byte, error) {
	tables = slices.Clone(tables)
	slices.SortFunc(tables, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
	for i, t := range tables {
		tables[i].Indexes = slices.Clone(t.Indexes)
		slices.SortFunc(tables[i].Indexes, func(a, b Index) int { return cmp.Compare(a.Name(), b.Name()) })
	}
	names := map[string]string{}
	for _, t := range tables {
		if other, isTaken := names[t.LogicalID()]; isTaken {
			return nil, fmt.Errorf("tables %s and %s would both be %s in the template: give one another @model(plural:)", other, t.Name, t.LogicalID())
		}
		names[t.LogicalID()] = t.Name
	}
	var policies []policy
	for some := range slices.Chunk(tables, tablesOfPolicy) {
		id := "TablesPolicy"
		if len(policies) > 0 {
			id = fmt.Sprintf("TablesPolicy%d", len(policies)+1)
		}
		policies = append(policies, policy{id, some})
	}
	var resources bytes.Buffer
	err := resourcesTemplate.Execute(&resources, map[string]any{"Tables": tables, "Policies": policies})
	return resources.Bytes(), err
}

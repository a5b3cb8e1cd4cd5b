package samgen

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// A Table is one of a project's.
type Table struct {
	Name    string // without the prefix
	Keys    []Key  // the hash key, and the sort key if there is one
	Indexes []Index
	TTL     string // the attribute that has an item's end; empty: its items last
}

// A Key is an attribute that is a key of a table or of an index.
type Key struct {
	Attribute string
	Type      string // S or N
}

// An Index is a global secondary index, by its hash key and its sort key.
type Index struct{ Hash, Sort Key }

// Name is the index's name: its attributes.
func (i Index) Name() string { return i.Hash.Attribute + "-" + i.Sort.Attribute }

// AccountTables are those that every project has.
var AccountTables = []Table{
	{Name: "attempts", Keys: []Key{{"id", "S"}}, TTL: "ttl"},
	{Name: "audit", Keys: []Key{{"day", "S"}, {"id", "S"}}, Indexes: []Index{{Key{"user", "S"}, Key{"id", "S"}}}, TTL: "ttl"},
	{Name: "logins", Keys: []Key{{"email", "S"}}},
	{Name: "outbox", Keys: []Key{{"id", "S"}}},
	{Name: "sessions", Keys: []Key{{"userId", "S"}, {"id", "S"}}, TTL: "ttl"},
	{Name: "tokens", Keys: []Key{{"userId", "S"}, {"id", "S"}}},
	{Name: "undos", Keys: []Key{{"userId", "S"}, {"id", "S"}}, TTL: "ttl"},
	{Name: "uniques", Keys: []Key{{"id", "S"}}},
	{Name: "users", Keys: []Key{{"id", "S"}}},
}

// Members is the table that a project has where its types have members.
var Members = Table{Name: "members", Keys: []Key{{"object", "S"}, {"member", "S"}}}

// Attributes returns the attributes of the table's keys and its indexes', each once, by name.
func (t Table) Attributes() []Key {
	all := slices.Clone(t.Keys)
	for _, index := range t.Indexes {
		all = append(all, index.Hash, index.Sort)
	}
	slices.SortFunc(all, func(a, b Key) int { return cmp.Compare(a.Attribute, b.Attribute) })
	return slices.Compact(all)
}

// LogicalID returns the table's name in the template, which is letters and digits alone:
// `blogPosts` as `BlogPostsTable`.
func (t Table) LogicalID() string {
	var id strings.Builder
	isFirst := true
	for _, r := range t.Name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			isFirst = true
		case isFirst:
			id.WriteRune(unicode.ToUpper(r))
			isFirst = false
		default:
			id.WriteRune(r)
		}
	}
	return id.String() + "Table"
}

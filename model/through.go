package model

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
)

// Through is a list by @manyToMany: of items of T, which links join with one item. A link is an item of
// L, which belongs to both.
type Through[L, T, E any] struct {
	Links   *Model[L]
	From    string // the Parent's Field by which a link belongs to the one item
	Targets *Model[T]
	To      string // and to an item of the list

	// Edge returns the edge of an item, by the link.
	Edge func(cursor string, node *T, link *L) *E
}

// A LinkConnection is a page of a Through.
type LinkConnection[E any] struct {
	Edges    []*E
	PageInfo *PageInfo
}

// List returns a page of what is linked with the item of that id, in the order in which the links were
// made. Links that the caller may not read are passed over, and those with items that the caller may not
// read, or that the page's filter does not match. A page costs a Query and a BatchGetItem, and what the
// rules need beside.
//
// Code BAD_USER_INPUT: see [Model.List].
func (t Through[L, T, E]) List(ctx context.Context, caller Caller, id string, page Page) (*LinkConnection[E], error) {
	if err := t.Targets.core.mayFilter(caller, page.Filter); err != nil {
		return nil, err
	}
	filter, err := t.Targets.core.meaningOf(ctx, page.Filter)
	if err != nil {
		return nil, err
	}
	page.Filter = nil
	far := farSide{filter: filter}
	var condition *condition
	if filter != nil {
		if condition, err = t.Targets.core.withReadableParents(ctx, caller, filter.condition); err != nil {
			return nil, err
		}
	}
	nodes := map[string]anyItem{} // by their ids
	far.pick = func(ctx context.Context, links []listed) ([]listed, error) {
		found, err := t.found(ctx, caller, condition, links)
		maps.Copy(nodes, found)
		return slices.DeleteFunc(links, func(l listed) bool { return found[t.to(l.value)] == nil }), err
	}
	links, err := t.Links.core.list(ctx, caller, t.Links.ParentIndex(t.From), id, page, &far)
	if err != nil {
		return nil, err
	}
	edges := make([]*E, len(links.Edges))
	for i, edge := range links.Edges {
		edges[i] = t.Edge(edge.Cursor, typed[*T](nodes[t.to(edge.Node)]), typed[*L](edge.Node))
	}
	return &LinkConnection[E]{edges, links.PageInfo}, nil
}

// to returns the id of the item that a link is with.
func (t Through[L, T, E]) to(link anyItem) string { return t.Links.core.parent(t.To).ID(link) }

// found returns the items that the links are with, by id, which the caller may read and the filter
// matches.
func (t Through[L, T, E]) found(ctx context.Context, caller Caller, c *condition, links []listed) (map[string]anyItem, error) {
	ids := make([]string, len(links))
	for i, link := range links {
		ids[i] = t.to(link.value)
	}
	t.Targets.core.mustLoad(ctx, ids)
	nodes, err := t.Targets.core.loadAll(ctx, caller, ids)
	if c == nil || err != nil {
		return nodes, err
	}
	var items []listed
	for _, node := range nodes {
		item, err := dynamo.MarshalItem(node)
		if err != nil {
			return nil, err
		}
		items = append(items, listed{value: node, found: itembytes.FoundItem(item)})
	}
	matching, err := t.Targets.core.matching(ctx, caller, c, items)
	found := map[string]anyItem{}
	for _, l := range matching {
		found[l.value.base().ID] = l.value
	}
	return found, err
}

// A farSide is what a list of links leaves out for what they are with.
type farSide struct {
	filter *meaning
	pick   func(ctx context.Context, links []listed) ([]listed, error)
}

// loadAll returns the items with these ids that the caller may read, by id, and charges nothing. In an
// operation they are read together with others, see [WithReads].
func (m *core) loadAll(ctx context.Context, caller Caller, ids []string) (map[string]anyItem, error) {
	if reads, ok := readsFrom(ctx); ok && !reads.isLoading {
		return m.loaderIn(reads, caller, OnRead).loadAll(ctx, distinctIDs(ids))
	}
	return m.permittedByID(ctx, caller, OnRead, ids)
}

// A Link is what filters know of a @manyToMany field: which items of another type are linked with one.
// No two links join the same two.
type Link struct {
	Field  string                       // in the schema
	By     Target                       // a *Model of links
	From   string                       // the Parent's Field by which a link belongs to an item of this type
	To     string                       // and to one of the other
	Unique string                       // the Unique's Field of the two together
	Key    func(from, to string) string // the Unique's Value of the ids
}

// anyLinks is a model of links.
type anyLinks interface {
	parentOf(field string) anyParent
	linked(ctx context.Context, caller Caller, link Link, pairs []pair) (map[pair]bool, error)
}

// A pair are the ids of two items that may be linked.
type pair struct{ from, to string }

func (m *core) parentOf(field string) anyParent { return m.parent(field).Of.target() }

func (l Link) by() anyLinks { return l.By.target().(anyLinks) }

// linked returns those of the pairs for which there is a link that the caller may read: by the unique
// values that links have, in one BatchGetItem for each 100, and the links in as many. Each pair is charged
// as both, whether there is a link or not, so that what is left tells of none that is hidden.
func (m *core) linked(ctx context.Context, caller Caller, link Link, pairs []pair) (map[pair]bool, error) {
	budget, ids := ReadBudgetFrom(ctx), make([]string, len(pairs))
	for i, p := range pairs {
		ids[i] = m.uniqueID(link.Unique, link.Key(p.from, p.to))
		budget.mustLoad(claimOf(ids[i]))
		budget.mustLoad(linkOf(ids[i]))
	}
	claims, err := m.db.claimsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	var owners []string
	for _, claim := range claims {
		owners = append(owners, claim.Owner)
	}
	found, err := m.loadAll(ctx, caller, owners)
	if err != nil {
		return nil, err
	}
	linked := map[pair]bool{}
	for _, item := range found { // a claim may say nothing any more
		linked[pair{m.parent(link.From).ID(item), m.parent(link.To).ID(item)}] = true
	}
	return linked, nil
}

// What a pair is charged as, by the id of its unique value.
type (
	claimOf string
	linkOf  string
)

// claimsByID returns unique values that are taken, by their ids; in an operation none is read twice.
func (db *DB) claimsByID(ctx context.Context, ids []string) (map[string]*unique, error) {
	fetch := func(ctx context.Context, ids []string) (map[string]*unique, error) {
		keys := make([]dynamo.Keyed, len(ids))
		for i, id := range ids {
			keys[i] = dynamo.Keys{id}
		}
		var claims []unique
		err := db.uniques.Batch("id").Get(keys...).Consistent(true).All(ctx, &claims)
		if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
			return nil, fmt.Errorf("read %d items of %s: %w", len(ids), db.uniques.Name(), err)
		}
		found := map[string]*unique{}
		for i := range claims {
			found[claims[i].ID] = &claims[i]
		}
		return found, nil
	}
	if loader := Loader(ctx, claimsKey{}, fetch); loader != nil {
		return loader.loadAll(ctx, ids)
	}
	found := map[string]*unique{}
	for some := range slices.Chunk(ids, maxPageSize) {
		claims, err := fetch(ctx, some)
		if err != nil {
			return nil, err
		}
		maps.Copy(found, claims)
	}
	return found, nil
}

type claimsKey struct{}

// linkIDs is how many ids of what is linked a condition asks for.
func (c *condition) linkIDs() (count int) {
	c.each(func(c *condition) {
		if c.path[0].Type == LinkField {
			count += len(c.values)
		}
	})
	return count
}

// links are those of some items, as far as a condition asks for them: by field, and by the item's id, the
// ids of what it is linked with.
type links map[string]map[string][]types.AttributeValue

// linksOf returns the links of items that the caller may read, with what the caller may read.
func (m *core) linksOf(ctx context.Context, caller Caller, c *condition, items []listed) (links, error) {
	asked := map[string]map[string]bool{}
	c.each(func(c *condition) {
		if c.path[0].Type != LinkField {
			return
		}
		name := c.path[0].Name
		if asked[name] == nil {
			asked[name] = map[string]bool{}
		}
		for _, id := range c.values {
			_, text := keyText(id)
			asked[name][text] = true
		}
	})
	known := links{}
	for name, ids := range asked {
		i := slices.IndexFunc(m.definition.Links, func(l Link) bool { return l.Field == name })
		link := m.definition.Links[i]
		readable, err := link.by().parentOf(link.To).allowed(ctx, caller, OnRead, slices.Collect(maps.Keys(ids)))
		if err != nil {
			return nil, err
		}
		var pairs []pair
		for _, l := range items {
			for id := range ids {
				if readable[id] {
					pairs = append(pairs, pair{l.value.base().ID, id})
				}
			}
		}
		linked, err := link.by().linked(ctx, caller, link, pairs)
		if err != nil {
			return nil, err
		}
		known[name] = map[string][]types.AttributeValue{}
		for p := range linked {
			known[name][p.from] = append(known[name][p.from], &types.AttributeValueMemberS{Value: p.to})
		}
	}
	return known, nil
}

//go:build newcomer

package e2e

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// sailingTypes have what a screen of lists needs.
const sailingTypes = `
extend type User {
  steeredVoyages: [Voyage!]! @hasMany(field: "skipper")
}

type Boat implements Node @model @auth(rules: [{ allow: owner }, { allow: authenticated, operations: [read] }]) {
  id: ID!
  name: String!
  voyages: [Voyage!]! @hasMany
}

type Voyage implements Node @model(list: true, bulk: true)
  @index(fields: ["boat"], sortKeyFields: ["fare:desc", "sails"])
  @index(fields: ["boat", "state"], sortKeyFields: ["fare:desc", "sails"])
  @index(sortKeyFields: ["sails", "miles:desc"])
  @auth(rules: [{ allow: owner }, { allow: authenticated, operations: [read] }]) {
  id: ID!
  title: String! @validate(type: maxLength, value: "20")
  state: VoyageState! @default(value: "PLANNED")
  fare: Decimal!
  sails: Date
  miles: Int! @default(value: "0") @validate(type: gte, value: "0")
  skipper: User @belongsTo
  boat: Boat! @belongsTo(onDelete: CASCADE)
  ports: [Port!]! @manyToMany(through: "Landing")
}

enum VoyageState {
  PLANNED
  SAILING
}

type Port implements Node @model @auth(rules: [{ allow: owner }, { allow: authenticated, operations: [read] }]) {
  id: ID!
  name: String!
  voyages: [Voyage!]! @manyToMany(through: "Landing")
}

type Landing implements Node @model @unique(fields: ["voyage", "port"])
  @auth(rules: [{ allow: owner }, { allow: authenticated, operations: [read] }]) {
  id: ID!
  nights: Int
  voyage: Voyage! @belongsTo(onDelete: CASCADE)
  port: Port! @belongsTo(onDelete: CASCADE)
}
`

// boatScreen is a document that the newcomer explains.
const boatScreen = `query Boat($boat: ID!) {
  node(id: $boat) {
    ... on Boat {
      voyages(first: 10, orderBy: { field: FARE_DESC_SAILS }, filter: { state: { eq: PLANNED } }) {
        totalCount
        edges { node { title ports(first: 5) { edges { nights node { name } } } } }
      }
    }
  }
}
`

// TestNewcomerVoyages adds types whose lists have orders, filters, counts and links, and which are written
// several at once, to a new project, and asks for all of that.
func TestNewcomerVoyages(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.write(t, "schema.graphqls", p.read(t, "schema.graphqls")+sailingTypes)
	p.shell(t, "go generate ./... && go build")
	t.Run("what a screen would cost", func(t *testing.T) { explainBoat(t, p) })

	p.start(t, "")
	names := map[string]string{}
	o, s := &visitor{name: owner, addr: p.addr, names: names}, &visitor{name: stranger, addr: p.addr, names: names}
	for _, v := range []*visitor{o, s} {
		v.signUp(t)
		names["$"+v.name] = v.id(t)
	}
	for _, boat := range []string{"heron", "tern"} {
		o.makes(t, "$"+boat, "createBoat", `name: "`+boat+`"`)
	}
	for _, port := range []string{"Bergen", "Hull"} {
		o.makes(t, "$"+port, "createPort", `name: "`+port+`"`)
	}
	t.Run("several at once", func(t *testing.T) { makeVoyages(t, o) })
	for _, landing := range []string{`voyageId: "$North", portId: "$Hull", nights: 2`, `voyageId: "$North", portId: "$Bergen"`, `voyageId: "$South", portId: "$Hull", nights: 1`} {
		o.makes(t, "$landing", "createLanding", landing)
	}
	for _, step := range []struct {
		what           string
		who            *visitor
		document, want string
	}{
		{
			"the order of an index, and its filter", o,
			`{ node(id: "$heron") { ... on Boat { voyages(orderBy: { field: FARE_DESC_SAILS }, filter: { state: { eq: PLANNED } }) { totalCount edges { node { title fare sails } } } } } }`,
			`{"node":{"voyages":{"totalCount":2,"edges":[{"node":{"title":"North","fare":"120.5","sails":"2026-05-01"}},{"node":{"title":"South","fare":"120.5","sails":null}}]}}}`,
		},
		{
			"the same from its end", s,
			`{ node(id: "$heron") { ... on Boat { voyages(first: 2, orderBy: { field: FARE_DESC_SAILS, direction: DESC }) { totalCount edges { node { title } } pageInfo { hasNextPage } } } } }`,
			`{"node":{"voyages":{"totalCount":3,"edges":[{"node":{"title":"South"}},{"node":{"title":"North"}}],"pageInfo":{"hasNextPage":true}}}}`,
		},
		{
			"all of them", s, `{ voyages(last: 3) { totalCount edges { node { title skipper { id } owner { id } } } } }`,
			`{"voyages":{"totalCount":4,"edges":[{"node":{"title":"South","skipper":null,"owner":null}},{"node":{"title":"West","skipper":null,"owner":null}},{"node":{"title":"East","skipper":null,"owner":null}}]}}`,
		},
		{
			"all in another order", o, `{ voyages(orderBy: { field: SAILS_MILES_DESC }, filter: { or: [{ sails: { le: "2026-05-01" } }, { fare: { gt: "99999999999999999999" } }] }) { totalCount edges { node { title sails } } } }`,
			`{"voyages":{"totalCount":3,"edges":[{"node":{"title":"East","sails":"2025-01-31"}},{"node":{"title":"North","sails":"2026-05-01"}},{"node":{"title":"West","sails":null}}]}}`,
		},
		{
			"by what is linked", s, `{ voyages(filter: { ports: { contains: "$Hull" }, not: { ports: { contains: "$Bergen" } } }) { totalCount edges { node { title } } } }`,
			`{"voyages":{"totalCount":1,"edges":[{"node":{"title":"South"}}]}}`,
		},
		{
			"what is linked", s, `{ node(id: "$North") { ... on Voyage { ports(filter: { name: { beginsWith: "H" } }) { edges { nights node { name } landing { voyage { title } } } } } } }`,
			`{"node":{"ports":{"edges":[{"nights":2,"node":{"name":"Hull"},"landing":{"voyage":{"title":"North"}}}]}}}`,
		},
		{
			"what is linked, from the other side", o, `{ node(id: "$Hull") { ... on Port { voyages(last: 1, filter: { boat: { eq: "$heron" } }) { edges { nights node { title } } pageInfo { hasPreviousPage } } } } }`,
			`{"node":{"voyages":{"edges":[{"nights":1,"node":{"title":"South"}}],"pageInfo":{"hasPreviousPage":true}}}}`,
		},
		{"linking once more", o, `mutation { createLanding(input: { voyageId: "$South", portId: "$Hull" }) { landing { id } } }`, "CONFLICT voyageId"},
		{
			"whom it names", o, `{ viewer { steeredVoyages { edges { node { title skipper { id } } } } } voyages(filter: { skipper: { exists: true } }) { totalCount } }`,
			`{"viewer":{"steeredVoyages":{"edges":[{"node":{"title":"North","skipper":{"id":$owner}}}]}},"voyages":{"totalCount":1}}`,
		},
		{
			"whom it names, to others", s, `{ viewer { steeredVoyages { edges { node { title } } } } voyages(filter: { skipper: { exists: true } }) { edges { node { title } } } }`,
			`{"viewer":{"steeredVoyages":{"edges":[]}},"voyages":{"edges":[]}}`,
		},
		{"a skipper whom one does not know", o, `mutation { updateVoyage(input: { id: "$South", skipperId: "$stranger" }) { voyage { id } } }`, "NOT_FOUND skipperId"},
		{
			"increments", o, `mutation { a: updateVoyage(input: { id: "$North", increment: { miles: 12 } }) { voyage { miles } } b: updateVoyage(input: { id: "$North", skipperId: null, increment: { miles: -2, fare: "0.01" } }) { voyage { miles fare version skipper { id } } } }`,
			`{"a":{"voyage":{"miles":12}},"b":{"voyage":{"miles":10,"fare":"120.51","version":3,"skipper":null}}}`,
		},
		{"an increment beyond what is valid", o, `mutation { updateVoyage(input: { id: "$North", increment: { miles: -11 } }) { voyage { miles } } }`, "BAD_USER_INPUT miles"},
		{
			"several changed", o, `mutation { updateVoyages(input: { voyages: [{ id: "$West", increment: { fare: "0.01" } }, { id: "$South", state: SAILING }] }) { voyages { title state fare } } }`,
			`{"updateVoyages":{"voyages":[{"title":"West","state":"SAILING","fare":"99999999999999999999.02"},{"title":"South","state":"SAILING","fare":"120.5"}]}}`,
		},
		{"several of another's", s, `mutation { deleteVoyages(input: { ids: ["$North", "$South"] }) { deletedVoyageIds } }`, "FORBIDDEN ids[0]"},
		{
			"several deleted", o, `mutation { deleteVoyages(input: { ids: ["$South", "$West"] }) { deletedVoyageIds voyages { title } } }`,
			`{"deleteVoyages":{"deletedVoyageIds":[$South,$West],"voyages":[{"title":"South"},{"title":"West"}]}}`,
		},
		{
			"what is left", o, `{ voyages { totalCount edges { node { title miles } } } node(id: "$Hull") { ... on Port { voyages { edges { node { title } } } } } }`,
			`{"voyages":{"totalCount":2,"edges":[{"node":{"title":"North","miles":10}},{"node":{"title":"East","miles":0}}]},"node":{"voyages":{"edges":[{"node":{"title":"North"}}]}}}`,
		},
	} {
		t.Run(step.what, func(t *testing.T) { step.who.wants(t, step.document, step.want) })
	}
	p.stop()
}

// makeVoyages makes four in one mutation, and none by one of which a part is not valid.
func makeVoyages(t *testing.T, v *visitor) {
	v.wants(t, `mutation { createVoyages(input: { voyages: [{ title: "Lost", boatId: "$heron", fare: 1 }, { title: "A title of too many letters", boatId: "$heron", fare: 1 }] }) { voyages { id } } }`,
		"BAD_USER_INPUT voyages[1].title")
	data, problems := v.query(t, `mutation { createVoyages(input: { voyages: [
		{ title: "North", boatId: "$heron", fare: "120.50", sails: "2026-05-01", skipperId: "$owner" }
		{ title: "South", boatId: "$heron", fare: 120.5 }
		{ title: "West", boatId: "$heron", fare: "99999999999999999999.01", state: SAILING }
		{ title: "East", boatId: "$tern", fare: "80", sails: "2025-01-31" }
	] }) { voyages { id title } } }`)
	var answer struct {
		CreateVoyages struct{ Voyages []struct{ ID, Title string } }
	}
	if err := json.Unmarshal(data, &answer); err != nil || problems != "" || len(answer.CreateVoyages.Voyages) != 4 {
		t.Fatalf("four voyages are %s, %s %v", data, problems, err)
	}
	for _, voyage := range answer.CreateVoyages.Voyages {
		v.names["$"+voyage.Title] = voyage.ID
	}
}

// explainBoat has a document explained, and refused where it may use too much.
func explainBoat(t *testing.T, p *project) {
	p.write(t, "boat.graphql", boatScreen)
	said := p.shell(t, "./shop explain --max-units 20000 boat.graphql")
	if plain := p.shell(t, "./shop explain boat.graphql"); plain != said {
		t.Errorf("within --max-units it is another:\n%s\n%s", said, plain)
	}
	for _, want := range []string{
		"Boat\n", "objects by id", "a list by boat, state: voyages.by-boatId-state-in-fare.desc-sails", "a count by boat, state: voyages.",
		"node.voyages.edges.node.ports", "in all", "a million of them: $", "without a value: $boat",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("explain does not say %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "add @index") {
		t.Errorf("explain advises an index beside the one that serves:\n%s", said)
	}
	refusal := regexp.MustCompile(`--max-units 10: Boat may use [\d.]+ units\n$`)
	if said := p.fails(t, "./shop explain --max-units 10 boat.graphql"); !refusal.MatchString(said) {
		t.Errorf("beyond --max-units it says %q", said)
	}
}

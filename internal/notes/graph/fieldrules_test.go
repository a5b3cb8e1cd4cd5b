package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/ownqltest"
)

// TestFieldRules wants fields that not everybody may read to be null in payloads, in lists and by fragments
// of interfaces, to be counted by nobody else, and not to be written by who may not.
func TestFieldRules(t *testing.T) {
	server := ownqltest.Start(t, command.App[*store.Store]{Store: store.New, Schema: graph.New})
	ada, buyer := server.SignUp(t, "ada@example.com"), server.SignUp(t, "buyer@example.com", "buyer")
	project, err := server.Store.CreateProject(t.Context(), ada.Caller(), store.CreateProjectInput{Name: "a loom"})
	if err != nil {
		t.Fatal(err)
	}
	const fields = `title price rank remark parts state rest buyer { id }`
	type variables = map[string]any
	wantRefused := func(who *ownqltest.User, document string, input variables, code, field string) {
		t.Helper()
		body := server.Query(t, who, document, variables{"input": input})
		if got := refusalIn(t, body); got.Extensions.Code != code || got.Extensions.Field != field {
			t.Errorf("%s, want %s of %q", body, code, field)
		}
	}
	want := func(what string, who *ownqltest.User, document string, v variables, want string) {
		t.Helper()
		var got, wanted any
		body := server.Query(t, who, document, v)
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		if data, ok := got.(map[string]any); ok {
			got = data["data"]
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("%s: -want +got: %s in %s", what, diff, body)
		}
	}
	const create = `mutation ($input: CreateOfferInput!) { createOffer(input: $input) { offer { ` + fields + ` } offerEdge { node { rank price } } } }`
	offer := func(more variables) variables {
		input := variables{"title": "oak", "price": 7, "parts": []string{}, "projectId": project.GlobalID()}
		for name, value := range more {
			input[name] = value
		}
		return input
	}
	wantRefused(ada, create, offer(variables{"rank": nil}), "FORBIDDEN", "rank")
	wantRefused(ada, create, offer(variables{"state": "taken"}), "FORBIDDEN", "state")
	wantRefused(ada, create, offer(variables{"buyerId": nil}), "FORBIDDEN", "buyerId")
	want("nothing was made", ada, `{ offers { totalCount } }`, nil, `{"offers": {"totalCount": 0}}`)
	want("the maker's own", ada, create, variables{"input": offer(variables{"remark": "good"})},
		`{"createOffer": {"offer": {"title": "oak", "price": 7, "rank": null, "remark": "good", "parts": [], "state": "open", "rest": null, "buyer": null}, "offerEdge": {"node": {"rank": null, "price": 7}}}}`)
	wantRefused(ada, `mutation ($input: CreateOffersInput!) { createOffers(input: $input) { offers { id } } }`,
		variables{"offers": []any{offer(nil), offer(variables{"rank": 1})}}, "FORBIDDEN", "offers[1].rank")
	want("nothing else was made", ada, `{ offers { totalCount } }`, nil, `{"offers": {"totalCount": 1}}`)

	var found struct {
		Offers struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	server.QueryInto(t, buyer, `{ offers { edges { node { id } } } }`, nil, &found)
	id := found.Offers.Edges[0].Node.ID
	const update = `mutation ($input: UpdateOfferInput!) { updateOffer(input: $input) { offer { ` + fields + ` } } }`
	wantRefused(ada, update, variables{"id": id, "title": "elm", "rank": 1}, "FORBIDDEN", "rank")
	wantRefused(ada, update, variables{"id": id, "rank": nil}, "FORBIDDEN", "rank")
	wantRefused(ada, update, variables{"id": id, "increment": variables{"rank": 1}}, "FORBIDDEN", "increment.rank")
	wantRefused(buyer, update, variables{"id": id, "price": nil}, "FORBIDDEN", "price")
	wantRefused(buyer, update, variables{"id": id, "parts": []string{"x"}}, "FORBIDDEN", "parts")
	wantRefused(ada, `mutation ($input: UpdateOffersInput!) { updateOffers(input: $input) { offers { id } } }`,
		variables{"offers": []any{variables{"id": id, "state": "taken"}}}, "FORBIDDEN", "offers[0].state")
	want("what a buyer changes and sees", buyer, update, variables{"input": variables{"id": id, "rank": 3, "state": "taken", "buyerId": model.GlobalID("User", buyer.ID)}},
		`{"updateOffer": {"offer": {"title": "oak", "price": 7, "rank": 3, "remark": null, "parts": null, "state": "taken", "rest": "993", "buyer": {"id": "`+model.GlobalID("User", buyer.ID)+`"}}}}`)
	want("what the maker sees of that", ada, `query ($id: ID!) { node(id: $id) { __typename ... on Offer { version `+fields+` } } }`, variables{"id": id},
		`{"node": {"__typename": "Offer", "version": 2, "title": "oak", "price": 7, "rank": null, "remark": "good", "parts": [], "state": "taken", "rest": null, "buyer": null}}`)

	const counted = `query ($filter: OfferFilter) { offers(filter: $filter) { totalCount edges { node { price } } } }`
	costs := variables{"price": variables{"eq": 7}}
	want("a filter by what is the maker's", ada, counted, variables{"filter": costs}, `{"offers": {"totalCount": 1, "edges": [{"node": {"price": 7}}]}}`)
	stranger := server.SignUp(t, "stranger@example.com")
	for _, filter := range []variables{costs, {"not": costs}} {
		want("a filter by what is hidden", stranger, counted, variables{"filter": filter}, `{"offers": {"totalCount": 0, "edges": []}}`)
	}
	want("all that there is", stranger, counted, nil, `{"offers": {"totalCount": 1, "edges": [{"node": {"price": null}}]}}`)
	body := server.Query(t, ada, counted, variables{"filter": variables{"rank": variables{"eq": 3}}})
	if got := refusalIn(t, body); got.Extensions.Code != "BAD_USER_INPUT" || got.Extensions.Field != "filter.rank" {
		t.Errorf("a filter by what only buyers read: %s", body)
	}
	ranked := `query ($id: ID!) { node(id: $id) { ... on Project { offers(orderBy: { field: RANK_DESC }) { edges { node { title } } } } } }`
	body = server.Query(t, ada, ranked, variables{"id": project.GlobalID()})
	if got := refusalIn(t, body); got.Extensions.Code != "BAD_USER_INPUT" || got.Extensions.Field != "orderBy" {
		t.Errorf("an order by what only buyers read: %s", body)
	}
}

// TestExplainFieldRules wants an explanation to have what the rules of each field read, and nothing for
// fields whose rules the caller alone decides.
func TestExplainFieldRules(t *testing.T) {
	server := ownqltest.Start(t, command.App[*store.Store]{Store: store.New, Schema: graph.New})
	for who, want := range map[string]int{"nobody": 2, "buyer": 2} {
		caller := model.Caller{ID: model.NewID(), Roles: []string{who}}
		all, err := gql.Explain(graph.New(server.Store, nil), `{ offers(first: 10) { edges { node { title price rank remark parts } } } }`, gql.Assumptions{Caller: caller, ItemBytes: 100})
		if err != nil {
			t.Fatal(err)
		}
		steps := 0
		for _, step := range all[0].Steps {
			if strings.HasPrefix(step.What, "for the rules to read Offer.") {
				steps++
			}
		}
		if steps != want { // the project, for the remark and the parts
			t.Errorf("%s: %d steps, want %d", who, steps, want)
		}
	}
}

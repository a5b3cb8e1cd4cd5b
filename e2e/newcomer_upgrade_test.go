//go:build newcomer

package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

const (
	olderTypes = `
enum Mood {
  GOOD
  BAD
}

type Place {
  name: String!
}

type Note implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  title: String!
  mood: Mood! @default(value: "GOOD")
  place: Place
}
`
	newerTypes = `
enum Mood {
  GOOD
  BAD
  UNSURE
}

type Place {
  name: String!
  country: String
}

type Note implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  title: String!
  mood: Mood! @default(value: "GOOD")
  place: Place
  stars: Int! @default(value: "3")
  tags: [String!]
}
`
)

// TestNewcomerUpgrade has two versions of a project serve one store, as they do while the
// newer takes the older's place: what only the newer knows outlives what the older does.
func TestNewcomerUpgrade(t *testing.T) {
	t.Parallel()
	variables := sharedStore(t)
	older := newVersion(t, variables, olderTypes)
	newer := newVersion(t, variables, newerTypes)
	names := map[string]string{}
	before := &visitor{name: "ada", addr: older.addr, names: names}
	before.signUp(t)
	after := &visitor{name: "ada", addr: newer.addr, names: names, token: before.token}

	const all = `{ n: node(id: "$note") { ... on Note { title mood place { name country } stars tags version } } }`
	t.Run("the older reads and changes what the newer made", func(t *testing.T) {
		after.makes(t, "$note", "createNote", `title: "Newer", mood: BAD, place: {name: "London", country: "England"}, stars: 5, tags: ["a", "b"]`)
		before.wants(t, `{ n: node(id: "$note") { ... on Note { title mood place { name } } } }`,
			`{"n":{"title":"Newer","mood":"BAD","place":{"name":"London"}}}`)
		before.wants(t, `mutation { updateNote(input: {id: "$note", title: "Changed"}) { note { title version } } }`,
			`{"updateNote":{"note":{"title":"Changed","version":2}}}`)
		after.wants(t, all, `{"n":{"title":"Changed","mood":"BAD","place":{"name":"London","country":"England"},"stars":5,"tags":["a","b"],"version":2}}`)
	})
	t.Run("a value of an enum that the older does not know", func(t *testing.T) {
		after.wants(t, `mutation { updateNote(input: {id: "$note", mood: UNSURE}) { note { mood } } }`, `{"updateNote":{"note":{"mood":"UNSURE"}}}`)
		before.wants(t, `mutation { updateNote(input: {id: "$note", title: "Again"}) { note { title } } }`, `{"updateNote":{"note":{"title":"Again"}}}`)
		before.wants(t, `{ n: node(id: "$note") { ... on Note { mood } } }`, `{"n":{"mood":"UNSURE"}}`)
		after.wants(t, all, `{"n":{"title":"Again","mood":"UNSURE","place":{"name":"London","country":"England"},"stars":5,"tags":["a","b"],"version":4}}`)
	})
	t.Run("an object inside is one value", func(t *testing.T) {
		before.wants(t, `mutation { updateNote(input: {id: "$note", place: {name: "Paris"}}) { note { place { name } } } }`, `{"updateNote":{"note":{"place":{"name":"Paris"}}}}`)
		after.wants(t, all, `{"n":{"title":"Again","mood":"UNSURE","place":{"name":"Paris","country":null},"stars":5,"tags":["a","b"],"version":5}}`)
	})
	t.Run("the older deletes what the newer made", func(t *testing.T) {
		before.wants(t, `mutation { deleteNote(input: {id: "$note"}) { note { title } } }`, `{"deleteNote":{"note":{"title":"Again"}}}`)
		after.wants(t, all, `{"n":null}`)
	})
	t.Run("the newer reads and changes what the older made", func(t *testing.T) {
		before.makes(t, "$note", "createNote", `title: "Older", place: {name: "London"}`)
		after.wants(t, all, `{"n":{"title":"Older","mood":"GOOD","place":{"name":"London","country":null},"stars":3,"tags":null,"version":1}}`)
		after.wants(t, `mutation { updateNote(input: {id: "$note", tags: []}) { note { tags stars } } }`, `{"updateNote":{"note":{"tags":[],"stars":3}}}`)
		before.wants(t, `mutation { updateNote(input: {id: "$note", mood: BAD}) { note { mood } } }`, `{"updateNote":{"note":{"mood":"BAD"}}}`)
		after.wants(t, all, `{"n":{"title":"Older","mood":"BAD","place":{"name":"London","country":null},"stars":3,"tags":[],"version":3}}`)
	})
	t.Run("an attribute of a user", func(t *testing.T) {
		client := dynamodb.New(dynamodb.Options{
			Region:       variables["AWS_REGION"],
			Credentials:  awscredentials.NewStaticCredentialsProvider(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], ""),
			BaseEndpoint: aws.String(variables["AWS_ENDPOINT_URL_DYNAMODB"]),
		})
		id := model.LocalID("User", before.id(t))
		users := dynamo.NewFromIface(client).Table(variables["OWNQL_TABLE_PREFIX"] + "users")
		if err := users.Update("id", id).Set("nickname", "Countess").If("attribute_exists(id)").Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		before.wants(t, `mutation { updateViewer(input: {lastName: "Lovelace"}) { user { lastName version } } }`, `{"updateViewer":{"user":{"lastName":"Lovelace","version":2}}}`)
		var item map[string]any
		if err := users.Get("id", id).Consistent(true).One(t.Context(), &item); err != nil || item["nickname"] != "Countess" {
			t.Errorf("%v, %v: the nickname is gone", item, err)
		}
	})
}

// newVersion builds a project with these types beside the starter's, and serves a store with it.
func newVersion(t *testing.T, variables map[string]string, types string) *project {
	t.Helper()
	p := newProject(t)
	for name, value := range variables {
		p.env = append(p.env, name+"="+value)
	}
	p.write(t, "schema.graphqls", p.read(t, "schema.graphqls")+types)
	p.shell(t, "go generate ./... && go build && ./shop tables")
	p.serve(t, "")
	return p
}
